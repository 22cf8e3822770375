import { describe, expect, it } from 'vitest'
import type { WebFramework } from '../http/site'
import { frameworks } from '../testing/start-site'
import {
  company,
  invalidCode,
  mail,
  otherCompany,
  phone,
  startBackend,
  usedCode,
  whatsapp,
  wrong,
} from './start-backend'

const newPassword = 'a password of their own'
const purposes = ['operator_registration', 'login', 'password_reset'] as const
type Purpose = (typeof purposes)[number]

/** A backend where somebody verified a contact for this purpose, and the step that follows. */
async function verifiedContact(framework: WebFramework, purpose: Purpose) {
  const backend = await startBackend(framework)
  const { clock, post, receive, registered, verify } = backend
  if (purpose !== 'operator_registration') {
    await registered()
    clock.advance(30_000)
  }
  const otp = await receive(whatsapp, purpose)
  const verified = await verify({ ...whatsapp, otp, purpose })
  if (verified.status !== 200) throw new Error(`not verified: ${verified.text}`)
  const steps = {
    operator_registration: (code: string) =>
      post('/operators/register', { ...whatsapp, otp: code, registration_data: company }),
    login: (code: string) => post('/auth/login', { ...whatsapp, otp: code }),
    password_reset: (code: string) =>
      post('/auth/reset-password', { ...whatsapp, otp: code, new_password: newPassword }),
  }
  const statusOf = { operator_registration: 201, login: 200, password_reset: 200 }
  return { ...backend, otp, steps, next: steps[purpose], done: statusOf[purpose] }
}

describe.each(frameworks)('a contact that was verified before, on %s', (_name, framework) => {
  describe.each(purposes)('for %s', (purpose) => {
    const start = () => verifiedContact(framework, purpose)

    it('S21 is of no use to somebody who does not know the code, and of use once', async () => {
      const { otp, next, done } = await start()
      expect((await next(wrong(otp))).body).toMatchObject(invalidCode)
      expect((await next(otp)).status).toBe(done)
      expect((await next(otp)).body).toMatchObject(usedCode)
    })

    it('S21 ends after three wrong codes, also at once', async () => {
      const { otp, next } = await start()
      await Promise.all([next(wrong(otp)), next(wrong(otp)), next(wrong(otp))])
      expect((await next(otp)).body).toMatchObject(invalidCode)
    })

    it('S21 is used once, whoever races', async () => {
      const { otp, next, done } = await start()
      const answers = await Promise.all([next(otp), next(otp), next(otp)])
      expect(answers.map(({ status }) => status).sort()).toEqual([done, 409, 409])
    })

    it('S16 is no proof for another purpose', async () => {
      const { otp, steps, next, done } = await start()
      for (const other of purposes.filter((name) => name !== purpose)) {
        expect((await steps[other](otp)).body).toMatchObject(invalidCode)
      }
      expect((await next(otp)).status).toBe(done)
    })

    it('S21 outlives its code, and lasts fifteen minutes', async () => {
      const { clock, otp, next, receive, verify, done } = await start()
      clock.advance(15 * 60_000)
      expect((await next(otp)).body).toMatchObject(invalidCode)
      const later = await receive(whatsapp, purpose)
      await verify({ ...whatsapp, otp: later, purpose })
      clock.advance(15 * 60_000 - 1)
      expect((await next(later)).status).toBe(done)
    })
  })

  const start = () => verifiedContact(framework, 'operator_registration')

  it('S15 does not vouch for another contact', async () => {
    const { register, otp } = await start()
    const answer = await register({ ...mail, otp, registration_data: otherCompany })
    expect(answer.body).toMatchObject(invalidCode)
  })

  it('can be registered with a newer code as well', async () => {
    const { clock, receive, next } = await start()
    clock.advance(30_000)
    expect((await next(await receive(whatsapp))).status).toBe(201)
  })

  it('S21 is compared with nothing from an address that guessed too often', async () => {
    const { clock, verify, otp, next, alarms } = await start()
    for (let guess = 0; guess < 29; guess += 1) await verify({ ...mail, otp: '000000' })
    expect((await next(wrong(otp))).status).toBe(429)
    expect((await next(otp)).status).toBe(429)
    expect(alarms()).toEqual([])
    clock.advance(60_000)
    expect((await next(otp)).status).toBe(201)
  })

  it('S21 lets a wrong code count against a newer code as well', async () => {
    const { clock, receive, otp, next } = await start()
    clock.advance(30_000)
    const newer = await receive(whatsapp)
    const guesses = ['000000', '000001', '000002', '000003', '000004']
    const wrongOnes = guesses.filter((guess) => guess !== otp && guess !== newer).slice(0, 3)
    for (const guess of wrongOnes) await next(guess)
    expect((await next(newer)).body).toMatchObject(invalidCode)
    expect((await next(otp)).body).toMatchObject(invalidCode)
  })

  it('S83 tells whoever runs it of each wrong code, without personal data', async () => {
    const { otp, next, alarms } = await start()
    for (let guess = 0; guess < 4; guess += 1) await next(wrong(otp))
    const fingerprint = expect.stringMatching(/^[\w-]{43}$/)
    const noted = { level: 'warning', event: 'kept_proof_guessed', fingerprint }
    expect(alarms()).toEqual([2, 1, 0].map((attemptsLeft) => ({ ...noted, attemptsLeft })))
    expect(JSON.stringify(alarms())).not.toContain(phone.slice(1))
    expect(new Set(alarms().map((entry) => entry.fingerprint)).size).toBe(1)
  })
})

it.each(frameworks)(
  'sets the password that follows a verified reset on %s',
  async (_n, framework) => {
    const { otp, next, post } = await verifiedContact(framework, 'password_reset')
    expect((await next(otp)).status).toBe(200)
    const other = { ...whatsapp, otp, new_password: 'a password of somebody else' }
    expect((await post('/auth/reset-password', other)).body).toMatchObject(usedCode)
    const login = await post('/auth/login', { username: phone, password: newPassword })
    expect(login.status).toBe(200)
  },
)
