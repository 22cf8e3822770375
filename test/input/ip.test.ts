import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ipBucket, networkOf } from '../../src/input/ip'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
console.info(`test/input/ip.test.ts: OTPKIT_SEED=${seed}`)
fc.configureGlobal({ seed })

function bucketOf(input: unknown): string {
  const result = ipBucket(input)
  return result.ok ? result.bucket : 'refused'
}

describe('IPv4', () => {
  it.each(['203.0.113.7', '0.0.0.1', '255.255.255.255', '10.0.0.1'])('%s is itself', (address) => {
    expect(bucketOf(address)).toBe(address)
  })

  it.each([
    ...['0.0.0.0', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.256', '1.2. 3.4', '1.2.3.4/24'],
    ...['1.2.3:4', '1.2.3.4:', '1.2.3.4:x', '1.2.3.4:123456', '1.2.3.4:80:80', '1.2.3.4%eth0'],
    ...['0.0.0.0:80', '1.2.3.4:80, 5.6.7.8', '[1.2.3.4', '1.2.3.4:-1'],
    ...['1.2.3.4\n', '\r\n1.2.3.4', '1.2.3.4:80\n', '\u00a01.2.3.4'],
  ])('S35 %j shares the bucket of the unknown', (address) => {
    expect(bucketOf(address)).toBe('unknown')
  })
})

describe('IPv6', () => {
  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:0000:0000:0000:0001', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64'],
    ['64:ff9b::1:203.0.113.7', '64:ff9b:0:0::/64'],
    ['64:ff9b:1::203.0.113.7', '64:ff9b:1:0::/64'],
    ['::fffe:203.0.113.7', '0:0:0:0::/64'],
  ])('S36 %s counts by its /64', (address, bucket) => {
    expect(bucketOf(address)).toBe(bucket)
  })

  it.each([
    '::ffff:203.0.113.7',
    '::FFFF:cb00:7107',
    '0:0:0:0:0:ffff:203.0.113.7',
    '0000:0000:0000:0000:0000:ffff:cb00:7107',
    // A translator in front of a server that has IPv6 alone.
    '64:ff9b::203.0.113.7',
    '[64:FF9B::cb00:7107]:61598',
    '::ffff:0:203.0.113.7',
  ])('S36 %s is the IPv4 address in it', (address) => {
    expect(bucketOf(address)).toBe('203.0.113.7')
  })

  it.each([
    ['203.0.113.7:61598', '203.0.113.7'],
    ['203.0.113.7:0', '203.0.113.7'],
    [' 203.0.113.7', '203.0.113.7'],
    ['\t203.0.113.7:61598 ', '203.0.113.7'],
    [' [2001:db8:1:2::7]:61000', '2001:db8:1:2::/64'],
    [' 2001:db8:1:2::7', '2001:db8:1:2::/64'],
    ['[203.0.113.7]:80', '203.0.113.7'],
    ['::ffff:203.0.113.7:61598', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:61598', '203.0.113.7'],
    ['[::FFFF:cb00:7107]', '203.0.113.7'],
    ['[2001:db8:1:2::7]:61000', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::7]', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['fe80::1%12', 'fe80:0:0:0::/64'],
    ['fe80::1%250', 'fe80:0:0:0::/64'],
    ['[fe80::1%en0]:443', 'fe80:0:0:0::/64'],
  ])('S36 %s, as hosts hand it over, is %s', (address, bucket) => {
    expect(bucketOf(address)).toBe(bucket)
  })

  it('S36 every mapped IPv4 address has a bucket of its own', () => {
    expect(bucketOf('::ffff:0.0.0.1')).toBe('0.0.0.1')
    expect(bucketOf('::ffff:255.255.255.255')).toBe('255.255.255.255')
    expect(bucketOf('::ffff:0.0.0.0')).toBe('unknown')
  })

  it.each([
    '::',
    '0:0:0:0:0:0:0:0',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '::g',
    '[::1',
    '::1]',
    '[[::1]]',
    '[::1]:',
    '[::1]:123456',
    '[::1]x',
    '[]:80',
    '::1]/x[',
    'fe80::1%',
    'fe80::1%25eth0',
    'fe80::1%a/b',
    '%eth0',
    '::ffff:0177.0.0.1',
    '::ffff:1.2.3',
    '::1 2',
    '::\n1',
    '2001:db8:1:2::1:443:x',
    '',
    ':'.repeat(64),
    `::${'0'.repeat(1_000_000)}`,
  ])('S35 %j shares the bucket of the unknown', (address) => {
    expect(bucketOf(address)).toBe('unknown')
  })
})

