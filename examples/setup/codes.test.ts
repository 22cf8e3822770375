import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, freePort } from '../../test/servers/process'
import { askRedis, startRedis } from '../../test/servers/redis'
import { ownName, postgresUrl } from '../../test/servers/shared'
import { startTcpProxy } from '../../test/servers/tcp-proxy'
import { type CodesPlace, openCodes } from './codes'
import { company, mail, otherCompany, whatsapp, wrong } from './start-app'
import { addressOf, exitCode, startProcess } from './start-process'

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
      await admin.query(`DROP DATABASE ${database}`)
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

const sms = { contact: '+919876543219', contact_type: 'sms' }
const randomSecret = () => randomBytes(32).toString('base64')
const noLog = () => {}

/** The example in a process of its own, and its API. */
async function run(environment: Readonly<Record<string, string>>) {
  const started = startProcess(environment)
  const address = await addressOf(started)

  async function post(path: string, body: object) {
    const response = await fetch(address + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ purpose: 'operator_registration', ...body }),
    })
    return { status: response.status, body: await response.json() }
  }

  return {
    printed: started.printed,
    receive: async (to: object): Promise<string> => (await post('auth/send-otp', to)).body.data.otp,
    verify: async (body: object) => (await post('auth/verify-otp', body)).status,
    register: async (body: object) => (await post('operators/register', body)).status,
    stop: () => {
      started.child.kill('SIGTERM')
      return exitCode(started.child)
    },
  }
}

for (const { name, variable, scheme, stranger, open } of places) {
  describe(`codes in ${name}`, () => {
    let server: CodesServer
    beforeAll(async () => {
      server = await open()
    })
    afterAll(() => server.stop())

    it('outlive a restart, and so do wrong codes and verified contacts', async () => {
      const environment = { [variable]: server.url, OTP_SECRET: randomSecret() }
      const first = await run(environment)
      const good = await first.receive(whatsapp)
      const guessed = await first.receive(sms)
      expect(await first.verify({ ...sms, otp: wrong(guessed) })).toBe(400)
      expect(await first.verify({ ...sms, otp: wrong(guessed) })).toBe(400)
      const verified = await first.receive(mail)
      expect(await first.verify({ ...mail, otp: verified })).toBe(200)
      expect(await first.stop()).toBe(0)

      const second = await run(environment)
      const registered = { ...whatsapp, otp: good, registration_data: company }
      expect(await second.register(registered)).toBe(201)
      expect(await second.register(registered)).toBe(400)
      const other = { ...mail, otp: verified, registration_data: otherCompany }
      expect(await second.register(other)).toBe(201)
      expect(await second.verify({ ...sms, otp: wrong(guessed) })).toBe(400)
      expect(await second.verify({ ...sms, otp: guessed })).toBe(400)
      expect(await second.stop()).toBe(0)

      expect(second.printed.out).toContain(`kept in ${name}`)
      expect(first.printed.error + second.printed.error).toBe('')
    })

    it('outlive a restart together with their limits', async () => {
      const place: CodesPlace = { name, url: server.url }
      const limits = [{ key: ownName('limit'), max: 1, windowMs: 3_600_000 }]
      const first = await openCodes(place, noLog)
      expect(await first.rateLimiter.take(limits)).toMatchObject({ ok: true })
      await first.close()
      await expect(first.rateLimiter.take(limits)).rejects.toThrow()
      const second = await openCodes(place, noLog)
      expect(await second.rateLimiter.take(limits)).toMatchObject({ ok: false })
      await second.close()
    })

    it('are there again after a lost connection, which is logged', async () => {
      const logged: unknown[] = []
      const codes = await openCodes({ name, url: server.url }, (entry) => logged.push(entry))
      await server.disconnect()
      await eventually(async () => expect(logged).not.toEqual([]))
      expect(logged[0]).toMatchObject({ level: 'error', event: 'codes_connection_failed' })
      expect(await eventually(() => codes.store.get('a'))).toBeNull()
      await codes.close()
    })

    it('do not keep a process alive that cannot listen', async () => {
      const environment = { [variable]: server.url, OTP_SECRET: randomSecret() }
      const { child, printed } = startProcess({ ...environment, HOST: '203.0.113.1' })
      expect(await exitCode(child)).toBe(1)
      expect(printed.error).toContain('HOST and PORT')
    })

    const problem = (code: string) =>
      `${variable}: ${name} cannot be used (${code}). ` +
      'Is it up, and are its address, name and password right?'

    it('keep the example from starting while nothing listens there', async () => {
      const url = `${scheme}://otp:canary@127.0.0.1:${await freePort()}`
      const { child, printed } = startProcess({ [variable]: url, OTP_SECRET: randomSecret() })
      expect(await exitCode(child)).toBe(1)
      expect(printed.error).toBe(`express-operators cannot start:\n- ${problem('ECONNREFUSED')}\n`)
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
