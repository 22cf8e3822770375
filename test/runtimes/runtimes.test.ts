import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { access, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type ProviderServer, startProviderServer } from '../deliveries/provider-server'
import { testNotRun } from '../not-run'
import { freePort } from '../servers/process'
import { createProject, installRuntimes, type Project } from './build'
import { clients } from './bundle'
import { runtimeKinds } from './kinds'
import { matrixFile, rowOf, rowsIn, withRows } from './matrix'
import type { Outcome } from './vitest'

const { exports: exported } = JSON.parse(readFileSync('package.json', 'utf8'))
const installed = await installRuntimes()
/** By the names of runtimes, as far as they were run. */
const rows = new Map<string, string>()

let project: Project
let provider: ProviderServer
let unreachable = ''

beforeAll(async () => {
  project = await createProject(clients)
  await symlink(resolve('test/data'), join(project.folder, 'data'))
  unreachable = `http://127.0.0.1:${await freePort()}`
  provider = await startProviderServer()
  const codes = new Map<string, string>()
  // Every runtime has a folder of its own, since two are run at a time.
  provider.behave(({ path, body }) => {
    const [, folder = '', ...rest] = path.split('/')
    if (rest.includes('refuses')) return { status: 429, json: { name: 'rate_limit_exceeded' } }
    if (rest.includes('code')) return { json: { code: codes.get(folder) } }
    const [, code] = /\b(\d{6})\b/.exec(body) ?? []
    if (code !== undefined) codes.set(folder, code)
    return { json: { id: 'an-id' } }
  })
}, 500_000)

afterAll(async () => {
  await provider?.close()
  await project?.remove()
})

/** The folders of `src` that subpaths are made of. */
const published = Object.keys(exported)
  .filter((path) => path.endsWith('/*'))
  .map((path) => path.slice('./'.length, -'/*'.length))

/** Every factory that a subpath exports. What it does at once, as `migrate` does, is no factory. */
const factories = new Set(
  published
    .flatMap((folder) => readdirSync(`src/${folder}`).map((file) => `src/${folder}/${file}`))
    .concat('src/receipts.ts', 'src/http/to-node-handler.ts', 'src/from-environment.ts')
    .concat('src/dashboard/create-dashboard.ts', 'src/dashboard/alarms.ts')
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/^export function (\w+)/gm)])
    .flatMap(([, name = '']) => (name === 'schema' ? [] : [name]))
    .concat('OtpManager'),
)

// Two at a time, as many as CI has cores.
const pairs = runtimeKinds.flatMap((kind, index) =>
  index % 2 === 0 ? [[kind, ...runtimeKinds.slice(index + 1, index + 2)]] : [],
)

describe.each(pairs.map((pair) => ({ pair })))('the same build and the same tests', ({ pair }) => {
  for (const kind of pair) {
    if ('problem' in installed) {
      testNotRun(kind.name, installed.problem)
      continue
    }
    const { folder: runtimes } = installed
    it.concurrent(`on ${kind.name}`, { timeout: 400_000 }, async () => {
      await access(join(runtimes, kind.package))
      const host = { project: project.folder, runtimes, serversUrl: inject('serversUrl') }
      const { names, refused, outcomes, exchanged } = await kind.run(host, {
        suites: kind.suites,
        provider: `${provider.url}/${runtimeKinds.indexOf(kind)}`,
        unreachable,
      })
      const refuses = kind.refuses ?? []
      expect(refused.filter((text) => !refuses.some((name) => text.startsWith(name)))).toEqual([])
      expect([...names, ...refuses].sort()).toEqual([...factories].sort())
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

  it('says what was seen', () => {
    console.info([...rows.values()].join('\n'))
    const text = readFileSync(matrixFile, 'utf8')
    const right = withRows(text, rows, names)
    if (process.env.OTPKIT_WRITE_MATRIX) writeFileSync(matrixFile, right)
    else expect(text).toBe(right)
    expect(rowsIn(right).map((row) => row.split(' | ')[0])).toEqual(
      names.map((name) => `| ${name}`),
    )
  })
})