describe('no string', () => {
  it('S35 an absent address is limited, not skipped', () => {
    expect(bucketOf(null)).toBe('unknown')
    expect(bucketOf(undefined)).toBe('unknown')
  })

  it('S56 anything else is refused', () => {
    for (const input of [[], ['203.0.113.7'], {}, 0, 1n, true, Symbol('ip'), new String('::1')]) {
      expect(bucketOf(input)).toBe('refused')
    }
  })
})

describe('properties', () => {
  it('S36 all spellings of an address have one bucket, and neighbours another', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV4(), (v6, v4) => {
        const bucket = bucketOf(v6)
        expect(bucketOf(v6.toUpperCase())).toBe(bucket)
        expect(bucketOf(`::ffff:${v4}`)).toBe(bucketOf(v4))
        expect(bucketOf(`${v4}:61598`)).toBe(bucketOf(v4))
        expect(bucketOf(`[${v6}]:443`)).toBe(bucket)
        expect(bucket).toMatch(
          /^(?:unknown|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){3}::\/64)$/,
        )
      }),
      { numRuns: 5_000 },
    )
    const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(groups, groups, fc.nat(3), (first, second, index) => {
        const write = (parts: readonly number[]) => parts.map((part) => part.toString(16)).join(':')
        const host = second.slice(4)
        const other = first.map((part, place) => (place === index ? part ^ 1 : part))
        const bucket = bucketOf(write([0x2001, ...first.slice(1)]))
        expect(bucketOf(write([0x2001, ...first.slice(1, 4), ...host]))).toBe(bucket)
        expect(bucketOf(write([0x2003, ...first.slice(1)]))).not.toBe(bucket)
        if (index > 0) expect(bucketOf(write([0x2001, ...other.slice(1)]))).not.toBe(bucket)
      }),
      { numRuns: 5_000 },
    )
  })

  it('S64 whatever is passed, it never throws', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0127abfxF:.%[]/@?# \n'), maxLength: 45 })
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' }), fc.anything()), (input) => {
        const bucket = bucketOf(input)
        if (bucket.includes('.')) expect(bucketOf(bucket)).toBe(bucket)
      }),
      { numRuns: 20_000 },
    )
  })
})

describe('the network around an address', () => {
  it.each([
    ['2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:db8:0:0::/64', '2001:db8:0::/48'],
    ['0:0:0:0::/64', '0:0:0::/48'],
  ])('of %s is %s', (bucket, network) => {
    expect(networkOf(bucket)).toBe(network)
  })

  it.each(['203.0.113.7', 'unknown', ''])('of %j there is none', (bucket) => {
    expect(networkOf(bucket)).toBeUndefined()
  })

  it('is one for all buckets of a /48, and no other one', () => {
    const of = (address: string) => {
      const read = ipBucket(address)
      return read.ok ? networkOf(read.bucket) : undefined
    }
    expect(of('2001:db8:7:1::1')).toBe(of('2001:0DB8:7:ffff:1:2:3:4'))
    expect(of('2001:db8:7:1::1')).not.toBe(of('2001:db8:8:1::1'))
    expect(of('::ffff:203.0.113.7')).toBeUndefined()
  })
})
