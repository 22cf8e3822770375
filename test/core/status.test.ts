import { describe, expect, it } from 'vitest'
import { createFixture, ledgerKeyOf, noLimits, phone, secret } from '../fixture'

const minute = 60_000
const whom = { to: phone, purpose: 'login' } as const

/** A challenge that was sent, and failures that its recipient has. */
async function sent(failures: number, options: Parameters<typeof createFixture>[0] = {}) {
  const fixture = createFixture(options)
  const { code, sent } = await fixture.receive()
  if (failures > 0) {
    const limit = { key: await ledgerKeyOf(phone), max: 100, windowMs: 180 * 1_440 * minute }
    await fixture.rateLimiter.take([{ ...limit, cost: failures }])
  }
  return { ...fixture, code, challengeId: sent.challengeId }
}

describe('a status', () => {
  it('says how long until another message, by the own limits of the recipient', async () => {
    const { otp, clock } = await sent(0)
    clock.advance(10_000)
    const expected = { ok: true, resendInMs: 20_000, expiresInMs: 5 * minute - 10_000 }
    expect(await otp.status(whom)).toMatchObject(expected)
  })

  it.each([15, 50, 100])('tells nobody of %i failures', async (failures) => {
    const { otp, challengeId } = await sent(failures, { limits: noLimits })
    expect(await otp.status({ challengeId })).toMatchObject({ ok: true, resendInMs: 0 })
  })

  it('counts the messages of the challenge, those before it was turned too', async () => {
    for (const to of [phone, '+919876543211']) {
      const { otp, send } = createFixture({ limits: noLimits })
      await send({ to, deliver: false })
      const waits: unknown[] = []
      for (const _ of [2, 3, 4]) {
        await send({ to })
        waits.push(await otp.status({ ...whom, to }))
      }
      expect(waits).toMatchObject([
        { resendInMs: 0 },
        { resendInMs: 0 },
        { resendInMs: 5 * minute },
      ])
    }
  })

  it('counts those of each challenge apart', async () => {
    const { otp, send } = createFixture({ limits: noLimits })
    for (const _ of [1, 2, 3, 4]) await send()
    expect(await otp.status(whom)).toMatchObject({ resendInMs: 5 * minute })
    await send({ purpose: 'signup' })
    expect(await otp.status({ to: phone, purpose: 'signup' })).toMatchObject({ resendInMs: 0 })
  })

  it('refuses what is no request', async () => {
    const { otp } = createFixture()
    const invalid = { ok: false, reason: 'invalid', field: 'challengeId', problem: 'syntax' }
    expect(await otp.status({ challengeId: 'short' })).toEqual(invalid)
    expect(await otp.cancel({ challengeId: 'short' })).toEqual(invalid)
  })

  it('finds nothing whose purpose or key is gone', async () => {
    const { store, rateLimiter, challengeId } = await sent(0)
    const gone = { ok: false, reason: 'expired' }
    const other = 'another-secret-0123456789-abcdefghij'
    for (const change of [
      { purposes: ['signup'] as const },
      { secret: [{ id: 'b', key: other }], indexSecret: secret },
    ]) {
      const { otp } = createFixture({ store, rateLimiter, ...change })
      expect(await otp.status({ challengeId })).toEqual(gone)
      expect(await otp.cancel({ challengeId })).toEqual(gone)
    }
  })
})

it('a cancelled challenge is told with all that it is about', async () => {
  const { otp, events, challengeId } = await sent(0)
  const [message] = events
  expect(await otp.cancel({ challengeId })).toEqual({ ok: true })
  expect(message?.challengeKey).toBeDefined()
  expect(events.at(-1)).toMatchObject({
    type: 'canceled',
    fingerprint: message?.fingerprint,
    recipient: message?.recipient,
    purpose: message?.purpose,
    challengeKey: message?.challengeKey,
  })
})
