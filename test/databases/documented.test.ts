import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { startMariadb } from '../servers/mariadb'
import { startPostgres } from '../servers/postgres'
import { eventually } from '../servers/process'
import { startRedis } from '../servers/redis'
import type { TestServer } from '../servers/server'

// Code of the documents, run as it stands there but for the address, in a process of its own.

interface Documented {
  readonly name: string
  readonly path: string
  /** A line that only this block has. */
  readonly has: string
  readonly address: RegExp
  start(): Promise<TestServer>
}

const rows: readonly Documented[] = [
  {
    name: 'pg',
    path: 'docs/sql.md',
    has: 'export const database = postgres(pool)',
    address: /process\.env\.DATABASE_URL/,
    start: () => startPostgres(),
  },
  {
    name: 'mysql2',
    path: 'docs/sql.md',
    has: 'export const database = mysql(pool)',
    address: /'mysql:[^']*'/,
    start: () => startMariadb(),
  },
  {
    name: 'node-redis',
    path: 'docs/redis.md',
    has: 'disableOfflineQueue: true,',
    address: /'redis:[^']*'/,
    start: () => startRedis(),
  },
  {
    name: 'ioredis',
    path: 'docs/redis.md',
    has: 'export const database = redis(client)\n',
    address: /'redis:[^']*'/,
    start: () => startRedis(),
  },
]

const blocks = async (path: string) =>
  [...(await readFile(path, 'utf8')).matchAll(/^(?: \* )?```ts\n([\s\S]*?)^(?: \* )?```$/gm)].map(
    ([, code = '']) => code.replace(/^ \* ?/gm, ''),
  )

const asking = `
import { createInterface } from 'node:readline'
import { database } from './documented'

console.log('ready')
for await (const _ of createInterface({ input: process.stdin })) {
  await database.get('id').then(
    () => console.log('answered'),
    () => console.log('failed'),
  )
}
`

/** Runs code that exports a database, and asks it. */
async function runDocumented(code: string) {
  const folder = await mkdtemp(join('test', 'documented-'))
  await writeFile(join(folder, 'documented.ts'), code)
  await writeFile(join(folder, 'asking.ts'), asking)
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', `${folder}/asking.ts`], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr?.on('data', (data) => {
    complaints += data
  })
  const exited = once(child, 'exit').then(() => {
    throw new Error(`the process has ended: ${complaints.slice(0, 2_000)}`)
  })
  exited.catch(() => {})
  if (child.stdout === null) throw new Error('no output')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => (await Promise.race([lines.next(), exited])).value
  expect(await next()).toBe('ready')
  return {
    ask: async () => {
      child.stdin?.write('\n')
      return next()
    },
    isRunning: () => child.exitCode === null,
    complaints: () => complaints,
    stop: async () => {
      child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

describe('the documented code', () => {
  it.each(rows)('of $name outlives a restart of its server while nobody uses it', async (row) => {
    const found = (await blocks(row.path)).filter((code) => code.includes(row.has))
    const [code = ''] =
      row.name === 'ioredis' ? found.filter((one) => !one.includes('createClient')) : found
    expect(code).toMatch(row.address)
    const server = await row.start()
    const documented = await runDocumented(code.replace(row.address, JSON.stringify(server.url)))
    try {
      expect(await documented.ask()).toBe('answered')
      await server.kill()
      // It has heard of it, and is still there.
      if (row.name !== 'mysql2') {
        await eventually(async () => expect(documented.complaints()).not.toBe(''))
      }
      expect(await documented.ask()).toBe('failed')
      await server.restart()
      await eventually(async () => expect(await documented.ask()).toBe('answered'))
      expect(documented.isRunning()).toBe(true)
    } finally {
      await documented.stop()
      await server.stop()
    }
  })
})

describe('every example', () => {
  it('of a pool of pg or a client of Redis listens for its errors', async () => {
    const files = (await Promise.all(['docs', 'src'].map((folder) => filesUnder(folder)))).flat()
    const makers =
      /^const (\w+) = new (?:pg\.Pool|Redis|Cluster)\(|^const (\w+) = create(?:Client|Cluster)\(/gm
    const silent: string[] = []
    let heard = 0
    for (const path of ['README.md', ...files]) {
      for (const code of await blocks(path)) {
        for (const [, one, other] of code.matchAll(makers)) {
          const name = one ?? other
          // Over HTTP there is no connection that could break.
          if (code.includes('@upstash/redis')) continue
          if (code.includes(`${name}.on('error', `)) heard += 1
          else silent.push(`${path}: ${name}`)
        }
      }
    }
    expect(silent).toEqual([])
    expect(heard).toBeGreaterThan(12)
  })
})

async function filesUnder(folder: string): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true })
  return paths
    .filter((path) => /\.(md|ts)$/.test(path) && !path.startsWith('reference'))
    .map((path) => join(folder, path))
}
