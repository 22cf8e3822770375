import { execFile } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProviderServer, startProviderServer } from '../deliveries/provider-server'
import { byOptions } from '../factory-calls'
import { createProject, exists, type Installed, installRuntimes, type Project } from './build'
import { bundleTests, bundleWorker } from './bundle'
import { expectRow } from './matrix'
import type { Outcome } from './vitest'

const run = promisify(execFile)

let installed: Installed
let project: Project
let tests = ''
let provider: ProviderServer
let code = ''

beforeAll(async () => {
  installed = await installRuntimes()
  project = await createProject()
  await symlink(resolve('test/data'), join(project.folder, 'data'))
  tests = await bundleTests(
    project.folder,
    `import { providers, runSuites, signatures, standard } from './suites'
     const outcomes = await runSuites({ ...standard, ...signatures, ...providers })
     console.log('\\n@' + JSON.stringify(outcomes))
     process.exit(0)`,
  )
  provider = await startProviderServer()
  provider.behave(({ path, body }) => {
    if (path.endsWith('/code')) return { json: { code } }
    code = /\b(\d{6})\b/.exec(body)?.[1] ?? code
    return { json: { id: 'an-id' } }
  })
}, 500_000)

afterAll(async () => {
  await provider?.close()
  await project?.remove()
})

interface Program {
  readonly name: string
  readonly path: string
  readonly flags: readonly string[]
  /** Tests that find the runtime's `fetch` to be another one than Node's. */
  readonly differences?: RegExp
}

/** `fetch` is to make a network error of an answer with 407; these hand it on. */
const reads407 = /statuses > S74 every status/
/** Deno asks again, once, when a kept connection closes before the answer. */
const asksAgain = /faults > .* \[1\]/

/** Programs that run the suites, and the flags that they need. */
const programs: readonly Program[] = [
  { name: 'Node 22', path: 'node22/bin/node', flags: [] },
  { name: 'Node 24', path: 'node24/bin/node', flags: [] },
  { name: 'Bun', path: 'bun/bin/bun.exe', flags: ['run'], differences: reads407 },
  {
    name: 'Deno',
    path: 'deno/deno',
    flags: ['run', '--allow-all', '--node-modules-dir=manual'],
    differences: new RegExp(`${reads407.source}|${asksAgain.source}`),
  },
]

describe('the same build and the same tests', () => {
  it.each(programs)(
    'on $name',
    { timeout: 180_000 },
    async ({ name, path, flags, differences }) => {
      const reason = await missing(path)
      if (reason !== undefined) return notRun(name, reason)
      const program = join(folderOf(installed), path)
      const { stdout } = await run(program, [...flags, tests], {
        env: { ...process.env, NODE_ENV: 'test', NO_COLOR: '1' },
        maxBuffer: 32 * 1024 * 1024,
      })
      expectSound(answerIn(stdout), differences)
      expectRow(name, 'core, memory, receipts, deliveries, routes', 'yes')
    },
  )

  it.each([
    // No environment, so no development mode; and two tests use globals of Node.
    {
      name: 'workerd',
      flags: [],
      differences: /NODE_ENV|Buffer is not defined|setImmediate is not defined/,
    },
    { name: 'workerd with nodejs_compat', flags: ['nodejs_compat'] },
  ])('on $name, every factory made at the top of a module', { timeout: 180_000 }, async (row) => {
    const reason = await missing('miniflare/package.json')
    if (reason !== undefined) return notRun(row.name, reason)
    const script = await bundleWorker(project.folder, workerOf())
    const { Miniflare } = createRequire(join(folderOf(installed), 'any.js'))('miniflare')
    const worker = new Miniflare({
      modules: true,
      script,
      compatibilityDate: '2026-01-01',
      compatibilityFlags: row.flags,
      bindings: { NODE_ENV: 'test' },
    })
    try {
      const response = await worker.dispatchFetch('http://worker.example/')
      const text = await response.text()
      expect(response.status, text.slice(0, 600)).toBe(200)
      const { outcomes, exchanged, made } = JSON.parse(text)
      expectSound(outcomes, row.differences)
      expect(made).toBeGreaterThan(35)
      expect(exchanged).toEqual({ sent: true, wrong: false, verified: 1, failover: false })
    } finally {
      await worker.dispose()
    }
    expectRow(row.name, 'core, memory, an exchange over HTTP', 'no')
  })

  it('in the edge runtime, where reading `process.getBuiltinModule` throws', {
    timeout: 180_000,
  }, async () => {
    const reason = await missing('edge-runtime/package.json')
    if (reason !== undefined) return notRun('Edge runtime of Next.js', reason)
    const entry = `${addresses()}
      const answer = (async () => { ${edgeWork} })()
      addEventListener('fetch', (event) =>
        event.respondWith(answer.then((value) => Response.json(value))))`
    const script = await bundleWorker(project.folder, `${imports}\n${entry}`, 'iife')
    const file = join(project.folder, 'edge.js')
    await writeFile(file, script)
    const { stdout } = await run(
      process.execPath,
      [resolve('test/runtimes/edge-host.cjs'), folderOf(installed), file],
      { maxBuffer: 32 * 1024 * 1024 },
    )
    const { outcomes, exchanged } = answerIn(stdout)
    // Two tests use globals of Node. The third counts on a `send` that takes no turn of the event
    // loop, and so on synchronous keyed hashes: here they are WebCrypto's.
    expectSound(
      outcomes,
      /Buffer is not defined|setImmediate is not defined|background > puts everything/,
    )
    expect(exchanged).toEqual({ sent: true, wrong: false, verified: 1, failover: true })
    expectRow('Edge runtime of Next.js', 'core, memory, an exchange over HTTP', 'yes')
  })
})

