import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const folder = import.meta.dirname
const mark = join(folder, 'node_modules', '.installed')

// Programs are compiled or downloaded for these, and nothing of the others is run.
const built = ['better-sqlite3']

/** Why the clients of this folder are not there; `undefined` once they are. Installs them once. */
export async function installClients(): Promise<string | undefined> {
  const lock = await readFile(join(folder, 'package-lock.json'), 'utf8')
  if ((await readFile(mark, 'utf8').catch(() => '')) === lock) return undefined
  console.log('Installing the clients of test/clients with npm ci for the tests.')
  const npm = 'npm ci --no-audit --no-fund --ignore-scripts'
  const script = `cmp -s package-lock.json node_modules/.installed || { ${npm} && npm rebuild ${built.join(' ')}; }`
  try {
    // The lock keeps two test files from installing at once.
    await run('flock', [join(tmpdir(), 'otpkit-clients.lock'), 'sh', '-c', script], {
      cwd: folder,
      timeout: 600_000,
      maxBuffer: 64 * 1024 * 1024,
    })
    await writeFile(mark, lock)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 2_000) : String(error)
  }
}
