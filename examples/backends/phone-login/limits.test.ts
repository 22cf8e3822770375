import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import { phone, startPhoneLogin, wrong } from './start-phone-login'

const second = 1_000
const minute = 60 * second
const numbers = ['1', '2', '3', '4', '5', '6'].map((last) => `+98912345678${last}`)

function tooMany(wait: string) {
  return { detail: `Too many OTP requests. Try again in ${wait}` }
}

describe.each(frameworks)('the limits of the document, on %s', (_name, framework) => {
  it('S39 sends three codes to a number in two minutes', async () => {
    const site = await startPhoneLogin({ framework })
    for (let sent = 1; sent <= 3; sent += 1) expect((await site.send()).status).toBe(200)
    const refused = await site.send()
    expect(refused.status).toBe(429)
    expect(refused.body).toEqual(tooMany('2 minutes'))
    expect(refused.headers.get('Retry-After')).toBe('120')

    site.clock.advance(2 * minute - 1)
    expect((await site.send()).status).toBe(429)
    site.clock.advance(1)
    expect((await site.send()).status).toBe(200)
    expect(site.kavenegar.requests).toHaveLength(4)
  })

  it('S39 sends five codes to an address in a minute', async () => {
    const site = await startPhoneLogin({ framework })
    for (const number of numbers.slice(0, 5)) expect((await site.send(number)).status).toBe(200)
    const refused = await site.send(numbers[5])
    expect(refused.status).toBe(429)
    expect(refused.body).toEqual(tooMany('1 minute'))
    expect(refused.headers.get('Retry-After')).toBe('60')

    site.clock.advance(minute - 1)
    expect((await site.send(numbers[5])).status).toBe(429)
    site.clock.advance(1)
    expect((await site.send(numbers[5])).status).toBe(200)
    expect(site.kavenegar.requests).toHaveLength(6)
  })

  it('S37 believes a forwarded address behind a trusted proxy only', async () => {
    const direct = await startPhoneLogin({ framework })
    const proxied = await startPhoneLogin({ framework, environment: { TRUST_PROXY: '1' } })
    for (const [index, number] of numbers.entries()) {
      const from = { 'X-Forwarded-For': `203.0.113.${index}` }
      expect((await direct.send(number, from)).status).toBe(index < 5 ? 200 : 429)
      expect((await proxied.send(number, from)).status).toBe(200)
    }
  })

  it('S25 ends a code after three wrong ones', async () => {
    const site = await startPhoneLogin({ framework })
    await site.send()
    const code = site.kavenegar.lastCode()
    for (const typed of [wrong(code), wrong(code), wrong(code), code]) {
      const answer = await site.verify(typed)
      expect(answer.status).toBe(400)
      expect(answer.body).toEqual({ detail: 'Invalid OTP code' })
    }
    await site.send()
    expect((await site.verify(site.kavenegar.lastCode())).status).toBe(200)
  })

  it('takes the right code after two wrong ones', async () => {
    const site = await startPhoneLogin({ framework })
    await site.send()
    const code = site.kavenegar.lastCode()
    for (let guess = 1; guess <= 2; guess += 1) await site.verify(wrong(code))
    expect((await site.verify(code)).status).toBe(200)
  })

  it('S03 takes a code until five minutes are over', async () => {
    const site = await startPhoneLogin({ framework })
    await site.send()
    const first = site.kavenegar.lastCode()
    site.clock.advance(5 * minute - 1)
    expect((await site.verify(first)).status).toBe(200)

    await site.send()
    const second = site.kavenegar.lastCode()
    site.clock.advance(5 * minute)
    const late = await site.verify(second)
    expect(late.status).toBe(400)
    expect(late.body).toEqual({ detail: 'Invalid OTP code' })
  })

  it('S04 takes a code once', async () => {
    const site = await startPhoneLogin({ framework })
    await site.send()
    const code = site.kavenegar.lastCode()
    const answers = await Promise.all(Array.from({ length: 8 }, () => site.verify(code)))
    // A used code has the attempts that were left, and is then as good as none.
    const refused = [...Array(5).fill(400), 409, 409]
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...refused])
    expect((await site.verify(code)).body).toEqual({ detail: 'Invalid OTP code' })
  })
})

describe('beside them', () => {
  it('says of a code that was used within a minute that it was, and opens no session', async () => {
    const site = await startPhoneLogin()
    await site.send()
    const code = site.kavenegar.lastCode()
    expect((await site.verify(code)).status).toBe(200)
    const sessions = () =>
      site.database.selectFrom('phone_login_refresh_families').selectAll().execute()
    const before = await sessions()
    const again = await site.verify(code)
    expect(again.status).toBe(409)
    expect(again.body).toEqual({
      detail: 'This code was used already. Go on, or ask for a new one',
    })
    expect(await sessions()).toEqual(before)
    site.clock.advance(minute)
    expect((await site.verify(code)).body).toEqual({ detail: 'Invalid OTP code' })
  })

  it('sends the same code again, with the time that is left', async () => {
    const site = await startPhoneLogin()
    await site.send()
    const code = site.kavenegar.lastCode()
    site.clock.advance(minute)
    expect((await site.send()).body).toMatchObject({ expires_in: 240 })
    expect(site.kavenegar.lastCode()).toBe(code)
  })

  it('says when the next code may be sent', async () => {
    const site = await startPhoneLogin()
    expect((await site.send()).body).toMatchObject({ resend_in: 0 })
    site.clock.advance(30 * second)
    expect((await site.send()).body).toMatchObject({ resend_in: 0 })
    expect((await site.send()).body).toMatchObject({ resend_in: 90 })
  })

  it('keeps the five an hour of the library', async () => {
    const site = await startPhoneLogin()
    for (let sent = 1; sent <= 5; sent += 1) {
      expect((await site.send()).status).toBe(200)
      site.clock.advance(5 * minute)
    }
    const refused = await site.send()
    expect(refused.status).toBe(429)
    expect(refused.body).toEqual(tooMany('35 minutes'))
  })

  it('takes lifetime and attempts from the environment', async () => {
    const environment = { OTP_EXPIRY_TIME: '60', OTP_MAX_ATTEMPTS: '1' }
    const site = await startPhoneLogin({ environment })
    expect((await site.send()).body).toMatchObject({ expires_in: 60 })
    const code = site.kavenegar.lastCode()
    await site.verify(wrong(code))
    expect((await site.verify(code)).status).toBe(400)

    await site.send()
    site.clock.advance(minute)
    expect((await site.verify(site.kavenegar.lastCode())).status).toBe(400)
  })

  it('takes 30 guesses a minute from one address', async () => {
    const site = await startPhoneLogin()
    for (let guess = 1; guess <= 30; guess += 1) {
      expect((await site.verify('123456')).status).toBe(400)
    }
    const refused = await site.verify('123456', phone)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('Retry-After')).toBe('60')
  })
})
