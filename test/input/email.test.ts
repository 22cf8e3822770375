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
  it.each(['a', 'a.b', 'a-', "o'neil", 'a_b~c&d', '+tag', '0', 'a.-b', '__proto__'])(
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
  it('is lower-cased, and so is the name, but for the envelope', () => {
    expect(parseEmail('User.Name@SUB.Example.COM')).toEqual({
      ok: true,
      address: 'user.name@sub.example.com',
      typed: 'User.Name@sub.example.com',
    })
  })

  it.each([
    ['m\u00fcnchen.de', 'xn--mnchen-3ya.de'],
    ['M\u00dcNCHEN.de', 'xn--mnchen-3ya.de'],
    ['mu\u0308nchen.DE', 'xn--mnchen-3ya.de'],
    ['stra\u00dfe.de', 'xn--strae-oqa.de'],
    ['\u4f8b\u3048.jp', 'xn--r8jz45g.jp'],
    ['\u0645\u062b\u0627\u0644.\u0627\u06cc\u0631\u0627\u0646', 'xn--mgbh0fb.xn--mgba3a4f16a'],
    ['\u0917\u0942\u0917\u0932.\u092d\u093e\u0930\u0924', 'xn--31ba5fwc.xn--h2brj9c'],
    ['\u043f\u0440\u0438\u043c\u0435\u0440.com', 'xn--e1afmkfd.com'],
    ['\u65e5\u672cabc.jp', 'xn--abc-s08fl0d.jp'],
    ['m\u00fcn-chen.de', 'xn--mn-chen-n2a.de'],
    ['b.\u00e9', 'b.xn--9ca'],
  ])('%s is %s', (written, name) => {
    expect(addressOf(`a@${written}`)).toBe(`a@${name}`)
    expect(addressOf(`a@${name}`)).toBe(`a@${name}`)
  })

  it.each([
    ['dotless i', 'g\u0131thub.com'],
    ['long s', '\u017fam.com'],
    ['Kelvin sign', '\u212aelvin.com'],
    ['dotted capital I', '\u0130stanbul.com'],
    ['full-width letter', '\uff45xample.com'],
    ['full-width digits', '\uff11.\uff12.\uff13.\uff14'],
    ['ligature', '\ufb01le.com'],
    ['ideographic full stop', 'victim\u3002com'],
    ['Cyrillic beside Latin', '\u0430pple.com'],
    ['Greek beside Latin', 'pay\u03c1al.com'],
    ['soft hyphen', 'm\u00fcn\u00adchen.de'],
    ['joiner', 'm\u00fcn\u200dchen.de'],
    ['emoji', '\u{1f600}.com'],
    ['no letters', '\u0661.\u0662.\u0663.\u0664'],
    ['port', 'm\u00fcnchen.de:80'],
    ['path', 'm\u00fcnchen.de/x'],
    ['query', 'm\u00fcnchen.de?x'],
    ['fragment', 'm\u00fcnchen.de#x'],
    ['percent', 'm\u00fcnchen%2ede.com'],
    ['a second @', 'm\u00fcnchen.de@evil.com'],
    ['mark without its letter', '\u0301a.com'],
    ['outer hyphen', '-m\u00fcnchen.de'],
    ['outer hyphen behind', 'm\u00fcnchen-.de'],
    ['digits at the end', 'm\u00fcnchen.\u0661\u0662'],
  ])("S59 S63 %s is nobody's: %s", (_, written) => {
    expect(addressOf(`a@${written}`)).toBe('character')
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

  it('an international name ends in letters too', () => {
    expect(addressOf('a@m\u00fcnchen.a1')).toBe('domain')
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
  it('S59 is refused for a character before it is for its form', () => {
    expect(addressOf('\u00e9@gmail.com@gmail.com')).toBe('character')
  })

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

  it('loses white space and what nobody sees around it, and keeps what is inside', () => {
    expect(addressOf(' \u200f\u2067a@gmail.com\u2069\u00a0')).toBe('a@gmail.com')
    expect(addressOf('\u202d\ufeffa@gmail.com\u200b\u202c')).toBe('a@gmail.com')
    for (const around of ['\t', '\n', '\r\n', '\u00a0', '\u0085', '\u2028', '\u3000', '\u00ad']) {
      expect(addressOf(`${around}a@gmail.com${around}`)).toBe('a@gmail.com')
    }
    for (const inside of ['\u00a0', '\u200b', '\u00ad', '\u200e', '\ufeff', '\u3000']) {
      expect(addressOf(`a${inside}b@gmail.com`)).toBe('character')
      expect(addressOf(`a@gm${inside}ail.com`)).toBe('character')
    }
    expect(addressOf('\u202ea@gmail.com')).toBe('character')
  })

  it('S61 holds no control character', () => {
    for (const control of ['\0', '\u001b', '\u007f', '\u009f']) {
      expect(addressOf(`${control}a@gmail.com`)).toBe('control_character')
      expect(addressOf(`a@gmail.com${control}`)).toBe('control_character')
    }
    for (const control of ['\0', '\t', '\n', '\r', '\u007f', '\u0085', '\u2028', '\u2029']) {
      expect(addressOf(`a@gm${control}ail.com`)).toBe('control_character')
      expect(addressOf(`a${control}a@gmail.com`)).toBe('control_character')
    }
  })
})

describe('folding and masking', () => {
  it.each([
    ['user@gmail.com', 'user@gmail.com'],
    ['u.s.e.r+tag+more@gmail.com', 'user@gmail.com'],
    ['u.ser@googlemail.com', 'user@gmail.com'],
    ['u.ser+tag@example.com', 'u.ser@example.com'],
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
        const { typed } = parsed
        expect(addressparser(typed)).toEqual([{ name: '', address: typed }])
        expect(addressparser(typed, { flatten: true })).toHaveLength(1)
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
        const { address, typed } = parsed
        expect(parseEmail(typed)).toEqual(parsed)
        expect(parseEmail(address)).toEqual({ ok: true, address, typed: address })
        expect(typed.toLowerCase()).toBe(address)
        expect(address).toMatch(/^[a-z0-9._+'~&-]{1,64}@[a-z0-9.-]{4,}$/)
        expect(foldEmail(foldEmail(parsed.address))).toBe(foldEmail(parsed.address))
      }),
      { numRuns: 20_000 },
    )
  })
})
