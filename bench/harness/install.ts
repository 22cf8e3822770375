import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { isRecord } from './values'

const run = promisify(execFile)
const programs = ['worker', 'first-call', 'charts'] as const

/** The packed library and its peers, installed as an application would. */
export interface Installation {
  readonly folder: string
  /** The path of a program of `bench/installed`, which runs there. */
  program(name: (typeof programs)[number]): string
  /** The version of a package that is installed there. */
  version(name: string): Promise<string>
  remove(): Promise<void>
}

/** Packs the library, installs it in a new folder beside the peers, and compiles the programs. */
export async function install(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'otpkit-bench-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  try {
    await run('npm', ['pack', '--pack-destination', folder], { maxBuffer: 2 ** 26 })
    const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
    if (tarball === undefined) throw new Error('npm pack has made no file')
    for (const name of [
      'package.json',
      'package-lock.json',
      'protocol.ts',
      'random.ts',
      'installed',
    ]) {
      await cp(join('bench', name), join(folder, name), { recursive: true })
    }
    await run('npm', ['ci', '--ignore-scripts', ...quiet], { cwd: folder })
    await run('npm', ['install', '--ignore-scripts', ...quiet, `./${tarball}`], { cwd: folder })
    const sources = programs.map((name) => `installed/${name}.ts`)
    const how = ['--format', 'esm', '--target', 'node20', '--out-dir', 'built', '--no-config']
    const tsup = resolve('node_modules/tsup/dist/cli-default.js')
    await run(process.execPath, [tsup, ...sources, ...how], { cwd: folder })
  } catch (error) {
    await remove()
    throw error
  }
  return {
    folder,
    program: (name) => join(folder, 'built', `${name}.js`),
    async version(name) {
      const path = join(folder, 'node_modules', name, 'package.json')
      const described: unknown = JSON.parse(await readFile(path, 'utf8'))
      return isRecord(described) ? String(described.version) : ''
    },
    remove,
  }
}
