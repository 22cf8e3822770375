import { readdir, readFile } from 'node:fs/promises'

// Linux counts processor time in hundredths of a second, whatever the machine.
const ticks = 100

/**
 * Seconds of processor time that these programs have used, the ones that they started included;
 * `undefined` where Linux's `/proc` does not tell.
 */
export async function processorSeconds(pids: readonly number[]): Promise<number | undefined> {
  try {
    let used = 0
    for (const pid of await withChildren(pids)) {
      const fields = await statOf(pid)
      // user, system, and both of the children that have ended and were waited for
      for (const index of [11, 12, 13, 14]) used += Number(fields[index] ?? 0)
    }
    return used / ticks
  } catch {
    return undefined
  }
}

/** The name that the system knows the program by. */
export function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
}

/** The process that started this one. */
export async function parentOf(pid: number): Promise<number> {
  return Number((await statOf(pid))[1])
}

async function withChildren(pids: readonly number[]): Promise<number[]> {
  const entries = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  const parents = await Promise.all(
    entries.map(async (pid) => ({ pid, parent: await parentOf(pid).catch(() => 0) })),
  )
  const children = parents.filter(({ parent }) => pids.includes(parent)).map(({ pid }) => pid)
  return [...pids, ...children]
}

// The fields after the name, which stands in brackets and may hold spaces.
async function statOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
