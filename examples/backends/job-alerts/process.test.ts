import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { eventually } from '../../../test/servers/process'
import { redisUrl } from '../../../test/servers/shared'
import { ownPostgres } from '../testing/own-postgres'
import { exitCode, runProcess, startProcess } from '../testing/start-process'
import { temporaryFolder } from '../testing/temporary-folder'
import { providers, startTwilio } from './providers'
import { adminToken, john } from './start-job-alerts'

const { username, mobile_number, password } = john

async function run(environment: Readonly<Record<string, string>>) {
  const { get, post, printed, end } = await runProcess(environment, 'job-alerts')
  return {
    printed,
    get,
    post: (path: string, body: object) => post(`/api/v1/auth/${path}`, body),
    end,
  }
}

async function production() {
  const twilio = await startTwilio()
  const { SMTP_URL: _, EMAIL_FROM: __, ...variables } = providers(twilio.url, '')
  const OTP_SECRET = randomBytes(32).toString('base64')
  return {
    twilio,
    environment: { NODE_ENV: 'production', OTP_SECRET, ADMIN_TOKEN: adminToken, ...variables },
  }
}

/** Registers in one process, verifies in the next, and logs in in a third. */
async function threeStarts(
  twilio: Awaited<ReturnType<typeof startTwilio>>,
  environment: Readonly<Record<string, string>>,
) {
  const first = await run(environment)
  expect((await first.get('/healthz')).status).toBe(200)
  expect((await first.post('register', john)).status).toBe(201)
  expect((await first.post('resend-otp', { mobile_number })).status).toBe(429)
  // It ends once the message is delivered.
  expect(await first.end()).toBe(0)
  const otp = twilio.code()

  const second = await run(environment)
  expect((await second.post('verify', { mobile_number, otp })).status).toBe(200)
  expect(await second.end()).toBe(0)

  const third = await run(environment)
  expect((await third.post('login', { username, password })).status).toBe(200)
  expect(await third.end()).toBe(0)

  const all = [first, second, third].map(({ printed }) => printed)
  expect(all.map(({ error }) => error)).toEqual(['', '', ''])
  for (const { out } of all) {
    for (const kept of [otp, mobile_number.slice(1), password]) expect(out).not.toContain(kept)
  }
}

describe('job-alerts', () => {
  it('starts untouched in development, and prints codes', async () => {
    const { post, printed, end } = await run({ DATA_FOLDER: temporaryFolder() })
    expect((await post('register', john)).status).toBe(201)
    const otp = await eventually(async () => {
      const [code] = /\d{6}$/m.exec(printed.out) ?? []
      if (code === undefined) throw new Error('no code is printed')
      return code
    })
    expect((await post('verify', { mobile_number, otp })).status).toBe(200)
    expect((await post('login', { username, password })).status).toBe(200)
    expect(await end()).toBe(0)
    expect(printed.error).toBe('')
  })

  it.each([
    [
      'production without variables',
      { NODE_ENV: 'production' },
      [
        'OTP_SECRET',
        'ADMIN_TOKEN',
        'TWILIO_ACCOUNT_SID',
        'TWILIO_AUTH_TOKEN',
        'TWILIO_PHONE_NUMBER',
        'REDIS_URL',
        'DATABASE_URL',
      ],
    ],
    ['WhatsApp by half', { TWILIO_WHATSAPP_NUMBER: '+14155238886' }, ['TWILIO_CONTENT_SID']],
    [
      'e-mail without SMS',
      { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'otp@example.com' },
      ['SMS_PROVIDER'],
    ],
  ])('refuses %s, and names what to set', async (_what, environment, named) => {
    const started = startProcess({ DATA_FOLDER: temporaryFolder(), ...environment }, 'job-alerts')
    expect(await exitCode(started.child)).toBe(1)
    for (const name of named) expect(started.printed.error).toContain(name)
    expect(started.printed.error).not.toMatch(/^ +at /m)
  })

  it('works in production mode, with users in SQLite and codes in Redis', async () => {
    const { twilio, environment } = await production()
    const REDIS_URL = await redisUrl()
    await threeStarts(twilio, { ...environment, REDIS_URL, DATA_FOLDER: temporaryFolder() })
  })

  it('works in production mode, with users and codes in PostgreSQL', async () => {
    const { twilio, environment } = await production()
    await threeStarts(twilio, { ...environment, DATABASE_URL: await ownPostgres() })
  })
})
