import { describe, expect, it } from 'vitest'
import { createKeyring } from '../../src/core/keyring'
import { createFixture, email, phone, secret } from '../fixture'

async function proven(fixture = createFixture(), proof: string | number = '15m') {
  const { code } = await fixture.receive()
  const ask = { to: phone, purpose: 'login', ip: null } as const
  const result = await fixture.otp.verify({ ...ask, code, proof })
  if (!result.ok || result.proof === undefined) throw new Error('no proof')
  return { ...fixture, proof: result.proof }
}

describe('S21 a proof', () => {
  it('carries the recipient to a later step, once', async () => {
    const { otp, proof, events } = await proven()
    expect(proof).toMatch(/^[\w-]{44}$/)
    const redeemed = { ok: true, recipient: phone, purpose: 'login' }
    expect(await otp.redeem(proof, { purpose: 'login' })).toEqual(redeemed)
    expect(await otp.redeem(proof, { purpose: 'login' })).toEqual({ ok: false, reason: 'expired' })
    expect(events.filter((event) => event.type === 'redeemed')).toHaveLength(1)
  })

  it('of 100 parallel redemptions exactly one succeeds', async () => {
    const { otp, proof } = await proven()
    const results = await Promise.all(
      Array.from({ length: 100 }, () => otp.redeem(proof, { purpose: 'login' })),
    )
    expect(results.filter((result) => result.ok)).toHaveLength(1)
  })

  it('is for one purpose; asked for another it is not used up', async () => {
    const { otp, proof } = await proven()
    expect(await otp.redeem(proof, { purpose: 'signup' })).toMatchObject({ reason: 'expired' })
    expect(await otp.redeem(proof, { purpose: 'login' })).toMatchObject({ ok: true })
  })

  it('is for one recipient; asked for another it is not used up', async () => {
    const { otp, proof } = await proven()
    const mismatch = { ok: false, reason: 'invalid', field: 'to', problem: 'mismatch' }
    expect(await otp.redeem(proof, { purpose: 'login', to: email })).toEqual(mismatch)
    const redeemed = await otp.redeem(proof, { purpose: 'login', to: '+91 98765 43210' })
    expect(redeemed).toMatchObject({ ok: true, recipient: phone })
  })

  it('once used or made up is gone, whoever is expected', async () => {
    const { otp, proof } = await proven()
    const gone = { ok: false, reason: 'expired' }
    const expecting = (to: string) => ({ purpose: 'login', to }) as const
    expect(await otp.redeem('A'.repeat(44), expecting(phone))).toEqual(gone)
    expect(await otp.redeem(proof, expecting(phone))).toMatchObject({ ok: true })
    expect(await otp.redeem(proof, expecting(phone))).toEqual(gone)
    expect(await otp.redeem(proof, expecting(email))).toEqual(gone)
  })

  it('is kept under names that follow from the secret and its purpose', async () => {
    const ids: string[] = []
    const { store } = createFixture()
    const put: typeof store.put = (challenge) => {
      ids.push(challenge.id, challenge.digest)
      return store.put(challenge)
    }
    const { proof } = await proven(createFixture({ store: { ...store, put } }))
    const bytes = new TextEncoder().encode(secret)
    const keys = createKeyring([{ id: '1', bytes }], bytes, 'otpkit')
    expect(ids.slice(-2)).toEqual([
      keys.index('proof', 'login', proof),
      keys.index('proof digest', 'login', proof),
    ])
  })

  it('whose key is gone proves nothing', async () => {
    const { store, rateLimiter, proof } = await proven()
    const { otp } = createFixture({
      store,
      rateLimiter,
      secret: [{ id: 'b', key: 'another-secret-0123456789-abcdefghij' }],
      indexSecret: secret,
    })
    const mismatch = { ok: false, reason: 'invalid', field: 'to', problem: 'mismatch' }
    expect(await otp.redeem(proof, { purpose: 'login', to: phone })).toEqual(mismatch)
    expect(await otp.redeem(proof, { purpose: 'login' })).toEqual({ ok: false, reason: 'expired' })
  })

  it('lives as long as it was asked to', async () => {
    for (const [life, age, passes] of [
      ['30s', 29_999, true],
      ['30s', 30_000, false],
      ['1d', 86_399_999, true],
      ['1d', 86_400_000, false],
    ] as const) {
      const { otp, proof, clock } = await proven(createFixture(), life)
      clock.advance(age)
      expect((await otp.redeem(proof, { purpose: 'login' })).ok).toBe(passes)
    }
  })

  it('refuses a lifetime that is not one', async () => {
    const { otp } = createFixture()
    const ask = { to: phone, purpose: 'login', ip: null, code: '123456' } as const
    for (const proof of ['2d', 'soon', -1, 0, Number.NaN, 900, '29s', '900']) {
      await expect(otp.verify({ ...ask, proof })).rejects.toThrow(
        /^otpkit: verify: option `proof` /,
      )
    }
    await expect(otp.verify({ ...ask, proof: 900 })).rejects.toThrow("mean '900s' or 900_000?")
    await expect(otp.verify({ ...ask, proof: '25h' })).rejects.toThrow('must be at most 1d')
  })

  it('refuses what cannot be a proof without asking the store', async () => {
    const base = createFixture()
    const { otp } = createFixture({
      store: { ...base.store, attempt: async () => Promise.reject(new Error('asked')) },
    })
    for (const proof of [null, 5, ['a'], {}, '', 'short', 'x'.repeat(1_000_000)]) {
      const result = await otp.redeem(proof as string, { purpose: 'login' })
      expect(result).toMatchObject({ ok: false, reason: 'invalid', field: 'proof' })
    }
    const problems = await Promise.all(
      [['A'.repeat(44)], '', 'A'.repeat(45), `${'A'.repeat(44)}\n`].map(async (proof) => {
        const result = await otp.redeem(proof as string, { purpose: 'login' })
        return !result.ok && result.reason === 'invalid' && result.problem
      }),
    )
    expect(problems).toEqual(['type', 'syntax', 'syntax', 'syntax'])
    const unknown = await otp.redeem('A'.repeat(44), { purpose: 'other' as 'login' })
    expect(unknown).toMatchObject({ reason: 'invalid', field: 'purpose', problem: 'unknown' })
    const odd = await otp.redeem('A'.repeat(44), { purpose: 'login', to: 5 as unknown as string })
    expect(odd).toMatchObject({ reason: 'invalid', field: 'to', problem: 'type' })
  })
})
