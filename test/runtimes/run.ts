import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundleTests, bundleWorker } from './bundle'
import { entryOf, type Task } from './entry'
import type { Outcome } from './vitest'
import type { Exchanged } from './work'

const run = promisify(execFile)
const maxBuffer = 32 * 1024 * 1024

/** What there is to run on. */
export interface Host {
  /** Of the project with the packed package. */
  readonly project: string
  /** Of the installed runtimes. */
  readonly runtimes: string
  /** Where tests ask for the run's servers. */
  readonly serversUrl: string
}

/** What a runtime says of itself. */
export interface Answer {
  /** Factories that were made at the top of a module, and the errors of the others. */
  readonly names: readonly string[]
  readonly refused: readonly string[]
  readonly outcomes: Readonly<Record<string, Outcome>>
  readonly exchanged: Exchanged
}

function environmentOf(host: Host) {
  return { NODE_ENV: 'test', OTPKIT_SERVERS_URL: host.serversUrl }
}

/** Runs the task by a program that has files, and prints. */
export async function runProgram(
  host: Host,
  task: Task,
  path: string,
  ...flags: readonly string[]
): Promise<Answer> {
  const tests = await bundleTests(host.project, entryOf(task, 'printed'), path.replaceAll('/', '-'))
  const { stdout } = await run(join(host.runtimes, path), [...flags, tests], {
    env: { ...process.env, ...environmentOf(host), NO_COLOR: '1' },
    maxBuffer,
  })
  return printed(stdout)
}

/** Runs the task inside a test of Jest, whose errors are of another realm. */
export async function runJest(host: Host, task: Task, format: 'esm' | 'cjs'): Promise<Answer> {
  const tests = await bundleTests(host.project, entryOf(task, 'exported'), 'jest', format)
  const file = join(host.project, `answer-${format}.json`)
  const imported = format === 'esm' ? 'import { answer } from' : 'const { answer } = require('
  const end = format === 'esm' ? '' : ')'
  const extension = format === 'esm' ? 'mjs' : 'cjs'
  await writeFile(
    join(host.project, `jest.${extension}`),
    `${imported}'${tests}'${end}
     test('answers', async () => {
       const { writeFileSync } = process.getBuiltinModule('node:fs')
       writeFileSync('${file}', JSON.stringify(await answer()))
     }, 390_000)`,
  )
  const config = JSON.stringify({
    rootDir: host.project,
    testMatch: [`<rootDir>/jest.${extension}`],
    moduleFileExtensions: ['js', 'cjs', 'mjs', 'json'],
    transform: {},
  })
  const jest = join(host.runtimes, 'jest/bin/jest.js')
  await run(process.execPath, ['--experimental-vm-modules', jest, '--config', config, '-i'], {
    cwd: host.project,
    env: { ...process.env, ...environmentOf(host) },
    maxBuffer,
  })
  return JSON.parse(await readFile(file, 'utf8'))
}

/** Runs the task in a worker of workerd, made and asked by Miniflare. */
export async function runWorker(
  host: Host,
  task: Task,
  ...flags: readonly string[]
): Promise<Answer> {
  const script = await bundleWorker(host.project, entryOf(task, 'module worker'))
  const text = await askWorker(host.runtimes, { script, flags, bindings: environmentOf(host) }, '/')
  return JSON.parse(text)
}

/** What a worker is made of. */
interface WorkerSettings {
  readonly script: string
  readonly flags: readonly string[]
  readonly bindings: Readonly<Record<string, string>>
  /** Databases, each behind the stand-in for Hyperdrive. */
  readonly hyperdrives?: Readonly<Record<string, string>>
}

/** A worker that serves any number of requests. */
export interface Worker {
  /** What it answers to a GET. */
  ask(path: string, headers?: Readonly<Record<string, string>>): Promise<string>
  close(): Promise<void>
}

export function openWorker(
  runtimes: string,
  { script, flags, bindings, hyperdrives = {} }: WorkerSettings,
): Worker {
  const { Miniflare } = createRequire(join(runtimes, 'any.js'))('miniflare')
  const worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.mjs', contents: script }],
    compatibilityDate: '2026-04-20',
    compatibilityFlags: flags,
    bindings,
    hyperdrives,
    // It would ask Cloudflare what to say of the caller's place.
    cf: false,
  })
  return {
    ask: async (path, headers = {}) => {
      const response = await worker.dispatchFetch(`http://worker.example${path}`, { headers })
      const text: string = await response.text()
      if (response.status !== 200) throw new Error(text.slice(0, 2_000))
      return text
    },
    close: () => worker.dispose(),
  }
}

/** What a worker answers to a GET. */
export async function askWorker(
  runtimes: string,
  settings: WorkerSettings,
  path: string,
): Promise<string> {
  const worker = openWorker(runtimes, settings)
  try {
    return await worker.ask(path)
  } finally {
    await worker.close()
  }
}

/** Runs the task in the edge runtime, where reading `process.getBuiltinModule` throws. */
export async function runEdge(host: Host, task: Task): Promise<Answer> {
  const script = await bundleWorker(host.project, entryOf(task, 'event listener'), 'iife')
  return JSON.parse(await askEdge(host, script))
}

/** What a script in the edge runtime answers to a GET. */
export async function askEdge(
  host: Pick<Host, 'project' | 'runtimes'>,
  script: string,
): Promise<string> {
  const file = join(host.project, 'edge.js')
  await writeFile(file, script)
  const program = resolve('test/runtimes/edge-host.cjs')
  const { stdout } = await run(process.execPath, [program, host.runtimes, file], { maxBuffer })
  return stdout.slice(stdout.lastIndexOf('\n@') + 2)
}

/** What a program printed last, after what its tests printed. */
function printed(stdout: string): Answer {
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n@') + 2))
}
