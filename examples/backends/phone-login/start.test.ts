import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../test/servers/process'
import { redisUrl } from '../../../test/servers/shared'
import { ownPostgres } from '../testing/own-postgres'
import { addressOf, exitCode, startProcess } from '../testing/start-process'
import { client } from '../testing/start-site'
import { adminToken, apiKey, phone, secret, startKavenegar, tokensOf } from './start-phone-login'

async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'phone-login-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

const start = (environment: Readonly<Record<string, string>>) =>
  startProcess(environment, 'phone-login')

/** The API of a started example. */
async function api(started: ReturnType<typeof start>) {
  const { get, post } = client((await addressOf(started)).replace(/\/$/, ''))
  return {
    get,
    send: () => post('/api/v1/usr/otp', { phone_number: phone }),
    verify: (code: string) => post('/api/v1/usr/otp/verify', { phone_number: phone, code }),
    refresh: (refresh_token: string) => post('/api/v1/usr/token/refresh', { refresh_token }),
    me: (token: string) => get('/api/v1/usr/me', { Authorization: `Bearer ${token}` }),
  }
}

async function stop({ child, printed }: ReturnType<typeof start>): Promise<void> {
  child.kill('SIGTERM')
  expect(await exitCode(child)).toBe(0)
  expect(printed.error).toBe('')
}

describe('npm run example -- phone-login', () => {
  it('starts without variables, prints codes, and knows its accounts again', async () => {
    const DATA_FOLDER = await ownFolder()
    const first = start({ DATA_FOLDER })
    const site = await api(first)
    expect(first.printed.out).toContain('NODE_ENV is not set: starting in development')
    expect((await site.get('/')).text).toContain('<html lang="fa" dir="rtl">')

    expect((await site.send()).status).toBe(200)
    const code = await eventually(async () => {
      const [, found] = /sms to \+989123456789 for login: (\d{6})/.exec(first.printed.out) ?? []
      if (found === undefined) throw new Error('no code is printed')
      return found
    })
    const verified = await site.verify(code)
    expect(verified.body).toMatchObject({ new_account: true })
    const { access, refresh } = tokensOf(verified.body)
    expect((await site.me(access)).body).toMatchObject({ phone_number: phone })

    const [, token] = /user admin, password (\S+)/.exec(first.printed.out) ?? []
    const Authorization = `Basic ${Buffer.from(`admin:${token}`).toString('base64')}`
    const page = await site.get('/admin/otp/data/funnel', { Authorization })
    expect(page.body).toMatchObject({ total: { sent: 1, verified: 1 } })
    await stop(first)

    const second = start({ DATA_FOLDER })
    const again = await api(second)
    const refreshed = await again.refresh(refresh)
    expect(refreshed.status).toBe(200)
    const me = await again.me(tokensOf(refreshed.body).access)
    expect(me.body).toMatchObject({ phone_number: phone })
    await stop(second)
  })

  it('sends by Kavenegar, keeps codes in Redis and accounts in PostgreSQL', async () => {
    const kavenegar = await startKavenegar()
    const environment = {
      NODE_ENV: 'production',
      OTP_SECRET: secret,
      ADMIN_TOKEN: adminToken,
      KAVENEGAR_API_KEY: apiKey,
      KAVENEGAR_SENDER: '10008663',
      KAVENEGAR_BASE_URL: kavenegar.url,
      REDIS_URL: await redisUrl(),
      DATABASE_URL: await ownPostgres(),
    }
    const first = start(environment)
    expect((await (await api(first)).send()).status).toBe(200)
    const code = kavenegar.lastCode()
    expect(code).toMatch(/^\d{6}$/)
    await stop(first)

    // The code outlives a restart, and one of two processes takes it.
    const both = [start(environment), start(environment)]
    const sites = await Promise.all(both.map(api))
    const answers = await Promise.all(sites.map((site) => site.verify(code)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const { refresh } = tokensOf(answers.find(({ status }) => status === 200)?.body)

    const refreshed = await Promise.all(sites.map((site) => site.refresh(refresh)))
    expect(refreshed.map(({ status }) => status).sort()).toEqual([200, 401])
    const { access } = tokensOf(refreshed.find(({ status }) => status === 200)?.body)
    for (const site of sites) expect((await site.me(access)).status).toBe(200)

    for (const { printed } of [first, ...both]) {
      for (const hidden of [code, refresh, access, adminToken, phone.slice(1)]) {
        expect(printed.out + printed.error).not.toContain(hidden)
      }
    }
    expect(both.map(({ printed }) => printed.error).join('')).toContain('refresh_token_reused')
    for (const { child } of both) {
      child.kill('SIGTERM')
      expect(await exitCode(child)).toBe(0)
    }
  })

  it.each([
    ['no variables', {}, ['OTP_SECRET', 'ADMIN_TOKEN', 'KAVENEGAR_API_KEY']],
    ['a sender and no key', { KAVENEGAR_SENDER: '10008663' }, ['KAVENEGAR_API_KEY']],
    ['codes that are printed', { SMS_PROVIDER: 'console' }, ['console', 'NODE_ENV']],
  ])(
    'does not start in production with %s, and names what is missing',
    async (_what, more, names) => {
      const { child, printed } = start({ NODE_ENV: 'production', ...more })
      expect(await exitCode(child)).toBe(1)
      expect(printed.error).toMatch(/^phone-login cannot start:/)
      for (const name of names) expect(printed.error).toContain(name)
      expect(printed.error).not.toMatch(/^ +at /m)
    },
  )

  it.each([
    ['DATABASE_URL', { DATABASE_URL: 'postgres://otp:canary@127.0.0.1:1/x' }],
    ['REDIS_URL', { REDIS_URL: 'redis://:canary@127.0.0.1:1' }],
  ])('does not start where %s cannot be used', async (name, place) => {
    const { child, printed } = start({
      DATA_FOLDER: await ownFolder(),
      OTP_SECRET: secret,
      ...place,
    })
    expect(await exitCode(child)).toBe(1)
    expect(printed.error).toMatch(/^phone-login cannot start:/)
    expect(printed.error).toContain(name)
    expect(printed.error).not.toContain('canary')
    expect(printed.error).not.toMatch(/^ +at /m)
  })

  it('ends where it cannot listen, and lets go of its servers', async () => {
    const places = { REDIS_URL: await redisUrl(), DATABASE_URL: await ownPostgres() }
    const { child, printed } = start({ HOST: '203.0.113.1', OTP_SECRET: secret, ...places })
    expect(await exitCode(child)).toBe(1)
    expect(printed.error).toContain('HOST and PORT')
  })
})