const imports = `
import { runSuites, standard } from './suites'
import { exchange, made } from './worker'
${Object.keys(byOptions)
  .map((file, index) => `import * as _${index} from 'otpkit/${file}'`)
  .join('\n')}
import { byOptions } from '../factory-calls'
const modules = { ${Object.keys(byOptions)
  .map((file, index) => `'${file}': _${index}`)
  .join(', ')} }
const development = ['consoleDelivery']
const factories = Object.entries(byOptions).flatMap(([file, calls]) =>
  Object.entries(calls).filter(([name]) => !development.includes(name))
    .map(([name, options]) => modules[file][name](...options)))
`

const edgeWork = `
  const outcomes = await runSuites(standard)
  const exchanged = await exchange(PROVIDER, UNREACHABLE)
  return { outcomes, exchanged, made: made.length + factories.length }`

function addresses(): string {
  return `const PROVIDER = '${provider.url}'; const UNREACHABLE = 'http://127.0.0.1:9'`
}

function workerOf(): string {
  return `${imports}
    ${addresses()}
    export default { fetch: async () => Response.json(await (async () => { ${edgeWork} })()) }`
}

/** What a program printed last, after what its tests printed. */
function answerIn(stdout: string) {
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n@') + 2))
}

function folderOf(found: Installed): string {
  if ('problem' in found) throw new Error(found.problem)
  return found.folder
}

/** Why a runtime cannot be run on this machine. */
async function missing(path: string): Promise<string | undefined> {
  if ('problem' in installed) return installed.problem
  return (await exists(join(installed.folder, path))) ? undefined : `there is no ${path}`
}

function notRun(name: string, reason: string): void {
  console.warn(`NOT RUN: ${name}: ${reason}`)
}

function expectSound(outcomes: Readonly<Record<string, Outcome>>, differences?: RegExp): void {
  const failures = Object.entries(outcomes).flatMap(([file, outcome]) =>
    outcome.failures.map((failure) => `${file}: ${failure}`),
  )
  expect(failures.filter((failure) => differences?.test(failure) !== true)).toEqual([])
  for (const [file, { passed }] of Object.entries(outcomes)) {
    expect(passed, file).toBeGreaterThan(0)
  }
  const leftOut = Object.values(outcomes).flatMap((outcome) => outcome.leftOut)
  expect(leftOut.length, leftOut.join('\n')).toBeLessThan(10)
}
