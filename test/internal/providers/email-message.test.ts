import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEmail } from '../../../src/input/email'
import {
  encodeMailbox,
  formatMailbox,
  isPlainAddress,
  parseSender,
} from '../../../src/internal/providers/email-address'
import {
  checkOrigin,
  createEmailComposer,
  otpToken,
} from '../../../src/internal/providers/email-message'
import { hostileInputs } from '../../data/hostile'
import vectors from '../../data/otp-token-vectors.json'
import { testMessage } from '../../deliveries/delivery-suite'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
console.info(`test/internal/providers/email-message.test.ts: OTPKIT_SEED=${seed}`)

describe('OTP-Token', () => {
  it.each(vectors.ok)('$code for $origin', ({ code, origin, value }) => {
    expect(otpToken(code, checkOrigin('acmeEmail', origin))).toBe(value)
  })

  it.each(vectors.refused)('refuses $code for $origin', ({ code, origin }) => {
    const isAscii = otpToken(code, 'https://acme.example') !== undefined
    if (isAscii)
      expect(() => checkOrigin('acmeEmail', origin)).toThrow(
        'otpkit: acmeEmail: option `origin` must be an https address',
      )
    else expect(code).toBe('é')
  })

  it.each([
    'https://acme"evil.example',
    'https://{acme}.example',
    'ftp://acme.example',
    'http://localhost.evil.example',
    'acme.example',
    'null',
    '',
    undefined,
    {},
  ])('refuses the origin %j', (origin) => {
    expect(() => checkOrigin('acmeEmail', origin)).toThrow(
      'otpkit: acmeEmail: option `origin` must be an https address',
    )
  })

  it('is left out for a code that it cannot hold', () => {
    const options = { from: 'otp@acme.example', origin: 'https://acme.example' }
    const message = testMessage({ to: 'person@example.com', code: '۱۲۳۴۵۶' })
    expect(createEmailComposer('smtpEmail', 'smtp', options)(message).headers).toEqual({
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    })
  })
})

describe('addresses', () => {
  it('S62 accepts what the normaliser gives, and nothing that it refuses for its form', () => {
    for (const { id, input, expect: expected } of hostileInputs('email')) {
      if (expected.outcome === 'reject') {
        // These two have a plain form; that nobody may be there is for the core to know.
        const wellFormed = input === 'user@host.local' || input === 'user@xn--a.com'
        expect(isPlainAddress(input), id).toBe(wellFormed)
      } else {
        expect(isPlainAddress(expected.value), id).toBe(true)
      }
    }
  })

  it('S62 has one form with the normaliser, which alone knows where mail can go', () => {
    const parts = [
      'a',
      'Zq',
      '0',
      '_',
      "'",
      '.',
      '-',
      '+',
      '@',
      'xn--',
      'b'.repeat(32),
      '"',
      ' ',
      'é',
    ]
    const text = fc.array(fc.constantFrom(...parts), { maxLength: 8 }).map((list) => list.join(''))
    const domain = fc.constantFrom('example.com', 'a-b.example', 'a.b.c0.in', 'host.local', 'a.1x')
    const addresses = fc.oneof(
      fc.tuple(text, text).map(([local, rest]) => `${local}@${rest}.com`),
      fc.tuple(text, domain).map(([local, rest]) => `${local}@${rest}`),
    )
    const seen = { accepted: 0, refused: 0 }
    const property = fc.property(addresses, (address) => {
      const parsed = parseEmail(address)
      if (parsed.ok) expect(isPlainAddress(parsed.address)).toBe(true)
      // The normaliser trims, so it takes some addresses that have no plain form as they are.
      if (isPlainAddress(address)) {
        expect(parsed.ok || parsed.problem).toBeOneOf([true, 'domain'])
        expect(address.slice(address.indexOf('@'))).not.toMatch(/@[-.]|[-.]$|-\.|\.[-.]/)
      }
      seen[parsed.ok ? 'accepted' : 'refused'] += 1
    })
    fc.assert(property, { seed, numRuns: 3000 })
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100)
  })

  it('S67 refuses a long input by its length', () => {
    expect(isPlainAddress(`${'a.'.repeat(100_000)}@b.example`)).toBe(false)
    expect(isPlainAddress(`a@${'b-'.repeat(100_000)}.example`)).toBe(false)
  })
})

describe('senders', () => {
  it.each([
    ['otp@acme.example', '', 'otp@acme.example', 'otp@acme.example'],
    [' otp@acme.example ', '', 'otp@acme.example', 'otp@acme.example'],
    ['<otp@acme.example>', '', 'otp@acme.example', 'otp@acme.example'],
    ['Acme <otp@acme.example>', 'Acme', 'otp@acme.example', 'Acme <otp@acme.example>'],
    ['"Acme, Inc." <otp@a.example>', 'Acme, Inc.', 'otp@a.example', '"Acme, Inc." <otp@a.example>'],
    ['Acme, Inc. <otp@a.example>', 'Acme, Inc.', 'otp@a.example', '"Acme, Inc." <otp@a.example>'],
    ['شرکت <otp@acme.example>', 'شرکت', 'otp@acme.example', 'شرکت <otp@acme.example>'],
  ])('%j', (text, name, address, formatted) => {
    const sender = parseSender('acmeEmail', text)
    expect(sender).toEqual({ name, address })
    expect(formatMailbox(sender)).toBe(formatted)
  })

  it.each([
    'Acme <otp@acme.example> <b@acme.example>',
    'Acme\n<otp@acme.example>',
    'otp@acme.example\n',
    'Ac"me <otp@acme.example>',
    'otp@acme.example, b@acme.example',
    'Acme',
    '',
    42,
    undefined,
  ])('refuses %j', (text) => {
    expect(() => parseSender('acmeEmail', text)).toThrow(
      'otpkit: acmeEmail: option `from` must be an e-mail address',
    )
  })

  it('are written in ASCII as encoded words of at most 75 characters', () => {
    expect(encodeMailbox(parseSender('acmeEmail', 'Acme <otp@a.example>'))).toBe(
      'Acme <otp@a.example>',
    )
    const name = 'بنگاه بازرگانی 😀 بزرگ ایران و همسایگان دور و نزدیک'
    const [, words = ''] =
      /^(.*) <otp@a\.example>$/.exec(
        encodeMailbox(parseSender('acmeEmail', `${name} <otp@a.example>`)),
      ) ?? []
    const parts = words.split(' ').map((word) => {
      expect(word.length).toBeLessThanOrEqual(75)
      return /^=\?UTF-8\?B\?([A-Za-z0-9+/=]+)\?=$/.exec(word)?.[1] ?? ''
    })
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.map((part) => Buffer.from(part, 'base64').toString('utf8')).join('')).toBe(name)
  })
})
