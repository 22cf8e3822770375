import { readFileSync } from 'node:fs'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { phone, secret, wrong } from '../fixture'
import { ownName, postgresUrl } from '../servers/shared'
import { withOtp } from './better-auth'
import { race } from './better-auth-races'

const base = 'http://localhost:3000'

function create() {
  const clock = testClock()
  const sms = capturedDelivery({ reaches: ['phone'] })
  const email = capturedDelivery({ reaches: ['email'] })
  const otp = new OtpManager({
    secret,
    database: memory({ clock: clock.now }),
    deliveries: { sms, email },
    countries: ['IN'],
    purposes: ['login', 'password_reset', 'second_factor'],
  })
  const tables: Record<string, Record<string, unknown>[]> = {
    user: [],
    session: [],
    account: [],
    verification: [],
    twoFactor: [],
  }
  const logged: unknown[] = []
  const auth = betterAuth({
    database: memoryAdapter(tables),
    baseURL: base,
    secret,
    telemetry: { enabled: false },
    logger: { log: (...args) => void logged.push(args) },
    emailAndPassword: { enabled: true },
    ...withOtp(otp),
  })
  const post = async (path: string, body: object, headers = {}) => {
    const answer = await auth.handler(
      new Request(`${base}/api/auth/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: base, ...headers },
        body: JSON.stringify(body),
      }),
    )
    const text = await answer.text()
    const cookies = answer.headers.getSetCookie()
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text), cookies }
  }
  return { clock, sms, email, tables, post, logged }
}

export function testBetterAuth() {
  describe('better-auth', () => {
    it('is shown in the page as it is tested here', () => {
      const page = readFileSync('docs/hosting/better-auth.md', 'utf8')
      expect(page).toContain(readFileSync('test/clients/better-auth.ts', 'utf8'))
    })

    it('logs in by a code of otpkit, once, and never by one of its own', async () => {
      const { sms, tables, post } = create()
      expect(await post('phone-number/send-otp', { phoneNumber: phone })).toMatchObject({
        status: 200,
      })
      const code = sms.lastCode()
      const own = String(tables.verification?.[0]?.value).split(':')[0] ?? ''
      expect(own).toMatch(/^\d{6}$/)
      for (const other of [wrong(code), ...(own === code ? [] : [own])]) {
        const refused = await post('phone-number/verify', { phoneNumber: phone, code: other })
        expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID_OTP' }, cookies: [] })
      }
      const verified = await post('phone-number/verify', { phoneNumber: phone, code })
      expect(verified).toMatchObject({ status: 200, body: { status: true } })
      expect(verified.cookies.join()).toContain('session_token')
      const again = await post('phone-number/verify', { phoneNumber: phone, code })
      expect(again).toMatchObject({ status: 400, cookies: [] })
      expect(tables.verification).toEqual([])
    })

    it('has one user for every spelling of a number', async () => {
      const { clock, sms, tables, post } = create()
      for (const [asked, given] of [
        ['+91 98765 43210', '+91-98765-43210'],
        [phone, '\u202a+919876543210\u202c'],
      ]) {
        clock.advance(60_000)
        await post('phone-number/send-otp', { phoneNumber: asked }, { 'x-real-ip': '10.0.0.1' })
        const code = sms.lastCode()
        expect(await post('phone-number/verify', { phoneNumber: given, code })).toMatchObject({
          status: 200,
        })
      }
      expect(tables.user?.map(({ phoneNumber }) => phoneNumber)).toEqual([phone])
      for (const phoneNumber of ['', 'hunter', '+1 202', 42, {}, 'a@example.com']) {
        expect((await post('phone-number/send-otp', { phoneNumber })).status).toBe(400)
      }
    })

    it('answers 429 where a limit refuses', async () => {
      const { post } = create()
      await post('phone-number/send-otp', { phoneNumber: phone })
      expect(await post('phone-number/send-otp', { phoneNumber: phone })).toMatchObject({
        status: 429,
      })
    })

    it('takes a code for a new password for nothing else', async () => {
      const { clock, sms, post } = create()
      const verify = async (code: string) =>
        (await post('phone-number/verify', { phoneNumber: phone, code })).status
      const reset = async (otp: string) => {
        const body = { phoneNumber: phone, newPassword: 'a-new-password', otp }
        return (await post('phone-number/reset-password', body)).status
      }
      await post('phone-number/send-otp', { phoneNumber: phone })
      const login = sms.lastCode()
      expect([await reset(login), await verify(login)]).toEqual([400, 200])
      clock.advance(60_000)
      await post('phone-number/request-password-reset', { phoneNumber: phone })
      expect(sms.messages.at(-1)?.purpose).toBe('password_reset')
      const renewal = sms.lastCode()
      expect([await verify(renewal), await reset(renewal)]).toEqual([400, 200])
    })

    it('hands its e-mail codes over, and each is mailed once', async () => {
      const { email, post, logged } = create()
      const ask = { email: 'person@example.com', type: 'sign-in' }
      expect(await post('email-otp/send-verification-otp', ask)).toMatchObject({ status: 200 })
      expect(await post('email-otp/send-verification-otp', ask)).toMatchObject({ status: 200 })
      expect(email.messages).toHaveLength(1)
      expect(logged).toEqual([])
      const otp = email.messages[0]?.code ?? ''
      const signed = await post('sign-in/email-otp', { email: ask.email, otp })
      expect(signed).toMatchObject({ status: 200 })
    })

    it('hands its second factor over', async () => {
      const { email, post } = create()
      const person = { email: 'person@example.com', password: 'a-long-password', name: 'Person' }
      const { cookies } = await post('sign-up/email', person)
      const cookie = cookies.map((text) => text.split(';')[0]).join('; ')
      const enabled = await post('two-factor/enable', { password: person.password }, { cookie })
      expect(enabled.status).toBe(200)
      const sent = await post('two-factor/send-otp', {}, { cookie })
      expect(sent).toMatchObject({ status: 200 })
      expect(email.messages).toMatchObject([{ to: person.email, purpose: 'second_factor' }])
      const code = email.messages[0]?.code
      expect(await post('two-factor/verify-otp', { code }, { cookie })).toMatchObject({
        status: 200,
      })
    })

    it.each(['alone', 'with otpkit'] as const)('in its races, %s', async (kind) => {
      const url = new URL(await postgresUrl())
      const name = ownName('better_auth')
      const admin = new pg.Client({ connectionString: url.href })
      await admin.connect()
      await admin.query(`CREATE DATABASE "${name}"`)
      onTestFinished(async () => {
        await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`)
        await admin.end()
      })
      url.pathname = `/${name}`
      const count = Number(process.env.OTPKIT_RACERS ?? 20)
      const races = await race(url.href, count, kind)
      if (process.env.OTPKIT_RACERS !== undefined) console.log(kind, count, races)
      expect(races['right codes at once'].sessions).toBeLessThanOrEqual(1)
      if (kind === 'alone') {
        // The reason for the page: every address gets a message.
        expect(races['one number asked for from as many addresses'].messages).toBe(count)
      } else {
        expect(races['right codes at once'].sessions).toBe(1)
        expect(races['a right code among two wrong ones'].sessions).toBe(count / 10)
        expect(races['one number asked for from as many addresses'].messages).toBe(1)
      }
    })
  })
}
