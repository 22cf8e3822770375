import { describe, expect, it } from 'vitest'
import { type Environment, environmentReader, readCommonSettings } from './environment'

const secret = 'a-secret-for-tests-only-0123456789abcdef'
const ADMIN_TOKEN = 'an-admin-token-for-tests-only-0123456789'

function readAll(environment: Environment) {
  const reader = environmentReader(environment)
  return reader.finish(readCommonSettings(reader))
}

describe('the environment', () => {
  it('needs nothing in development', () => {
    const read = readAll({ NODE_ENV: 'development' })
    const { secret: ownSecret, adminToken, metricsToken, ...settings } = read
    expect(settings).toEqual({
      isDevelopment: true,
      port: 3000,
      host: '127.0.0.1',
      trustedProxies: 0,
      codes: { name: 'memory' },
      history: { name: 'memory' },
    })
    expect(Buffer.byteLength(ownSecret)).toBeGreaterThanOrEqual(32)
    expect(Buffer.byteLength(adminToken)).toBeGreaterThanOrEqual(32)
    expect(metricsToken).toBe(adminToken)
    expect(readAll({ NODE_ENV: 'development' })).not.toMatchObject({ secret: ownSecret })
    expect(readAll({ NODE_ENV: 'development' })).not.toMatchObject({ adminToken })
  })

  it('is read as it stands', () => {
    const environment = {
      NODE_ENV: 'production',
      PORT: '0',
      HOST: '0.0.0.0',
      OTP_SECRET: secret,
      ADMIN_TOKEN,
      METRICS_TOKEN: `${ADMIN_TOKEN}-metrics`,
      TRUST_PROXY: '2',
      DATABASE_URL: 'postgresql://127.0.0.1/codes',
    }
    expect(readAll(environment)).toEqual({
      isDevelopment: false,
      port: 0,
      host: '0.0.0.0',
      secret,
      adminToken: ADMIN_TOKEN,
      metricsToken: `${ADMIN_TOKEN}-metrics`,
      trustedProxies: 2,
      codes: { name: 'PostgreSQL', url: 'postgresql://127.0.0.1/codes' },
      history: { name: 'PostgreSQL', url: 'postgresql://127.0.0.1/codes' },
    })
  })

  it('keeps codes in Redis rather than in PostgreSQL', () => {
    const environment = {
      OTP_SECRET: secret,
      ADMIN_TOKEN,
      REDIS_URL: 'rediss://127.0.0.1',
      DATABASE_URL: 'postgres://127.0.0.1/accounts',
    }
    const { codes, history } = readAll(environment)
    expect(codes).toEqual({ name: 'Redis', url: 'rediss://127.0.0.1' })
    expect(history).toEqual({ name: 'PostgreSQL', url: 'postgres://127.0.0.1/accounts' })
    expect(readAll({ ...environment, DATABASE_URL: undefined }).history).toEqual(codes)
  })

  it.each([
    [{ NODE_ENV: 'test' }, true],
    [{ NODE_ENV: 'production' }, false],
    [{ NODE_ENV: 'Development' }, false],
    [{ NODE_ENV: '' }, false],
    [{}, false],
  ])('is one of development by its exact name only: %o', (environment, isDevelopment) => {
    expect(readAll({ ...environment, OTP_SECRET: secret, ADMIN_TOKEN }).isDevelopment).toBe(
      isDevelopment,
    )
  })

  const random = 'OTP_SECRET must be 32 random bytes or more'

  it.each<[Environment, string]>([
    [{ PORT: 'canary' }, 'PORT must be a whole number from 0 to 65535'],
    [{ PORT: '65536' }, 'PORT must be a whole number from 0 to 65535'],
    [{ PORT: '-1' }, 'PORT must be a whole number from 0 to 65535'],
    [{ PORT: '3000.5' }, 'PORT must be a whole number from 0 to 65535'],
    [{ PORT: '' }, 'PORT must be a whole number from 0 to 65535'],
    [{ TRUST_PROXY: 'true' }, 'TRUST_PROXY must be a whole number from 0 to 16'],
    [{ TRUST_PROXY: '17' }, 'TRUST_PROXY must be a whole number from 0 to 16'],
    [{ OTP_SECRET: 'canary-that-is-only-31-bytes-lo' }, random],
    [{ OTP_SECRET: '' }, random],
    [{ OTP_SECRET: undefined, NODE_ENV: 'production' }, random],
    [{ NODE_ENV: 'production' }, 'ADMIN_TOKEN must be 32 random bytes or more'],
    [{ ADMIN_TOKEN: 'canary' }, 'ADMIN_TOKEN must be 32 random bytes or more'],
    [{ METRICS_TOKEN: 'canary' }, 'METRICS_TOKEN must be 32 random bytes or more'],
    [{ OTP_SECRET: undefined, REDIS_URL: 'redis://a' }, `${random}, the same at every start`],
    [{ REDIS_URL: 'canary' }, 'REDIS_URL must be an address such as redis://'],
    [{ REDIS_URL: '' }, 'REDIS_URL must be an address such as redis://'],
    [{ DATABASE_URL: 'mysql://canary' }, 'DATABASE_URL must be an address such as postgres://'],
  ])('has a problem that is named without its value: %o', (environment, problem) => {
    const read = () => readAll({ NODE_ENV: 'development', OTP_SECRET: secret, ...environment })
    expect(read).toThrow(`\n- ${problem}`)
    expect(read).not.toThrow('canary')
  })

  it('has all of its problems named at once, each once', () => {
    const read = () => readAll({ PORT: 'a', TRUST_PROXY: 'b', OTP_SECRET: 'c', REDIS_URL: 'd' })
    // And the ADMIN_TOKEN that is missing.
    expect(read).toThrow(/^(\n- [^\n]+){5}$/)
  })

  it('takes a refused option of the library as one of them, and no fault', () => {
    const reader = environmentReader({})
    const refused = reader.attempt(() => {
      throw new TypeError('OTP_COUNTRIES is not set')
    })
    expect(refused).toBeUndefined()
    expect(reader.attempt(() => 'read')).toBe('read')
    expect(() => reader.finish(refused)).toThrow('\n- OTP_COUNTRIES is not set')
    const fault = new Error('planted')
    const failing = () =>
      reader.attempt(() => {
        throw fault
      })
    expect(failing).toThrow(fault)
  })
})
