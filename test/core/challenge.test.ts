import { describe, expect, it } from 'vitest'
import {
  codeOf,
  createChallenge,
  digestOf,
  openState,
  reopenChallenge,
} from '../../src/core/challenge'
import { createKeyring, joinFields, sealData } from '../../src/core/keyring'
import { randomText } from '../../src/internal/crypto'

const bytes = (fill: number) => new Uint8Array(32).map((_, at) => fill + at)
const keyring = (...fills: [number, ...number[]]) => {
  const [first, ...rest] = fills.map((fill) => ({ id: `k${fill}`, bytes: bytes(fill) }))
  if (first === undefined) throw new Error('no key')
  return createKeyring([first, ...rest], bytes(99), 'test')
}
const keys = keyring(1)
const randomId = () => randomText() + 'L'.repeat(22)
const state = {
  recipient: '+919876543210',
  purpose: 'login',
  channel: 'sms',
  locale: 'en',
  alphabet: 'digits',
  codeLength: 6,
  silent: false,
  lifetimeMs: 300_000,
  continues: '',
  codeNonce: '',
} as const

describe('a challenge', () => {
  it('opens to what it was made of, and yields its code again', async () => {
    const id = randomId()
    const challenge = await createChallenge(keys, id, state)
    const opened = await openState(keys, id, challenge.data)
    expect(opened?.state).toEqual(state)
    expect(opened && codeOf(opened, id)).toBe(challenge.code)
    const [key] = keys.signing
    expect(digestOf(key, id, 'login', challenge.code)).toBe(challenge.digest)
  })

  it('S05 keeps neither code nor recipient in what is stored', async () => {
    const { code, data, digest } = await createChallenge(keys, randomId(), {
      ...state,
      codeLength: 10,
    })
    for (const part of [
      code,
      state.recipient,
      Buffer.from(state.recipient).toString('base64url'),
    ]) {
      expect(data + digest).not.toContain(part)
    }
    expect(data).toMatch(/^k1\.[\w-]{82,}$/)
  })

  it('S07 equal codes have different digests under every other field', async () => {
    const [key] = keys.signing
    const digests = new Set<string>()
    const ids = Array.from({ length: 50 }, () => randomId())
    for (const id of ids) {
      for (const purpose of ['login', 'signup']) {
        digests.add(digestOf(key, id, purpose, '123456'))
      }
    }
    expect(digests.size).toBe(100)
  })

  it('opens under its own id and key only', async () => {
    const id = randomId()
    const { data } = await createChallenge(keys, id, state)
    expect(await openState(keys, randomId(), data)).toBeNull()
    expect(await openState(keyring(2), id, data)).toBeNull()
    expect(await openState(keyring(2, 1), id, data)).not.toBeNull()
    for (const odd of ['', '.', 'k1', 'k1.x.y', data.slice(0, -3), `${data}.more`, 'k9.a.b']) {
      expect(await openState(keys, id, odd)).toBeNull()
    }
  })

  it.each([
    { alphabet: 'base32', codeLength: 10, silent: true },
    { recipient: 'o\u2019brien."a b"+tag@xn--bcher-kva.example', locale: '' },
    { purpose: 'd6', channel: 's', locale: 'fa-IR,en' },
  ] as const)('keeps %j', async (more) => {
    const id = randomId()
    const { data } = await createChallenge(keys, id, { ...state, ...more })
    expect((await openState(keys, id, data))?.state).toEqual({ ...state, ...more })
  })

  it('keeps what only some challenges have', async () => {
    const id = randomId()
    const rare = { ...state, continues: 'C'.repeat(22), codeNonce: 'N'.repeat(22) }
    const { data, code } = await createChallenge(keys, id, rare)
    const opened = await openState(keys, id, data)
    expect(opened?.state).toEqual(rare)
    expect(opened && codeOf(opened, id)).toBe(code)
    for (const one of [{ continues: 'C'.repeat(22) }, { codeNonce: 'N'.repeat(22) }]) {
      const alone = await createChallenge(keys, id, { ...state, ...one })
      expect((await openState(keys, id, alone.data))?.state).toEqual({ ...state, ...one })
    }
  })

  it('takes no room in a store for what it has not', async () => {
    const { data } = await createChallenge(keys, randomId(), state)
    const { recipient, purpose, channel, locale, lifetimeMs } = state
    const text = ['d6', recipient, purpose, channel, locale, lifetimeMs].join('\n')
    const sealed = Buffer.from(text).toString('base64url')
    expect(data.length).toBe(`k1.${'N'.repeat(22)}${sealed}${'T'.repeat(22)}`.length)
  })

  it('is known again by the digest of its code, or as a silent one', async () => {
    const reopen = async (silent: boolean, digest?: string) => {
      const made = await createChallenge(keys, randomId(), { ...state, silent })
      const opened = await openState(keys, made.id, made.data)
      if (opened === null) throw new Error('it does not open')
      const row = { ...made, digest: digest ?? made.digest }
      const stored = { ...row, attempts: 3, attemptsLeft: 3, remainingMs: 1 }
      return { row, reopened: reopenChallenge(stored, opened) }
    }
    for (const { row, reopened } of [
      await reopen(false),
      await reopen(true),
      await reopen(true, 'D'.repeat(22)),
    ]) {
      expect(reopened).toEqual(row)
    }
    expect((await reopen(false, 'D'.repeat(22))).reopened).toBeNull()
  })

  it('has one code for one code nonce, however often it is made', async () => {
    const id = randomId()
    const make = (codeNonce: string) => createChallenge(keys, id, { ...state, codeNonce })
    const [one, other, third] = [await make('a'), await make('a'), await make('b')]
    expect([other.code, other.digest]).toEqual([one.code, one.digest])
    expect(other.data).not.toBe(one.data)
    expect(third.digest).not.toBe(one.digest)
  })

  it('S07 fields cannot be shifted into one another', () => {
    const joined = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['abc'],
      ['', 'abc'],
      ['abc', ''],
      ['1:a,', 'b'],
      ['1:a', ',b'],
    ]
    expect(new Set(joined.map(joinFields)).size).toBe(joined.length)
  })

  it('S01 codes of many nonces are spread evenly', async () => {
    const id = randomId()
    const bins = new Array<number>(100).fill(0)
    const count = 20_000
    for (let draw = 0; draw < count; draw++) {
      const { code } = await createChallenge(keys, id, state)
      const bin = Number(code.slice(-2))
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    const expected = count / bins.length
    const chiSquare = bins.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)
    // 99 degrees of freedom, seven standard deviations: by chance in no run of millions.
    expect(chiSquare).toBeLessThan(99 + 7 * Math.sqrt(2 * 99))
  })
})

describe('sealed data of another make', () => {
  it('opens to nothing', async () => {
    const id = randomId()
    const [key] = keys.signing
    for (const text of [
      '',
      '[]',
      '["+91", 5]',
      'd6',
      'd6\n\n\n',
      'd6\na\nb\nc\nd',
      'd6\na\nb\nc\nd\n',
      'd6\na\nb\nc\nd\n-1',
      'd6\na\nb\nc\nd\n9e5',
      'd6\na\nb\nc\nd\n300000\ne',
      'd6\na\nb\nc\nd\n300000\ne\nf\ng',
      'x6\na\nb\nc\nd\n300000',
      'd\na\nb\nc\nd\n300000',
      'd6x\na\nb\nc\nd\n300000',
      'xd6\na\nb\nc\nd\n300000',
    ]) {
      const data = await sealData(keys, key, 'N'.repeat(22), id, text)
      expect(await openState(keys, id, data)).toBeNull()
    }
  })
})
