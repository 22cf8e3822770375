import { describe, expect, it } from 'vitest'
import { addressOf, exitCode, startProcess } from './start-process'

describe('npm start', () => {
  it('says that it is in development, serves the page, prints codes, and ends on SIGTERM', async () => {
    const started = startProcess({})
    const { child, printed } = started
    const address = await addressOf(started)
    expect(printed.out).toContain('NODE_ENV is not set: starting in development')
    const page = await fetch(address)
    expect(await page.text()).toContain('<title>Register your bus company</title>')

    const sent = await fetch(`${address}auth/send-otp`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"contact":"+919876543210","contact_type":"whatsapp","purpose":"registration"}',
    })
    const { data } = await sent.json()
    expect(data.otp).toMatch(/^\d{6}$/)
    expect(printed.out).toContain(data.otp)

    child.kill('SIGTERM')
    expect(await exitCode(child)).toBe(0)
    expect(printed.error).toBe('')
  })

  it.each([
    ['another mode', { NODE_ENV: 'production' }, ['OTP_SECRET', 'no delivery is configured']],
    ['a secret that is not random', { OTP_SECRET: 'ab'.repeat(20) }, ['secret', 'random']],
    ['a country that does not exist', { COUNTRIES: 'IN,ZZ' }, ['countries', 'ISO 3166']],
    ['a host that is not here', { HOST: '203.0.113.1' }, ['HOST', 'PORT']],
  ])('refuses %s, and says what to configure', async (_name, environment, named) => {
    const { child, printed } = startProcess(environment)
    expect(await exitCode(child)).toBe(1)
    for (const text of named) expect(printed.error).toContain(text)
    expect(printed.error).not.toMatch(/^ +at /m)
  })

  it.each(['', '../src'])('knows no example %j', async (name) => {
    const { child, printed } = startProcess({}, name)
    expect(await exitCode(child)).toBe(1)
    expect(printed.error).toContain('npm run example -- express-operators')
  })
})
