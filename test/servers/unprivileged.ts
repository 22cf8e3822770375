import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Account } from './process'

const run = promisify(execFile)

/** An account for programs that refuse to run as root; none where the tests do not. */
export async function unprivileged(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const uid = await run('id', ['-u', name])
      const gid = await run('id', ['-g', name])
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
    } catch {
      // This machine has no such account; try the next.
    }
  }
  throw new Error('This program does not run as root, and there is no account postgres or nobody.')
}
