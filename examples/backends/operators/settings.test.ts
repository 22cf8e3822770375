import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Environment } from '../setup/environment'
import { readSettings } from './settings'

const secret = 'kq3Zr8vW1xT6mB9nC2yL5pF7hJ4dG0sA'
const adminToken = 'Vb7Xc2Nm5Qw8Er1Ty4Ui9Op3As6Df0Gh'
const development = { NODE_ENV: 'development' }
const smtp = { SMTP_URL: 'smtps://otp:pa55@mail.example.com', EMAIL_FROM: 'otp@example.com' }
const twilio = {
  TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000001',
  TWILIO_AUTH_TOKEN: 'token-for-tests',
  TWILIO_PHONE_NUMBER: '+15017122661',
}
const whatsapp = {
  WA_API_TOKEN: 'token',
  WA_PHONE_NUMBER_ID: '106540352242922',
  WA_TEMPLATE: 'code',
}
const production = { NODE_ENV: 'production', OTP_SECRET: secret, ADMIN_TOKEN: adminToken, ...smtp }

/** What is wrong with these variables, a line each. */
function problemsOf(environment: Environment): readonly string[] {
  try {
    readSettings(environment)
  } catch (error) {
    if (error instanceof Error) return error.message.split('\n- ').slice(1)
  }
  return []
}

