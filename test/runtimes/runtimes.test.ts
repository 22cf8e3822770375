import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { access, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type ProviderServer, startProviderServer } from '../deliveries/provider-server'
import { testNotRun } from '../not-run'
import { createProject, installRuntimes, type Project } from './build'
import { clients } from './bundle'
import { runtimeKinds } from './kinds'
import { matrixFiles, rowOf, rowsIn, withRows } from './matrix'
import type { Outcome } from './vitest'

const installed = await installRuntimes()
/** By the names of runtimes, as far as they were run. */
const rows = new Map<string, string>()

let project: Project
let provider: ProviderServer
let unreachable = ''

beforeAll(async () => {
  project = await createProject(clients)
  await symlink(resolve('test/data'), join(project.folder, 'data'))
  unreachable = await addressOfNobody()
  provider = await startProviderServer()
  let code = ''
  provider.behave(({ path, body }) => {
    if (path.startsWith('/refuses')) return { status: 429, json: { name: 'rate_limit_exceeded' } }
    if (path.endsWith('/code')) return { json: { code } }
    code = /\b(\d{6})\b/.exec(body)?.[1] ?? code
    return { json: { id: 'an-id' } }
  })
}, 500_000)

afterAll(async () => {
  await provider?.close()
  await project?.remove()
})

/** An address at which nobody listens any more. */
async function addressOfNobody(): Promise<string> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  await new Promise((closed) => server.close(closed))
  return `http://127.0.0.1:${address.port}`
}

/** Every factory that a subpath exports. What it does at once, as `migrate` does, is no factory. */
const factories = ['databases', 'stores', 'rate-limiters', 'deliveries', 'receipts']
  .flatMap((folder) => readdirSync(`src/${folder}`).map((file) => `src/${folder}/${file}`))
  .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/^export function (\w+)/gm)])
  .flatMap(([, name = '']) => (name === 'schema' ? [] : [name]))
  .concat('OtpManager', 'fromEnvironment')

describe('the same build and the same tests', () => {
  for (const kind of runtimeKinds) {
    if ('problem' in installed) {
      testNotRun(kind.name, installed.problem)
      continue
    }
    const { folder: runtimes } = installed
    it(`on ${kind.name}`, { timeout: 120_000 }, async () => {
      await access(join(runtimes, kind.package))
      const host = { project: project.folder, runtimes, serversUrl: inject('serversUrl') }
      const task = { suites: kind.suites, provider: provider.url, unreachable }
      const { names, refused, outcomes, exchanged } = await kind.run(host, task)
      const refuses = kind.refuses ?? []
      expect(refused.filter((text) => !refuses.some((name) => text.startsWith(name)))).toEqual([])
      expect([...names, ...refuses].sort()).toEqual(factories.toSorted())
      expectSound(outcomes, kind.differences)
      expect(exchanged).toMatchObject({ sent: true, wrong: false, verified: 1, afterRefusal: true })
      rows.set(kind.name, rowOf(kind, exchanged))
    })
  }
})

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

describe('the matrix', () => {
  const names = runtimeKinds.map(({ name }) => name)

  it.each(matrixFiles)('in %s says what was seen', (file) => {
    console.info([...rows.values()].join('\n'))
    const text = readFileSync(file, 'utf8')
    const right = withRows(text, rows, names)
    if (process.env.OTPKIT_WRITE_MATRIX) writeFileSync(file, right)
    else expect(text).toBe(right)
    expect(rowsIn(right).map((row) => row.split(' | ')[0])).toEqual(
      names.map((name) => `| ${name}`),
    )
  })
})
