import { describe, expect, it } from 'vitest'
import { normaliseCode } from '../src/input/code'
import { ipBucket } from '../src/input/ip'
import { canReceive, parseRecipient } from '../src/input/recipient'
import { corpusSize, hostileInputs } from './data/hostile'

const countries = new Set('IN GB US DE JP AE ID IT BR MX AR'.split(' '))

// The corpus has names of its own for the problems.
const problems: Readonly<Record<string, string>> = {
  TYPE: 'type',
  EMPTY: 'empty',
  TOO_LONG: 'too_long',
  TOO_SHORT: 'too_short',
  CONTROL_CHAR: 'control_character',
  MIXED_DIGITS: 'mixed_digits',
  INVALID_CHAR: 'character',
  NO_COUNTRY_CODE: 'country_code_missing',
  INVALID_NUMBER: 'number',
  COUNTRY_NOT_ALLOWED: 'country',
  NUMBER_TYPE_BLOCKED: 'number_type',
  NON_ASCII_OR_SPACE: 'character',
  LOCAL_CHAR: 'character',
  SYNTAX: 'syntax',
  DOMAIN: 'domain',
  DOMAIN_RESERVED: 'domain',
  LENGTH: 'length',
}

// Where one field takes both kinds of recipient, or the numbering plan knows better.
const ours: Readonly<Record<string, string>> = {
  'phone-051': 'number_type', // a landline of its plan, which a text message does not reach
  'phone-054': 'number_type', // likewise
  'email-099': 'character', // without an @ it is read as a phone number
}

/** What becomes of a recipient, asked to receive a text message. */
function outcomeOf(input: unknown): string {
  const parsed = parseRecipient(input, { countries })
  if (!parsed.ok) return `refused: ${parsed.problem}`
  return canReceive(parsed.recipient, 'sms') ? parsed.recipient.identity : 'refused: number_type'
}

describe('hostile inputs', () => {
  it('the corpus is whole', () => {
    expect(corpusSize.held).toBe(corpusSize.said)
  })

  describe.each(['phone', 'email'] as const)('S56–S67 %s', (group) => {
    it.each(hostileInputs(group))('$id $why', ({ id, input, expect: expected }) => {
      const problem = expected.outcome === 'reject' && (ours[id] ?? problems[expected.error])
      expect(outcomeOf(input)).toBe(
        expected.outcome === 'reject' ? `refused: ${problem}` : expected.value,
      )
    })
  })

  describe('S56–S68 code', () => {
    it.each(hostileInputs('code'))('$id $why', ({ input, expect: expected }) => {
      expect(normaliseCode(input, 'digits')).toEqual(
        expected.outcome === 'reject'
          ? { ok: false, problem: problems[expected.error] }
          : { ok: true, code: expected.value },
      )
    })
  })

  describe('S35 S36 ip', () => {
    it.each(hostileInputs('ip'))('$id $why', ({ input, expect: expected }) => {
      expect(ipBucket(input)).toEqual(
        expected.outcome === 'reject'
          ? { ok: false }
          : { ok: true, bucket: expected.value.replace(/^(net|bucket):/, '') },
      )
    })
  })

  it('S34 every spelling of one recipient shares one bucket', () => {
    const keys = new Map<string, Set<string>>()
    for (const group of ['phone', 'email'] as const) {
      for (const { input, expect: expected } of hostileInputs(group)) {
        if (expected.outcome === 'reject') continue
        const parsed = parseRecipient(input, { countries })
        if (!parsed.ok) throw new Error(expected.value)
        const { identity, abuseKey } = parsed.recipient
        keys.set(identity, (keys.get(identity) ?? new Set()).add(abuseKey))
      }
    }
    expect(keys.size).toBeGreaterThan(10)
    for (const [, shared] of keys) expect(shared.size).toBe(1)
    const aliases = ['user', 'User', 'u.s.e.r', 'user+otp1'].map((local) => `${local}@gmail.com`)
    for (const alias of [...aliases, 'user@googlemail.com']) {
      expect([...(keys.get(alias) ?? [])]).toEqual(['user@gmail.com'])
    }
  })

  it('S57 a megabyte costs less than a millisecond', () => {
    const inputs = ['9', ' ', '@', '(', 'a@', '\u0661'].map((part) => part.repeat(1_000_000))
    const started = performance.now()
    for (let round = 0; round < 100; round++) {
      for (const input of inputs) {
        parseRecipient(input, { countries })
        normaliseCode(input, 'base32')
        ipBucket(input)
      }
    }
    expect((performance.now() - started) / (100 * inputs.length)).toBeLessThan(1)
  })
})
