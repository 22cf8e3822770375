import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
// Programs are compiled or downloaded for these, and nothing of the others is run.
const built = ['better-sqlite3']

/** Why the clients of this folder are not there; `undefined` once they are. Installs them once. */
export function installClients(): Promise<string | undefined> {
  return installPackages('test/clients', built)
}

/** Why the packages of a folder's lock are not there; `undefined` once they are. Installs them once. */
export async function installPackages(
  name: string,
  rebuilt: readonly string[] = [],
): Promise<string | undefined> {
  const folder = resolve(name)
  const installed = join(folder, 'node_modules', '.installed')
  const lock = await readFile(join(folder, 'package-lock.json'), 'utf8')
  if ((await readFile(installed, 'utf8').catch(() => '')) === lock) return undefined
  console.log(`Installing the packages of ${name} with npm ci for the tests.`)
  const npm = 'npm ci --no-audit --no-fund --ignore-scripts --fetch-retries=6'
  const rebuild = rebuilt.length === 0 ? 'true' : `npm rebuild ${rebuilt.join(' ')}`
  const mark = 'cp package-lock.json node_modules/.installed'
  const script = `cmp -s package-lock.json node_modules/.installed || { ${npm} && ${rebuild} && ${mark}; }`
  try {
    // The lock keeps two test files from installing at once, and holds until the mark is there.
    await run(
      'flock',
      [join(tmpdir(), `otpkit-${name.replaceAll('/', '-')}.lock`), 'sh', '-c', script],
      {
        cwd: folder,
        timeout: 600_000,
        maxBuffer: 64 * 1024 * 1024,
      },
    )
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 2_000) : String(error)
  }
}