describe('the settings', () => {
  it('have safe defaults in development, with new secrets each time', () => {
    const first = readSettings(development)
    const second = readSettings(development)
    expect(first).toMatchObject({
      isDevelopment: true,
      port: 3000,
      host: '127.0.0.1',
      trustedProxies: 0,
      codes: { name: 'memory' },
      database: { name: 'SQLite', file: resolve('data/operators.db') },
      documentsFolder: resolve('data/documents'),
      otp: { exposeCode: true, countries: ['IN', 'BD', 'IR', 'AE', 'US', 'GB'] },
    })
    expect(Object.keys(first.carriers).sort()).toEqual(['email', 'sms', 'whatsapp'])
    for (const key of ['secret', 'adminToken'] as const) {
      expect(Buffer.from(first[key], 'base64')).toHaveLength(32)
      expect(first[key]).not.toBe(second[key])
    }
    expect(first.adminToken).not.toBe(first.secret)
    expect(first.otp.secret).toBe(first.secret)
  })

  it('say everything in production, where no code is shown', () => {
    const settings = readSettings({
      ...production,
      ...whatsapp,
      ...twilio,
      WA_NOTICE_TEMPLATE: 'notice',
      PORT: '8080',
      HOST: '::1',
      TRUST_PROXY: '2',
      OTP_COUNTRIES: 'IN, US',
      REDIS_URL: 'rediss://cache.example.com',
      DATABASE_URL: 'postgresql://database.example.com/operators',
      DATA_FOLDER: '/var/lib/operators',
    })
    expect(settings).toMatchObject({
      isDevelopment: false,
      port: 8080,
      host: '::1',
      trustedProxies: 2,
      secret,
      adminToken,
      codes: { name: 'Redis', url: 'rediss://cache.example.com' },
      database: { name: 'PostgreSQL', url: 'postgresql://database.example.com/operators' },
      documentsFolder: join('/var/lib/operators', 'documents'),
      otp: { exposeCode: false, countries: ['IN', 'US'] },
    })
    expect(Object.keys(settings.otp.deliveries).sort()).toEqual(['email', 'sms', 'whatsapp'])
    expect(Object.keys(settings.carriers).sort()).toEqual(['email', 'sms', 'whatsapp'])
    expect(readSettings({ ...production, OTP_COUNTRIES: 'any' }).otp.countries).toBe('any')
  })

  it('keep codes in Redis rather than in PostgreSQL, and there rather than in memory', () => {
    const DATABASE_URL = 'postgres://database.example.com/operators'
    const REDIS_URL = 'redis://cache.example.com'
    const both = readSettings({ ...production, DATABASE_URL, REDIS_URL })
    expect(both.codes).toEqual({ name: 'Redis', url: REDIS_URL })
    const postgres = readSettings({ ...production, DATABASE_URL })
    expect(postgres.codes).toEqual({ name: 'PostgreSQL', url: DATABASE_URL })
    expect(readSettings(production).codes).toEqual({ name: 'memory' })
  })

  it('keep accounts in the data folder without a DATABASE_URL', () => {
    const { database } = readSettings({ ...production, DATA_FOLDER: 'elsewhere' })
    expect(database).toEqual({ name: 'SQLite', file: resolve('elsewhere/operators.db') })
  })

  it('print notices in development alone, and only where nothing carries any', () => {
    expect(Object.keys(readSettings({ ...development, ...smtp }).carriers)).toEqual(['email'])
    expect(readSettings({ ...production, ...whatsapp, ...smtp }).carriers).not.toHaveProperty(
      'whatsapp',
    )
    const { SMTP_URL, EMAIL_FROM, ...bare } = production
    expect(readSettings({ ...bare, ...whatsapp }).carriers).toEqual({})
  })

  it('end an SMS with the domain of the pages, if it is told', () => {
    const { otp } = readSettings({ ...production, WEB_OTP_DOMAIN: 'operators.example.com' })
    expect(otp.messages).toEqual({ webOtp: 'operators.example.com' })
    expect(readSettings(production).otp).not.toHaveProperty('messages')
  })

  it('take an empty OTP_COUNTRIES for none', () => {
    const { otp } = readSettings({ ...development, OTP_COUNTRIES: '' })
    expect(otp).toEqual(expect.objectContaining({ countries: expect.arrayContaining(['IN']) }))
  })

  it.each([
    ['PORT', { PORT: '70000' }],
    ['PORT', { PORT: '' }],
    ['PORT', { PORT: '80 ' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'true' }],
    ['TRUST_PROXY', { TRUST_PROXY: '-1' }],
    ['OTP_COUNTRIES', { OTP_COUNTRIES: 'IN,canary' }],
    ['OTP_COUNTRIES', { OTP_COUNTRIES: 'any,IN' }],
    ['OTP_SECRET', { OTP_SECRET: 'canary' }],
    ['OTP_SECRET', { OTP_SECRET: '' }],
    ['OTP_SECRET', { OTP_SECRET: 'canary'.repeat(7) }],
    ['OTP_SECRET', { REDIS_URL: 'redis://:canary@127.0.0.1' }],
    ['OTP_SECRET', { DATABASE_URL: 'postgres://otp:canary@127.0.0.1/otp' }],
    ['ADMIN_TOKEN', { ADMIN_TOKEN: 'canary' }],
    ['ADMIN_TOKEN', { ADMIN_TOKEN: '' }],
    ['REDIS_URL', { OTP_SECRET: secret, REDIS_URL: '' }],
    ['REDIS_URL', { OTP_SECRET: secret, REDIS_URL: 'canary:6379' }],
    ['DATABASE_URL', { OTP_SECRET: secret, DATABASE_URL: '' }],
    ['DATABASE_URL', { OTP_SECRET: secret, DATABASE_URL: 'mysql://otp:canary@127.0.0.1/otp' }],
    ['SMTP_URL', { ...smtp, SMTP_URL: 'canary' }],
    ['SMTP_URL', { ...smtp, SMTP_URL: 'smtp//otp:canary@mail.example.com' }],
    ['SMTP_URL', { ...smtp, SMTP_URL: 'smtp://otp:canary@mail.example.com:canary' }],
    ['EMAIL_FROM', { ...smtp, EMAIL_FROM: 'canary' }],
    ['TWILIO_AUTH_TOKEN', { ...twilio, TWILIO_AUTH_TOKEN: '' }],
  ])('name a wrong %s, and not its value: %j', (name, environment) => {
    const problems = problemsOf({ ...development, ...environment }).join('\n')
    expect(problems).toContain(name)
    expect(problems).not.toContain('canary')
  })

  it('hold no value of a variable that codes need not, and notices do', () => {
    const environment = { ...development, EMAIL_PROVIDER: 'console', ...smtp, SMTP_URL: 'canary' }
    expect(problemsOf(environment).join('\n')).not.toContain('canary')
  })

  it.each([undefined, '', 'production', 'dev', 'Development'])(
    'S10 in the mode %j need everything that is missing, said at once',
    (mode) => {
      const problems = problemsOf({ NODE_ENV: mode })
      for (const named of ['OTP_SECRET', 'ADMIN_TOKEN', 'SMTP_URL', 'WA_API_TOKEN', 'TWILIO_']) {
        expect(problems.join('\n')).toContain(named)
      }
      expect(problems.join('\n')).toContain('nothing is configured that sends codes')
      expect(problemsOf({ ...production, NODE_ENV: mode })).toEqual([])
      const { isDevelopment, otp } = readSettings({ ...production, NODE_ENV: mode })
      expect([isDevelopment, otp.exposeCode]).toEqual([false, false])
    },
  )
})
