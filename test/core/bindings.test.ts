import { describe, expect, it } from 'vitest'
import { codeOf, createChallenge, digestOf, openState } from '../../src/core/challenge'
import { createKeyring, type Keyring, openData, sealData } from '../../src/core/keyring'
import { createFixture, phone } from '../fixture'

const bytes = (fill: number) => new Uint8Array(32).map((_, at) => fill + at)
const keyring = (fill = 1, namespace = 'one') =>
  createKeyring([{ id: 'a', bytes: bytes(fill) }], bytes(99), namespace)
const [id, otherId, nonce] = ['I'.repeat(43), 'J'.repeat(43), 'N'.repeat(22)]
const state = {
  recipient: phone,
  purpose: 'login',
  channel: 'sms',
  locale: 'en',
  alphabet: 'digits',
  codeLength: 10,
  silent: false,
  lifetimeMs: 300_000,
  continues: '',
  codeNonce: '',
} as const

const digest = (keys: Keyring, of: string, purpose: string, code: string) =>
  digestOf(keys.signing[0], of, purpose, code)
const code = (keys: Keyring, of: string, purpose: string, codeNonce: string) =>
  codeOf({ state: { ...state, purpose }, nonce: codeNonce, key: keys.signing[0] }, of)

// Each row changes one thing alone: what is bound to it must come out different.
describe('a digest is bound to', () => {
  it.each([
    ['its namespace', () => digest(keyring(1, 'two'), id, 'login', '123456')],
    ['its key', () => digest(keyring(2), id, 'login', '123456')],
    ['its challenge', () => digest(keyring(), otherId, 'login', '123456')],
    ['its purpose', () => digest(keyring(), id, 'signup', '123456')],
    ['its code', () => digest(keyring(), id, 'login', '123457')],
  ])('%s', (_, other) => {
    const same = digest(keyring(), id, 'login', '123456')
    expect(digest(keyring(), id, 'login', '123456')).toBe(same)
    expect(other()).not.toBe(same)
  })
})

describe('a code is bound to', () => {
  it.each([
    ['its namespace', () => code(keyring(1, 'two'), id, 'login', nonce)],
    ['its key', () => code(keyring(2), id, 'login', nonce)],
    ['its challenge', () => code(keyring(), otherId, 'login', nonce)],
    ['its purpose', () => code(keyring(), id, 'signup', nonce)],
    ['its nonce', () => code(keyring(), id, 'login', 'M'.repeat(22))],
  ])('%s', (_, other) => {
    const same = code(keyring(), id, 'login', nonce)
    expect(code(keyring(), id, 'login', nonce)).toBe(same)
    expect(other()).not.toBe(same)
  })
})

describe('what is sealed opens only', () => {
  const seal = () => sealData(keyring(), keyring().signing[0], nonce, id, 'text')

  it('as it was sealed', async () => {
    expect((await openData(keyring(), id, await seal()))?.text).toBe('text')
  })

  it('as it was sealed where sealing takes a promise', async () => {
    const [key] = keyring().signing
    const seal: typeof key.sealer.seal = async (...given) => key.sealer.seal(...given)
    const slow = { ...key, sealer: { ...key.sealer, seal } }
    expect(await sealData(keyring(), slow, nonce, id, 'text')).toBe(
      await sealData(keyring(), key, nonce, id, 'text'),
    )
  })

  it.each([
    ['in its namespace', () => keyring(1, 'two'), id],
    ['with its key', () => keyring(2), id],
    ['under its id', () => keyring(), otherId],
  ])('%s', async (_, keys, under) => {
    expect(await openData(keys(), under, await seal())).toBeNull()
  })

  it('with its nonce', async () => {
    const data = await seal()
    for (const at of [0, 6, 18]) {
      const other = `${nonce.slice(0, at)}M${nonce.slice(at + 1)}`
      expect(await openData(keyring(), id, data.replace(nonce, other))).toBeNull()
    }
  })

  it('as the challenge that it was made for', async () => {
    const { data } = await createChallenge(keyring(), id, state)
    expect(await openState(keyring(), id, data)).not.toBeNull()
    expect(await openState(keyring(), otherId, data)).toBeNull()
    expect(await openState(keyring(1, 'two'), id, data)).toBeNull()
  })
})

describe('a proof is bound to', () => {
  const prove = async (options: Parameters<typeof createFixture>[0] = {}) => {
    const fixture = createFixture(options)
    const { code } = await fixture.receive()
    const request = { to: phone, purpose: 'login', code, proof: '5m', ip: null } as const
    const result = await fixture.otp.verify(request)
    if (!result.ok || result.proof === undefined) throw new Error('there is no proof')
    return { ...fixture, proof: result.proof }
  }
  const gone = { ok: false, reason: 'expired' }

  it('its purpose', async () => {
    const { otp, proof } = await prove()
    expect(await otp.redeem(proof, { purpose: 'signup' })).toEqual(gone)
    expect(await otp.redeem(proof, { purpose: 'login' })).toMatchObject({ ok: true })
  })

  it('its namespace', async () => {
    const { store, rateLimiter, proof } = await prove({ namespace: 'one' })
    const other = createFixture({ store, rateLimiter, namespace: 'two' }).otp
    expect(await other.redeem(proof, { purpose: 'login' })).toEqual(gone)
  })

  it('its secret', async () => {
    const { store, rateLimiter, proof } = await prove()
    const other = createFixture({
      store,
      rateLimiter,
      secret: 'another-secret-for-tests-0123456789abcd',
    }).otp
    expect(await other.redeem(proof, { purpose: 'login' })).toEqual(gone)
  })

  it('its own characters', async () => {
    const { otp, proof } = await prove()
    const forged = (proof.startsWith('A') ? 'B' : 'A') + proof.slice(1)
    expect(await otp.redeem(forged, { purpose: 'login' })).toEqual(gone)
  })
})
