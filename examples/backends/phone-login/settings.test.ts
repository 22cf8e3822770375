import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSettings } from './settings'
import { adminToken, secret } from './start-phone-login'

const production = {
  NODE_ENV: 'production',
  OTP_SECRET: secret,
  ADMIN_TOKEN: adminToken,
  KAVENEGAR_API_KEY: 'key',
}

const missing = ['OTP_SECRET must', 'ADMIN_TOKEN must', 'kavenegar needs KAVENEGAR_API_KEY']

describe('the environment', () => {
  it('needs to say nothing in development', () => {
    const settings = readSettings({ NODE_ENV: 'development' })
    expect(settings).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      trustedProxies: 0,
      codes: { name: 'memory' },
      database: { name: 'SQLite', file: resolve('data/phone-login.db') },
      otp: { deliveries: { sms: { name: 'console' } }, countries: ['IR'], defaultCountry: 'IR' },
      guard: 'record',
    })
    expect(settings.otp.secret).toBe(settings.secret)
    expect(settings.adminToken).not.toBe(readSettings({ NODE_ENV: 'development' }).adminToken)
  })

  it('sends by Kavenegar, also in development once there is a key', () => {
    for (const NODE_ENV of ['development', 'production']) {
      const { otp } = readSettings({ ...production, NODE_ENV })
      expect(otp.deliveries.sms.name).toBe('kavenegar')
    }
  })

  it('can have the guard refuse, and in development show the stand-in for a captcha', () => {
    expect(readSettings({ ...production, GUARD: 'refuse' }).guard).toBe('refuse')
    const development = readSettings({ NODE_ENV: 'development', GUARD: 'challenge' })
    expect(development.guard).toBe('challenge')
  })

  it('can name another provider, and other countries', () => {
    const { otp } = readSettings({
      ...production,
      SMS_PROVIDER: 'plivo',
      PLIVO_AUTH_ID: 'MA0123456789ABCDEFGH',
      PLIVO_AUTH_TOKEN: 'token',
      PLIVO_FROM_NUMBER: '+14155550100',
      OTP_COUNTRIES: 'IR,IN',
    })
    expect(otp.deliveries.sms.name).toBe('plivo')
    expect(otp).toMatchObject({ countries: ['IR', 'IN'] })
    expect(otp.defaultCountry).toBeUndefined()
  })

  it('keeps codes in Redis and accounts in PostgreSQL', () => {
    const url = 'postgres://db.example.com/phones'
    const REDIS_URL = 'redis://cache.example.com'
    const place = { name: 'PostgreSQL', url }
    expect(readSettings({ ...production, DATABASE_URL: url })).toMatchObject({
      codes: place,
      database: place,
    })
    expect(readSettings({ ...production, DATABASE_URL: url, REDIS_URL })).toMatchObject({
      codes: { name: 'Redis', url: REDIS_URL },
      database: place,
    })
  })

  it.each([
    ['nothing', { NODE_ENV: 'production' }, missing],
    ['no mode', {}, missing],
    ['a guessable admin token', { ...production, ADMIN_TOKEN: 'canary' }, ['ADMIN_TOKEN']],
    ['a repetitive secret', { ...production, OTP_SECRET: 'canary'.repeat(6) }, ['OTP_SECRET']],
    ['a lifetime of an hour', { ...production, OTP_EXPIRY_TIME: '3600' }, ['OTP_EXPIRY_TIME']],
    ['no attempts', { ...production, OTP_MAX_ATTEMPTS: '0' }, ['OTP_MAX_ATTEMPTS']],
    ['a country that is none', { ...production, OTP_COUNTRIES: 'canary' }, ['OTP_COUNTRIES']],
    ['a port that is none', { ...production, PORT: 'canary' }, ['PORT']],
    ['a mode of the guard that is none', { ...production, GUARD: 'canary' }, ['GUARD']],
    ['a stand-in for a captcha', { ...production, GUARD: 'challenge' }, ['GUARD', 'captcha.ts']],
    ['a misspelt name', { ...production, KAVENEGAR_SENDR: '1' }, ['KAVENEGAR_SENDER']],
  ])('is refused with %s, by name and not by value', (_what, environment, names) => {
    const problem = (() => {
      try {
        readSettings(environment)
        return ''
      } catch (error) {
        return String(error)
      }
    })()
    for (const name of names) expect(problem).toContain(name)
    expect(problem).not.toContain('canary')
  })
})
