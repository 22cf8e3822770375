import { execFile } from 'node:child_process'
import { access, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { builtPackage } from '../servers/shared'

const run = promisify(execFile)
const home = resolve('test/runtimes')

/** Programs and packages of `test/runtimes/package.json`, or why they could not be had. */
export type Installed = { readonly folder: string } | { readonly problem: string }

/**
 * Installs them the first time, and keeps them. They are apart from the repository's own, so that
 * `npm ci` stays small.
 */
export async function installRuntimes(): Promise<Installed> {
  const stamp = 'node_modules/.otpkit-installed'
  const script = `cmp -s package-lock.json ${stamp} ||
    { npm ci --no-audit --no-fund --fetch-retries=6 && cp package-lock.json ${stamp}; }`
  try {
    // The lock keeps two test files from installing at once.
    await run('flock', [join(tmpdir(), 'otpkit-runtimes.lock'), 'sh', '-c', script], {
      cwd: home,
      timeout: 400_000,
      maxBuffer: 64 * 1024 * 1024,
    })
    return { folder: join(home, 'node_modules') }
  } catch (error) {
    return { problem: `npm ci in test/runtimes: ${String(error).slice(0, 400)}` }
  }
}

/** Whether a file is there. */
export const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/** The packed package in an empty project, beside the packages that a test asks for. */
export interface Project {
  readonly folder: string
  remove(): Promise<void>
}

/** An empty project with the built package, which a test run builds once. */
export async function createProject(packages: readonly string[] = []): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'otpkit-runtimes-'))
  await mkdir(join(folder, 'node_modules'))
  await cp(await builtPackage(), join(folder, 'node_modules', 'otpkit'), { recursive: true })
  for (const name of ['zod', 'libphonenumber-js', ...packages]) {
    await symlink(resolve('node_modules', name), join(folder, 'node_modules', name))
  }
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'project', private: true, type: 'module' }),
  )
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
