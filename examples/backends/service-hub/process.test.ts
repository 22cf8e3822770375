import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { redisUrl } from '../../../test/servers/shared'
import { exitCode, runProcess, startProcess } from '../testing/start-process'
import { phone, production, startTwilio } from './start-service-hub'

const run = (environment: Readonly<Record<string, string>>) =>
  runProcess(environment, 'service-hub')

const { REDIS_URL: _, ...onPostgres } = production('http://127.0.0.1:1', '')

describe('service-hub', () => {
  it('starts untouched in development, and answers with the code', async () => {
    const { post, get, printed, end } = await run({})
    expect((await get('/healthz')).status).toBe(200)
    const sent = await post('/api/users/send-otp/', { phone })
    expect(sent.body).toEqual({
      phone,
      otp: expect.stringMatching(/^\d{6}$/),
      expires_in_seconds: 120,
    })
    expect(await end()).toBe(0)
    const [code] = /\d{6}$/m.exec(printed.out) ?? []
    expect(sent.text).toContain(code)
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
      ],
    ],
    [
      'production on PostgreSQL alone',
      { ...onPostgres, DATABASE_URL: 'postgres://127.0.0.1:1/otp' },
      ['REDIS_URL must be set'],
    ],
    ['a mode that does not exist', { NODE_ENV: 'staging' }, ['TWILIO_ACCOUNT_SID', 'REDIS_URL']],
    ['DEBUG=True in production', { NODE_ENV: 'production', DEBUG: 'True' }, ['DEBUG', 'NODE_ENV']],
    ['DEBUG=False in development', { DEBUG: 'False' }, ['DEBUG', 'NODE_ENV']],
  ])('refuses %s, and names what to set', async (_what, environment, named) => {
    const { child, printed } = startProcess(environment, 'service-hub')
    expect(await exitCode(child)).toBe(1)
    for (const name of named) expect(printed.error).toContain(name)
    expect(printed.error).not.toMatch(/^ +at /m)
  })

  it('works in production mode, with codes that outlive a restart in Redis', async () => {
    const twilio = await startTwilio()
    const environment = {
      ...production(twilio.url, await redisUrl()),
      OTP_SECRET: randomBytes(32).toString('base64'),
    }
    const first = await run(environment)
    const sent = await first.post('/api/users/send-otp/', { phone })
    expect(sent.body).toEqual({
      phone,
      message: 'OTP sent to your phone number',
      expires_in_seconds: 120,
    })
    expect(await first.end()).toBe(0)

    const second = await run(environment)
    const verified = await second.post('/api/users/verify-otp/', { phone, otp: twilio.code() })
    expect(verified.body).toEqual({ phone, verified: true })
    await second.end()
    const printed = first.printed.out + first.printed.error + second.printed.out
    expect(printed).not.toMatch(new RegExp(`${twilio.code()}|${phone.slice(1)}`))
    expect(first.printed.error + second.printed.error).toBe('')
  })
})
