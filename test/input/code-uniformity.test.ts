import { createCipheriv, createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { writeCode } from '../../src/input/code'

// Beside the other tests of codes, since mutation testing can wait for no two million codes.
const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
console.info(`test/input/code-uniformity.test.ts: OTPKIT_SEED=${seed}`)

const characters = { digits: '0123456789', base32: '0123456789ABCDEFGHJKMNPQRSTVWXYZ' } as const

/**
 * Of even codes sixteen deviates come near four in one of two thousand runs, and near six in none of
 * millions; the biased variant is beyond twenty.
 */
const limit = 6

/** Random bytes that follow from the seed, so that a failure can be run again. */
function* macs(count: number): Generator<Uint8Array> {
  const key = createHash('sha256').update(`${seed}`).digest()
  const stream = createCipheriv('aes-256-ctr', key, new Uint8Array(16))
  const zeros = new Uint8Array(32 * 4096)
  for (let made = 0; made < count; made += 4096) {
    const block = stream.update(zeros)
    for (let offset = 0; offset < block.length; offset += 32) {
      yield block.subarray(offset, offset + 32)
    }
  }
}

/**
 * How far the counts are from even, as a standard normal deviate: chi-square by the approximation
 * of Wilson and Hilferty, which holds for few bins too.
 */
function deviation(counts: Uint32Array): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  const spread = 2 / (9 * (counts.length - 1))
  return (Math.cbrt(chiSquare / (counts.length - 1)) - (1 - spread)) / Math.sqrt(spread)
}

/** The largest deviation over each place of the code, its first and its last `group` places. */
function unevenness(write: (mac: Uint8Array) => string, alphabet: string, group: number): number {
  const length = 6
  const base = alphabet.length
  const value = new Map([...alphabet].map((character, index) => [character, index]))
  const places = Array.from({ length }, () => new Uint32Array(base))
  const first = new Uint32Array(base ** group)
  const last = new Uint32Array(base ** group)
  for (const mac of macs(2_000_000)) {
    const code = write(mac)
    let number = 0
    for (let place = 0; place < length; place++) {
      const digit = value.get(code.charAt(place)) ?? Number.NaN
      const counts = places[place]
      if (counts !== undefined) counts[digit] = (counts[digit] ?? 0) + 1
      number = number * base + digit
    }
    const head = Math.floor(number / base ** (length - group))
    const tail = number % base ** group
    first[head] = (first[head] ?? 0) + 1
    last[tail] = (last[tail] ?? 0) + 1
  }
  return Math.max(...[...places, first, last].map(deviation))
}

describe('S01 codes are uniform (chi-square over two million, z < 6)', () => {
  it.each([
    ['digits', 3],
    ['base32', 2],
  ] as const)('%s', (alphabet, group) => {
    const z = unevenness((mac) => writeCode(mac, alphabet, 6), characters[alphabet], group)
    console.info(`uniformity of ${alphabet}: largest z ${z.toFixed(2)}, seed ${seed}`)
    expect(z).toBeLessThan(limit)
  })

  it('the same test fails three random bytes modulo a million', () => {
    const biased = (mac: Uint8Array) => {
      const [high = 0, middle = 0, low = 0] = mac
      return String((high * 0x10000 + middle * 0x100 + low) % 1_000_000).padStart(6, '0')
    }
    const z = unevenness(biased, characters.digits, 3)
    console.info(`uniformity of the biased variant: largest z ${z.toFixed(2)}, seed ${seed}`)
    expect(z).toBeGreaterThan(limit)
  })
})
