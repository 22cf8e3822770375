import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, freePort } from '../../../test/servers/process'
import { askRedis, startRedis } from '../../../test/servers/redis'
import { ownName, postgresUrl } from '../../../test/servers/shared'
import { startTcpProxy } from '../../../test/servers/tcp-proxy'
import { openCodes } from './codes'
import type { ServerPlace } from './environment'

/** A server of one's own, or at least a database. */
interface CodesServer {
  readonly url: string
  /** Ends every connection, and keeps the data. */
  disconnect(): Promise<unknown>
  stop(): Promise<void>
}

async function openOwnRedis(): Promise<CodesServer> {
  const { url, stop } = await startRedis()
  return { url, disconnect: () => askRedis(url, 'CLIENT', 'KILL', 'TYPE', 'normal'), stop }
}

async function openOwnDatabase(): Promise<CodesServer> {
  const shared = await postgresUrl()
  const admin = new pg.Client({ connectionString: shared })
  await admin.connect()
  const database = ownName('example')
  await admin.query(`CREATE DATABASE ${database}`)
  const ending = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1'
  return {
    url: Object.assign(new URL(shared), { pathname: `/${database}` }).href,
    disconnect: () => admin.query(ending, [database]),
    stop: async () => {
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`)
      await admin.end()
    },
  }
}

/** Each place, and what it says to somebody whom it does not know. */
const places = [
  {
    name: 'Redis',
    variable: 'REDIS_URL',
    scheme: 'redis',
    stranger: /\(WRONGPASS\)/,
    open: openOwnRedis,
  },
  {
    name: 'PostgreSQL',
    variable: 'DATABASE_URL',
    scheme: 'postgres',
    stranger: /\((28000|28P01)\)/,
    open: openOwnDatabase,
  },
] as const

const noLog = () => {}

for (const { name, variable, scheme, stranger, open } of places) {
  describe(`codes in ${name}`, () => {
    let server: CodesServer
    beforeAll(async () => {
      server = await open()
    })
    afterAll(() => server.stop())

    it('outlive a restart, once each', async () => {
      const place: ServerPlace = { name, url: server.url }
      const id = ownName('challenge')
      const first = await openCodes(place, noLog)
      await first.database.put({ id, digest: 'right', attempts: 3, ttlMs: 3_600_000, data: 'mine' })
      expect(await first.database.attempt(id, ['wrong'])).toMatchObject({ attemptsLeft: 2 })
      await first.close()
      const second = await openCodes(place, noLog)
      expect(await second.database.attempt(id, ['right'])).toMatchObject({ data: 'mine' })
      expect(await second.database.attempt(id, ['right'])).toEqual({ outcome: 'used' })
      expect(await second.database.get(id)).toMatchObject({ used: true, attemptsLeft: 0, data: '' })
      await second.close()
    })

    it('outlive a restart together with their limits', async () => {
      const place: ServerPlace = { name, url: server.url }
      const limits = [{ key: ownName('limit'), max: 1, windowMs: 3_600_000 }]
      const first = await openCodes(place, noLog)
      expect(await first.database.take(limits)).toMatchObject({ ok: true })
      await first.close()
      await expect(first.database.take(limits)).rejects.toThrow()
      const second = await openCodes(place, noLog)
      expect(await second.database.take(limits)).toMatchObject({ ok: false })
      await second.close()
    })

    it('are there again after a lost connection, which is logged', async () => {
      const logged: unknown[] = []
      const codes = await openCodes({ name, url: server.url }, (entry) => logged.push(entry))
      await server.disconnect()
      await eventually(async () => expect(logged).not.toEqual([]))
      expect(logged[0]).toMatchObject({ level: 'error', event: 'codes_connection_failed' })
      expect(await eventually(() => codes.database.get('a'))).toBeNull()
      await codes.close()
    })

    const problem = (code: string) =>
      `${variable}: ${name} cannot be used (${code}). ` +
      'Is it up, and are its address, name and password right?'

    it('say that nothing listens there, and log nothing', async () => {
      const logged: unknown[] = []
      const url = `${scheme}://otp:canary@127.0.0.1:${await freePort()}`
      const opening = openCodes({ name, url }, (entry) => logged.push(entry))
      await expect(opening).rejects.toThrow(new Error(problem('ECONNREFUSED')))
      expect(logged).toEqual([])
    })

    it('refuse a stranger, and an address that is none, without a word of it', async () => {
      const refusalOf = (url: string) => openCodes({ name, url }, noLog).then(String, String)
      const asStranger = server.url.replace(/:\/\/(.*@)?/, '://canary:canary@')
      expect(await refusalOf(asStranger)).toMatch(stranger)
      expect(await refusalOf(asStranger)).not.toContain('canary')
      const broken = await refusalOf(`${scheme}://canary:canary@127.0.0.1:canary`)
      expect(broken).toBe(`Error: ${problem('ERR_INVALID_URL')}`)
    })

    it('do not wait for ever for a server that is silent', async () => {
      const proxy = await startTcpProxy(Number(new URL(server.url).port))
      proxy.holdReplies(true)
      const url = Object.assign(new URL(server.url), { port: proxy.port }).href
      await expect(openCodes({ name, url }, noLog, 50)).rejects.toThrow(problem('ETIMEDOUT'))
      await proxy.stop()
    })
  })
}
