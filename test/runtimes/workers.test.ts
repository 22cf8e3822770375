import { randomBytes } from 'node:crypto'
import { access, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { migrate as migrateMysql } from 'otpkit/databases/mysql'
import { migrate } from 'otpkit/databases/postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installClients } from '../clients/installed'
import { testNotRun } from '../not-run'
import { mariadbUrl, ownName, postgresUrl, redisUrl } from '../servers/shared'
import { createProject, installRuntimes, type Project } from './build'
import { bundlePage, bundleWorker } from './bundle'
import { codeUnder } from './page'
import { openWorker, type Worker } from './run'

const installed = await installRuntimes()
const problem = 'problem' in installed ? installed.problem : await installClients()

/** Databases of their own, of PostgreSQL and MariaDB, and stand-ins for hosts. */
async function openDatabases() {
  const { relayNeonHttp, relayUpstash } = await import('../clients/relays')
  const name = ownName('workers')
  const inOwn = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` })
  const [postgresAdmin, mysqlAdmin] = [await postgresUrl(), await mariadbUrl()]
  const first = new pg.Client({ connectionString: postgresAdmin })
  await first.connect()
  await first.query(`CREATE DATABASE "${name}"`)
  await first.end()
  const postgres = inOwn(postgresAdmin)
  const own = new pg.Client({ connectionString: postgres.href })
  await own.connect()
  await migrate(own)
  await own.end()
  const admin = await createConnection(mysqlAdmin)
  await admin.query(`CREATE DATABASE \`${name}\``)
  await admin.query(`USE \`${name}\``)
  await migrateMysql(admin)
  await admin.end()
  // Hyperdrive, and its stand-in, want a password, whatever it is.
  const hyperdrive = Object.assign(new URL(postgres), { password: 'any' })
  const relays = [await relayNeonHttp(postgres.href), await relayUpstash(await redisUrl())] as const
  return {
    hyperdrive: hyperdrive.href,
    bindings: {
      POSTGRES: postgres.href,
      MYSQL: inOwn(mysqlAdmin).href,
      REDIS: await redisUrl(),
      NEON: relays[0].url,
      UPSTASH: relays[1].url,
    },
    close: async () => {
      for (const relay of relays) await relay.close()
    },
  }
}

// mysql2 may be silent for the minute after which it is given up: test/databases/mysql-faults.test.ts.
const faultsSoon = ['a Client of pg', 'postgres.js', 'ioredis', 'node-redis']
const overTcp = [...faultsSoon, 'mysql2', 'a Pool of pg', 'a Client of pg, by Hyperdrive']
const overHttp = ['neon()', '@upstash/redis']
const right = [false, true, false]

if (problem !== undefined || 'problem' in installed) {
  testNotRun('workers with a database', problem ?? '')
} else {
  const { folder: runtimes } = installed
  let project: Project
  let databases: Awaited<ReturnType<typeof openDatabases>>
  beforeAll(async () => {
    await access(join(runtimes, 'miniflare'))
    project = await createProject(['pg', 'redis'])
    const upstash = resolve('test/clients/node_modules/@upstash')
    await symlink(upstash, join(project.folder, 'node_modules', '@upstash'))
    databases = await openDatabases()
  }, 300_000)
  afterAll(async () => {
    await databases?.close()
    await project?.remove()
  })

  describe('the page', () => {
    it.each([
      ['PostgreSQL', ['nodejs_compat']],
      ['Redis', ['nodejs_compat']],
      ['Upstash or Neon', []],
    ])('the page of workers, %s', { timeout: 300_000 }, async (heading, flags) => {
      const file = `${heading.split(' ')[0]}.ts`
      await writeFile(join(project.folder, file), codeUnder('docs/hosting/workers.md', heading))
      const { UPSTASH, REDIS } = databases.bindings
      const worker = openWorker(runtimes, {
        script: await bundlePage(project.folder, file),
        flags,
        bindings: {
          OTP_SECRET: 'a-secret-for-tests-only-0123456789abcdef',
          REDIS_URL: REDIS,
          UPSTASH_REDIS_REST_URL: UPSTASH,
          UPSTASH_REDIS_REST_TOKEN: 'token',
        },
        hyperdrives: { HYPERDRIVE: databases.hyperdrive },
      })
      const ask = () => {
        const bytes = randomBytes(8)
        const headers = { 'cf-connecting-ip': `10.${[...bytes.subarray(0, 3)].join('.')}` }
        return worker.ask(`/?to=${bytes.toString('hex')}@example.com`, headers)
      }
      try {
        expect(await ask()).toBe('true')
        expect(await ask()).toBe('true')
        expect(await Promise.all([ask(), ask(), ask(), ask()])).toEqual(Array(4).fill('true'))
      } finally {
        await worker.close()
      }
    })
  })

  describe('a client', () => {
    let worker: Worker
    beforeAll(async () => {
      const contents = `export { default } from '../clients/workers'`
      worker = openWorker(runtimes, {
        script: await bundleWorker(project.folder, contents),
        flags: ['nodejs_compat'],
        bindings: databases.bindings,
        hyperdrives: { HYPERDRIVE: databases.hyperdrive },
      })
    })
    afterAll(() => worker?.close())

    const ask = async (client: string, made: 'each' | 'once') =>
      JSON.parse(await worker.ask(`/?${new URLSearchParams({ client, made })}`))

    it.concurrent.each([...overTcp, ...overHttp])('%s, made for each request', async (client) => {
      expect(await ask(client, 'each')).toEqual(right)
      const asks = [1, 2, 3].map(() => ask(client, 'each'))
      expect(await Promise.all(asks)).toEqual(asks.map(() => right))
    })

    it.concurrent.each(overHttp)('%s, made once', async (client) => {
      const asks = [1, 2, 3, 4, 5, 6].map(() => ask(client, 'once'))
      expect(await Promise.all(asks)).toEqual(asks.map(() => right))
    })

    it.concurrent.each(faultsSoon)(
      '%s, made once, is a fault in the second request',
      async (client) => {
        expect(await ask(client, 'once')).toEqual(right)
        expect(await ask(client, 'once')).toMatch(
          /^OtpError: .*(make the client for each request|on behalf of a different request)/,
        )
      },
    )
  })
}
