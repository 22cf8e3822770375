import { describe, expect, it } from 'vitest'
import { company, mail, otherCompany, phone, startApp, whatsapp, wrong } from './start-app'

const invalidCode = { status: 'error', code: 400, message: 'Invalid or expired OTP' }

async function verifiedApp() {
  const app = await startApp()
  const otp = await app.receive(whatsapp)
  expect((await app.verify({ ...whatsapp, otp })).status).toBe(200)
  const register = (code: string) =>
    app.register({ ...whatsapp, otp: code, registration_data: company })
  return { app, otp, register }
}

describe('a contact that was verified before its registration', () => {
  it('S21 is of no use to somebody who does not know the code', async () => {
    const { otp, register } = await verifiedApp()
    expect((await register(wrong(otp))).body).toMatchObject(invalidCode)
    expect((await register(otp)).status).toBe(201)
  })

  it('S21 ends after three wrong codes', async () => {
    const { otp, register } = await verifiedApp()
    for (let guess = 0; guess < 3; guess += 1) await register(wrong(otp))
    expect((await register(otp)).body).toMatchObject(invalidCode)
  })

  it('S21 counts parallel guesses before it compares them', async () => {
    const { otp, register } = await verifiedApp()
    await Promise.all(Array.from({ length: 3 }, () => register(wrong(otp))))
    expect((await register(otp)).body).toMatchObject(invalidCode)
  })

  it('S21 registers once, whoever races', async () => {
    const { otp, register } = await verifiedApp()
    const answers = await Promise.all([register(otp), register(otp), register(otp)])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400])
  })

  it('S15 does not vouch for another contact', async () => {
    const { app, otp } = await verifiedApp()
    const answer = await app.register({ ...mail, otp, registration_data: otherCompany })
    expect(answer.body).toMatchObject(invalidCode)
  })

  it('outlives its code, and lasts fifteen minutes', async () => {
    const first = await verifiedApp()
    first.app.clock.advance(15 * 60_000 - 1)
    expect((await first.register(first.otp)).status).toBe(201)
    const second = await verifiedApp()
    second.app.clock.advance(15 * 60_000)
    expect((await second.register(second.otp)).body).toMatchObject(invalidCode)
  })

  it('can be registered with a newer code as well', async () => {
    const { app, register } = await verifiedApp()
    app.clock.advance(30_000)
    expect((await register(await app.receive(whatsapp))).status).toBe(201)
  })

  it('S21 is compared with nothing from an address that guessed too often', async () => {
    const { app, otp, register } = await verifiedApp()
    for (let guess = 0; guess < 29; guess += 1) await app.verify({ ...mail, otp: '000000' })
    expect((await register(wrong(otp))).status).toBe(429)
    expect((await register(otp)).status).toBe(429)
    expect(app.logged).toEqual([])
    app.clock.advance(60_000)
    expect((await register(otp)).status).toBe(201)
  })

  it('S21 lets a wrong code count against a newer code as well', async () => {
    const { app, otp, register } = await verifiedApp()
    app.clock.advance(30_000)
    const newer = await app.receive(whatsapp)
    const guesses = ['000000', '000001', '000002', '000003', '000004']
    const wrongOnes = guesses.filter((guess) => guess !== otp && guess !== newer).slice(0, 3)
    for (const guess of wrongOnes) await register(guess)
    expect((await register(newer)).body).toMatchObject(invalidCode)
    expect((await register(otp)).body).toMatchObject(invalidCode)
  })

  it('S83 tells the operator of each wrong code, without personal data', async () => {
    const { app, otp, register } = await verifiedApp()
    for (let guess = 0; guess < 4; guess += 1) await register(wrong(otp))
    const fingerprint = expect.stringMatching(/^[\w-]{43}$/)
    const noted = { level: 'warning', event: 'kept_proof_guessed', fingerprint }
    expect(app.logged).toEqual([2, 1, 0].map((attemptsLeft) => ({ ...noted, attemptsLeft })))
    expect(JSON.stringify(app.logged)).not.toContain(phone.slice(1))
    expect(new Set(app.logged.map((entry) => entry.fingerprint)).size).toBe(1)
  })
})
