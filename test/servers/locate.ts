import { execFile } from 'node:child_process'
import { access, constants, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A program that a test needs, and where to look for it. */
export interface WantedProgram {
  /** For people: `PostgreSQL`. */
  readonly name: string
  /** Names of the program, the first found is used. */
  readonly binaries: readonly string[]
  /** Where else to look than in `PATH`. */
  readonly folders?: readonly string[]
  /** Debian's package, or several with spaces between them. */
  readonly apt: string
  /** Environment variable that says what to use instead. */
  readonly variable: string
}

/** A server that a test needs, and every way to come by it. */
export interface Wanted extends WantedProgram {
  readonly image: string
}

/** Where a server comes from. */
export type Source =
  | { readonly from: 'binary'; readonly path: string }
  | { readonly from: 'docker'; readonly image: string }

/**
 * A program on this machine, else one that apt-get installs (when root), else Docker.
 * @throws when there is no way, with what to install or set.
 */
export async function locate(wanted: Wanted): Promise<Source> {
  const { path, problems } = await findOrInstall(wanted)
  if (path !== undefined) return { from: 'binary', path }
  if (await works('docker', ['version', '--format', '{{.Server.Version}}'])) {
    return { from: 'docker', image: wanted.image }
  }
  throw missing(wanted, 'start Docker, ', problems)
}

/**
 * The path of a program on this machine, else of one that apt-get installs (when root).
 * @throws when there is no way, with what to install or set.
 */
export async function locateProgram(wanted: WantedProgram): Promise<string> {
  const { path, problems } = await findOrInstall(wanted)
  if (path === undefined) throw missing(wanted, '', problems)
  return path
}

async function findOrInstall(
  wanted: WantedProgram,
): Promise<{ readonly path?: string | undefined; readonly problems: readonly string[] }> {
  const present = await findBinary(wanted)
  if (present !== undefined) return { path: present, problems: [] }
  if (process.getuid?.() !== 0 || !(await works('apt-get', ['--version']))) return { problems: [] }
  try {
    await installQuietly(wanted.apt)
    return { path: await findBinary(wanted), problems: [] }
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] }
  }
}

function missing(wanted: WantedProgram, orElse: string, problems: readonly string[]): Error {
  return new Error(
    [
      `${wanted.name} is needed by this test and was not found.`,
      `Install it (Debian: ${wanted.apt}), ${orElse}or set ${wanted.variable}.`,
      ...problems,
    ].join('\n'),
  )
}

/** The path of the first of these programs that this machine has. */
export async function findBinary(wanted: Pick<WantedProgram, 'binaries' | 'folders'>) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  for (const folder of [...folders, ...(wanted.folders ?? [])]) {
    for (const binary of wanted.binaries) {
      const path = join(folder, binary)
      if (await isExecutable(path)) return path
    }
  }
  return undefined
}

/** Debian keeps PostgreSQL's programs out of `PATH`, in one folder a version; newest first. */
export async function postgresFolders(): Promise<string[]> {
  const root = '/usr/lib/postgresql'
  const versions = await readdir(root).catch(() => [])
  return versions
    .sort((left, right) => Number(right) - Number(left))
    .map((version) => join(root, version, 'bin'))
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function works(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, args, { timeout: 10_000 }).then(
    () => true,
    () => false,
  )
}

// The lock keeps two test files from installing at once. The policy file keeps the package from
// starting a system service, and is removed again unless the machine had its own.
async function installQuietly(apt: string): Promise<void> {
  const script = `
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod +x "$policy"
      trap 'rm -f "$policy"' EXIT
    fi
    apt-get update && apt-get install -y --no-install-recommends $1`
  console.log(`Installing ${apt} with apt-get for the tests.`)
  await run('flock', [join(tmpdir(), 'otpkit-apt.lock'), 'sh', '-c', script, 'sh', apt], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 600_000,
    maxBuffer: 64 * 1024 * 1024,
  })
}
