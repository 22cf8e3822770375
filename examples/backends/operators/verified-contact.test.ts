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

/** A backend where somebody verified a contact, and the registration that follows. */
async function verifiedContact(framework: WebFramework) {
  const backend = await startBackend(framework)
  const { post, receive, verify } = backend
  const otp = await receive(whatsapp)
  const verified = await verify({ ...whatsapp, otp })
  if (verified.status !== 200) throw new Error(`not verified: ${verified.text}`)
  const next = (code: string) =>
    post('/operators/register', { ...whatsapp, otp: code, registration_data: company })
  return { ...backend, otp, next }
}

const new_password = 'a password of their own'

describe.each(frameworks)('a contact that was verified before, on %s', (_name, framework) => {
  const start = () => verifiedContact(framework)

  it('S21 is of no use to somebody who does not know the code, and of use once', async () => {
    const { otp, next } = await start()
    expect((await next(wrong(otp))).body).toMatchObject(invalidCode)
    expect((await next(otp)).status).toBe(201)
    expect((await next(otp)).body).toMatchObject(usedCode)
  })

  it('S21 ends after three wrong codes, also at once', async () => {
    const { otp, next } = await start()
    await Promise.all([next(wrong(otp)), next(wrong(otp)), next(wrong(otp))])
    expect((await next(otp)).body).toMatchObject(invalidCode)
  })

  it('S21 is used once, whoever races', async () => {
    const { otp, next } = await start()
    const answers = await Promise.all([next(otp), next(otp), next(otp)])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
  })

  it('S16 is no proof for another purpose', async () => {
    const { otp, next, post } = await start()
    const login = await post('/auth/login', { ...whatsapp, otp })
    const reset = await post('/auth/reset-password', { ...whatsapp, otp, new_password })
    for (const answer of [login, reset]) expect(answer.body).toMatchObject(invalidCode)
    expect((await next(otp)).status).toBe(201)
  })

  it('S21 outlives its code, and lasts fifteen minutes', async () => {
    const { clock, otp, next, receive, verify } = await start()
    clock.advance(15 * 60_000)
    expect((await next(otp)).body).toMatchObject(invalidCode)
    const later = await receive(whatsapp)
    await verify({ ...whatsapp, otp: later })
    clock.advance(15 * 60_000 - 1)
    expect((await next(later)).status).toBe(201)
  })

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

describe.each(frameworks)('a code for a login or a reset on %s', (_name, framework) => {
  it.each([
    ['login', '/auth/login'],
    ['password_reset', '/auth/reset-password'],
  ])('S21 leaves no proof behind that somebody could guess at: %s', async (purpose, path) => {
    const { clock, post, receive, registered, verify, alarms } = await startBackend(framework)
    await registered()
    clock.advance(30_000)
    const otp = await receive(whatsapp, purpose)
    const use = (code: string) => post(path, { ...whatsapp, otp: code, new_password })
    expect((await verify({ ...whatsapp, otp, purpose })).body).toMatchObject({
      code: 400,
      errors: [{ field: 'purpose', message: expect.stringMatching(/^Must be registration/) }],
    })
    expect((await use(wrong(otp))).body).toMatchObject(invalidCode)
    expect((await use(otp)).status).toBe(200)
    expect((await use(otp)).body).toMatchObject(usedCode)
    clock.advance(60_000)
    expect((await use(otp)).body).toMatchObject(invalidCode)
    expect(alarms()).toEqual([])
  })
})
