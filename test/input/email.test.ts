import fc from 'fast-check'
import addressparser from 'nodemailer/lib/addressparser'
import { describe, expect, it } from 'vitest'
import { foldEmail, maskEmail, parseEmail } from '../../src/input/email'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
console.info(`test/input/email.test.ts: OTPKIT_SEED=${seed}`)
fc.configureGlobal({ seed })

function addressOf(input: string): string {
  const parsed = parseEmail(input)
  return parsed.ok ? parsed.address : parsed.problem
}

const label = (length: number) => 'b'.repeat(length)

describe('local part', () => {
  it.each(['a', 'A.b', 'a-', "o'neil", 'a_b~c&d', '+tag', '0', 'a.-b', '__proto__'])(
    '%s is kept as it is',
    (local) => {
      expect(addressOf(`${local}@gmail.com`)).toBe(`${local}@gmail.com`)
    },
  )

  it.each(['.a', 'a.', 'a..b', '-a', '', '.'])('S62 %j is not plain syntax', (local) => {
    expect(addressOf(`${local}@gmail.com`)).toBe('syntax')
  })

  it.each([...'"(),:;<>[]\\!#$%*/=?^`{|} \u00e9\u212a\uff41\u0131\ud800'])(
    'S59 S62 %j has no place in it',
    (character) => {
      expect(addressOf(`a${character}b@gmail.com`)).toBe('character')
    },
  )

  it('has 64 characters at most', () => {
    expect(addressOf(`${'a'.repeat(64)}@gmail.com`)).toBe(`${'a'.repeat(64)}@gmail.com`)
    expect(addressOf(`${'a'.repeat(65)}@gmail.com`)).toBe('too_long')
  })
})

describe('domain', () => {
  it('is lower-cased, and nothing else is', () => {
    expect(addressOf('User.Name@SUB.Example.COM')).toBe('User.Name@sub.example.com')
  })

  it.each(['example.com', 'a.b-c.co', 'r3---x.com', '1.2.3.com', 'xn--p1ai.xn--p1ai'])(
    '%s can receive mail',
    (domain) => {
      expect(addressOf(`a@${domain}`)).toBe(`a@${domain}`)
    },
  )

  it.each([
    'com',
    '.com',
    'a.com.',
    'a..com',
    '-a.com',
    'a-.com',
    'a.b-',
    'a_b.com',
    'a.c',
    'a.123',
    'a.0x7f',
    '127.0.0.1',
    '[127.0.0.1]',
    'xn--a.com',
    'a.xn--',
    `${label(64)}.com`,
  ])('S62 S63 %s cannot', (domain) => {
    expect(addressOf(`a@${domain}`)).toBe('domain')
  })

  it.each('local localhost invalid test example onion alt internal arpa LOCAL'.split(' '))(
    'nobody is reached under .%s',
    (name) => {
      expect(addressOf(`a@host.${name}`)).toBe('domain')
    },
  )

  it('has labels of 63 characters at most', () => {
    expect(addressOf(`a@${label(63)}.com`)).toBe(`a@${label(63)}.com`)
  })
})

describe('whole address', () => {
  it('has 254 characters at most', () => {
    const domain = `${label(63)}.${label(63)}.${label(63)}.`
    const longest = `aa@${domain}${label(254 - 3 - domain.length)}`
    expect(longest).toHaveLength(254)
    expect(addressOf(longest)).toBe(longest)
    expect(addressOf(`${longest}b`)).toBe('too_long')
  })

  it.each(['', 'a', 'gmail.com', '@', 'a@', '@gmail.com', 'a@b@c.com', 'a@@c.com'])(
    'S62 %j is not one',
    (address) => {
      expect(addressOf(address)).toBe('syntax')
    },
  )

  it('loses spaces and marks around it, and keeps overrides out', () => {
    expect(addressOf(' \u200f\u2067a@gmail.com\u2069\u00a0')).toBe('a@gmail.com')
    expect(addressOf('\u202ea@gmail.com')).toBe('character')
  })

  it('S61 holds no control character', () => {
    for (const control of ['\0', '\t', '\n', '\r', '\u007f', '\u0085', '\u2028', '\u2029']) {
      expect(addressOf(`${control}a@gmail.com`)).toBe('control_character')
      expect(addressOf(`a@gm${control}ail.com`)).toBe('control_character')
      expect(addressOf(`a@gmail.com${control}`)).toBe('control_character')
    }
  })
})

describe('folding and masking', () => {
  it.each([
    ['User@gmail.com', 'user@gmail.com'],
    ['u.s.e.r+tag+more@gmail.com', 'user@gmail.com'],
    ['u.ser@googlemail.com', 'user@gmail.com'],
    ['U.ser+tag@example.com', 'u.ser@example.com'],
    ['+tag@example.com', '+tag@example.com'],
    ['user@gmail.com.example.com', 'user@gmail.com.example.com'],
  ])('%s is limited as %s', (address, key) => {
    expect(foldEmail(address)).toBe(key)
    expect(foldEmail(key)).toBe(key)
  })

  it('a mask has the same length for every local part', () => {
    expect(maskEmail('user@gmail.com')).toBe('u•••@gmail.com')
    expect(maskEmail('u@gmail.com')).toBe('u•••@gmail.com')
  })
})

// Mostly acceptable, so that the properties below are about something.
const hostile = fc.constantFrom(...'@(),:;<>[]"\\ \r\n\0=?%!*\u00ad\u200b\uff20\u3002\u212a')
const plain = fc.constantFrom(..."aZ09._+'~&-")
const local = fc.string({
  unit: fc.oneof({ weight: 60, arbitrary: plain }, hostile),
  maxLength: 12,
})
const names = fc.constantFrom('gmail.com', 'Sub.Example.ORG', 'xn--ber-goa.de', 'a-b.co.in', 'a.b')
const domain = fc.oneof(
  { weight: 4, arbitrary: names },
  fc.tuple(names, fc.nat(20), hostile).map(([name, at, character]) => {
    return name.slice(0, at) + character + name.slice(at)
  }),
)

describe('properties', () => {
  it('S62 S71 what is accepted is one recipient, byte for byte, to a mail parser', () => {
    let accepted = 0
    fc.assert(
      fc.property(local, domain, (name, host) => {
        const parsed = parseEmail(`${name}@${host}`)
        if (!parsed.ok) return
        accepted++
        expect(addressparser(parsed.address)).toEqual([{ name: '', address: parsed.address }])
        expect(addressparser(parsed.address, { flatten: true })).toHaveLength(1)
      }),
      { numRuns: 20_000 },
    )
    expect(accepted).toBeGreaterThan(2_000)
  })

  it('S58 a normalised address is its own normal form, in a fixed alphabet', () => {
    fc.assert(
      fc.property(local, domain, (name, host) => {
        const parsed = parseEmail(` ${name}@${host} `)
        if (!parsed.ok) return
        expect(parseEmail(parsed.address)).toEqual(parsed)
        expect(parsed.address).toMatch(/^[A-Za-z0-9._+'~&-]{1,64}@[a-z0-9.-]{4,}$/)
        expect(foldEmail(foldEmail(parsed.address))).toBe(foldEmail(parsed.address))
      }),
      { numRuns: 20_000 },
    )
  })
})
