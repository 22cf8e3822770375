import { execFile } from 'node:child_process'
import { access, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const home = resolve('test/runtimes')

/** Programs and packages of `test/runtimes/package.json`, or why they could not be had. */
export type Installed = { readonly folder: string } | { readonly problem: string }

/**
 * Installs them the first time, and keeps them. They are apart from the repository's own, so that
 * `npm ci` stays small.
 */
export async function installRuntimes(): Promise<Installed> {
  const folder = join(home, 'node_modules')
  const lock = await readFile(join(home, 'package-lock.json'), 'utf8')
  const stamp = join(folder, '.otpkit-installed')
  if ((await readFile(stamp, 'utf8').catch(() => '')) === lock) return { folder }
  try {
    console.log('Installing the runtimes and bundlers of test/runtimes.')
    await run('npm', ['ci', '--prefix', home, '--no-audit', '--no-fund'], { timeout: 400_000 })
    await writeFile(stamp, lock)
    return { folder }
  } catch (error) {
    return { problem: `npm ci in test/runtimes: ${String(error).slice(0, 200)}` }
  }
}

/** Whether a file is there. */
export const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/** The built package in a project of its own, beside the packages that a test asks for. */
export interface Project {
  readonly folder: string
  remove(): Promise<void>
}

/** Builds the package into an empty project. */
export async function createProject(packages: readonly string[] = []): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'otpkit-runtimes-'))
  const installed = join(folder, 'node_modules', 'otpkit')
  await mkdir(installed, { recursive: true })
  await run('npx', ['--no-install', 'tsup', '--no-dts', '--out-dir', join(installed, 'dist')])
  await cp('package.json', join(installed, 'package.json'))
  for (const name of ['zod', 'libphonenumber-js', ...packages]) {
    await symlink(resolve('node_modules', name), join(folder, 'node_modules', name))
  }
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'project', private: true, type: 'module' }),
  )
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
