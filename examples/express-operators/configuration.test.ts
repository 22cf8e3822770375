import { describe, expect, it } from 'vitest'
import { readConfiguration } from './configuration'

const secret = 'kq3Zr8vW1xT6mB9nC2yL5pF7hJ4dG0sA'
const development = { NODE_ENV: 'development' }

describe('the environment', () => {
  it('has safe defaults in development, and a new secret each time', () => {
    const first = readConfiguration(development)
    const second = readConfiguration(development)
    expect(first).toMatchObject({
      ok: true,
      configuration: {
        port: 3000,
        host: '127.0.0.1',
        codes: { name: 'memory' },
        countries: ['IN', 'BD', 'IR', 'AE', 'US', 'GB'],
        trustedProxies: 0,
      },
    })
    expect(second).not.toEqual(first)
  })

  it('can say everything', () => {
    const configuration = {
      port: 8080,
      host: '::1',
      secret,
      codes: { name: 'Redis', url: 'redis://127.0.0.1:6379' },
      countries: ['IN', 'US'],
      trustedProxies: 2,
    }
    const read = readConfiguration({
      NODE_ENV: 'test',
      PORT: '8080',
      HOST: '::1',
      OTP_SECRET: secret,
      REDIS_URL: 'redis://127.0.0.1:6379',
      COUNTRIES: 'IN, US',
      TRUST_PROXY: '2',
    })
    expect(read).toEqual({ ok: true, configuration })
    const everywhere = readConfiguration({ ...development, COUNTRIES: 'any' })
    expect(everywhere).toMatchObject({ configuration: { countries: 'any' } })
  })

  it('keeps codes in Redis rather than in PostgreSQL, and there rather than in memory', () => {
    const REDIS_URL = 'rediss://cache.example.com'
    const DATABASE_URL = 'postgresql://database.example.com/otp'
    const environment = { ...development, OTP_SECRET: secret, DATABASE_URL }
    expect(readConfiguration({ ...environment, REDIS_URL })).toMatchObject({
      configuration: { codes: { name: 'Redis', url: REDIS_URL } },
    })
    expect(readConfiguration(environment)).toMatchObject({
      configuration: { codes: { name: 'PostgreSQL', url: DATABASE_URL } },
    })
  })

  it.each([
    ['PORT', { PORT: '70000' }],
    ['PORT', { PORT: '' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'true' }],
    ['TRUST_PROXY', { TRUST_PROXY: '-1' }],
    ['COUNTRIES', { COUNTRIES: 'IN,canary' }],
    ['COUNTRIES', { COUNTRIES: '' }],
    ['COUNTRIES', { COUNTRIES: 'any,IN' }],
    ['OTP_SECRET', { OTP_SECRET: 'canary' }],
    ['OTP_SECRET', { OTP_SECRET: '' }],
    ['OTP_SECRET', { REDIS_URL: 'redis://:canary@127.0.0.1' }],
    ['OTP_SECRET', { DATABASE_URL: 'postgres://otp:canary@127.0.0.1/otp' }],
    ['REDIS_URL', { OTP_SECRET: secret, REDIS_URL: '' }],
    ['REDIS_URL', { OTP_SECRET: secret, REDIS_URL: 'canary:6379' }],
    ['DATABASE_URL', { OTP_SECRET: secret, DATABASE_URL: '' }],
    ['DATABASE_URL', { OTP_SECRET: secret, DATABASE_URL: 'mysql://otp:canary@127.0.0.1/otp' }],
  ])('names a wrong %s, and not its value: %j', (name, environment) => {
    const read = readConfiguration({ ...development, ...environment })
    expect(read).toEqual({ ok: false, problems: [expect.stringMatching(`^${name} must be`)] })
    expect(JSON.stringify(read)).not.toContain('canary')
  })

  it.each([undefined, '', 'production', 'dev', 'Development'])(
    'S10 refuses the mode %j, and says everything that is missing',
    (mode) => {
      const bare = readConfiguration({ NODE_ENV: mode })
      expect(bare).toEqual({
        ok: false,
        problems: [
          expect.stringMatching(/^OTP_SECRET must be/),
          expect.stringMatching(/^no delivery is configured/),
        ],
      })
      expect(readConfiguration({ NODE_ENV: mode, OTP_SECRET: secret }).ok).toBe(false)
    },
  )
})
