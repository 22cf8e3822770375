import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  KeyObject,
  randomBytes,
} from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { decodeBase64url, encodeBase64url } from '../../src/internal/base64url'
import { createSealer, randomText } from '../../src/internal/crypto'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now())
const key = new Uint8Array(randomBytes(32))

describe(`base64url, seed ${seed}`, () => {
  it('is what Node writes and reads', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const text = encodeBase64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(decodeBase64url(text)).toEqual(bytes)
      }),
      { seed },
    )
  })

  it('reads nothing else', () => {
    for (const text of ['a+b/', 'ab=', 'a b', 'é', '\u0000']) {
      expect(decodeBase64url(text)).toBeNull()
    }
  })
})

const keyOf = (number: number) => createHash('sha256').update(key).update(`${number}`).digest()
const [here, elsewhere] = [createSealer(keyOf), createSealer(keyOf, null)]
const [nonce, context] = [randomText(), 'context']

describe('on Node and on WebCrypto alike', () => {
  it('Node needs no promise, and what seals without it is one', async () => {
    expect(here.seal(nonce, 'text', context)).toBeTypeOf('string')
    expect(elsewhere.seal(nonce, 'text', context)).toBeInstanceOf(Promise)
  })

  it('Node is found where it is', async () => {
    vi.resetModules()
    const fresh = await import('../../src/internal/crypto')
    expect(fresh.createSealer(keyOf).seal(nonce, 'text', context)).toBeTypeOf('string')
  })

  it('a process that throws when it is asked for Node is none', async () => {
    const { getBuiltinModule } = process
    process.getBuiltinModule = () => {
      throw new Error('not on the edge')
    }
    vi.resetModules()
    const edge = await import('../../src/internal/crypto').finally(() => {
      process.getBuiltinModule = getBuiltinModule
    })
    const sealed = edge.createSealer(keyOf).seal(nonce, 'text', context)
    expect(sealed).toBeInstanceOf(Promise)
    expect(await sealed).toBe(await here.seal(nonce, 'text', context))
  })

  it.each(['', 'N'.repeat(21), 'N'.repeat(24), `${'N'.repeat(21)}.`])(
    'nothing is sealed with the nonce %j',
    async (odd) => {
      for (const sealer of [here, elsewhere]) {
        const seal = async () => sealer.seal(odd, 'text', context)
        await expect(seal()).rejects.toThrow('otpkit: a nonce is 22 characters')
      }
    },
  )

  it.each(['', 'text', 'ünïcode 😀', 'x'.repeat(1000)])('%j is sealed and opened', async (text) => {
    const sealed = await here.seal(nonce, text, context)
    expect(await elsewhere.seal(nonce, text, context)).toBe(sealed)
    expect(await here.open(nonce, sealed, context)).toBe(text)
    expect(await elsewhere.open(nonce, sealed, context)).toBe(text)
  })

  it('a context is bound whatever its characters', async () => {
    const sealed = await here.seal(nonce, 'text', 'ünïcode 😀')
    expect(await elsewhere.open(nonce, sealed, 'ünïcode 😀')).toBe('text')
  })

  it('nothing opens what was changed, cut, or sealed for something else', async () => {
    const sealed = await here.seal(nonce, 'a secret text', context)
    const changed = Array.from(sealed, (character, at) => {
      const next = character === 'A' ? 'B' : 'A'
      return sealed.slice(0, at) + next + sealed.slice(at + 1)
    }).filter((text) => {
      const parts = (of: string) =>
        [of.slice(0, -22), of.slice(-22)].map((part) =>
          Buffer.from(part, 'base64url').toString('hex'),
        )
      return parts(text).join() !== parts(sealed).join()
    })
    const otherKeys = createSealer(() => new Uint8Array(32))
    for (const sealer of [here, elsewhere]) {
      for (const text of [...changed, sealed.slice(0, -4), '', 'short', 'not base64!']) {
        expect(await sealer.open(nonce, text, context)).toBeNull()
      }
      expect(await sealer.open(nonce, sealed, 'other')).toBeNull()
      expect(await sealer.open(randomText(), sealed, context)).toBeNull()
      for (const odd of ['', nonce.slice(1), `${nonce.slice(1)}.`]) {
        expect(await sealer.open(odd, sealed, context)).toBeNull()
      }
    }
    expect(await otherKeys.open(nonce, sealed, context)).toBeNull()
  })

  it('the first byte of a nonce chooses the key, and each is made once', async () => {
    for (const runtime of [undefined, null]) {
      const asked: number[] = []
      const sealer = createSealer((number) => {
        asked.push(number)
        return keyOf(number)
      }, runtime)
      const nonces = Array.from({ length: 600 }, (_, index) => {
        return Buffer.from([index % 256, ...new Array<number>(15).fill(index >> 8)]).toString(
          'base64url',
        )
      })
      const sealed = await Promise.all(nonces.map((one) => sealer.seal(one, 'text', context)))
      expect(new Set(sealed).size).toBe(600)
      expect(asked.toSorted((left, right) => left - right)).toEqual([...new Array(256).keys()])
    }
  })
})

type Runtime = NonNullable<Parameters<typeof createSealer>[1]>

/** Node's own, with some of a cipher's methods replaced. */
function cryptoWith(replaced: Partial<ReturnType<Runtime['createCipheriv']>>): Runtime {
  const keyIn = (key: object) => {
    if (key instanceof KeyObject) return key
    throw new TypeError('not a key')
  }
  return {
    createSecretKey,
    createCipheriv: (algorithm, key, iv) => {
      const cipher = createCipheriv(algorithm, keyIn(key), iv)
      return {
        setAAD: (text) => cipher.setAAD(Buffer.from(text)),
        update: (text) => cipher.update(text, 'utf8'),
        final: () => cipher.final(),
        getAuthTag: () => cipher.getAuthTag(),
        ...replaced,
      }
    },
    createDecipheriv: (algorithm, key, iv) => {
      const decipher = createDecipheriv(algorithm, keyIn(key), iv)
      return {
        setAAD: (text) => decipher.setAAD(Buffer.from(text)),
        setAuthTag: (tag) => decipher.setAuthTag(tag),
        update: (data) => decipher.update(data),
        final: () => decipher.final(),
      }
    },
  }
}

describe('where `node:crypto` is less than that of Node', () => {
  const refuse = () => {
    throw new TypeError('expected typed ArrayBufferView')
  }
  const imitations: Readonly<Record<string, Runtime>> = {
    'a context that is text is refused, as by Deno': cryptoWith({ setAAD: refuse }),
    'a context is not bound': cryptoWith({ setAAD: () => {} }),
    'the tag comes as text': cryptoWith({ getAuthTag: () => 'x'.repeat(22) }),
    'there is no GCM': { ...cryptoWith({}), createCipheriv: refuse },
    'there are no key objects': { ...cryptoWith({}), createSecretKey: refuse },
  }

  it.each(Object.entries(imitations))('%s: WebCrypto seals and opens', async (_, imitation) => {
    const sealer = createSealer(keyOf, imitation)
    const sealed = await sealer.seal(nonce, 'text', context)
    expect(sealed).toBe(await elsewhere.seal(nonce, 'text', context))
    expect(await sealer.open(nonce, sealed, context)).toBe('text')
  })

  it('and not where it is the same', () => {
    expect(createSealer(keyOf, cryptoWith({})).seal(nonce, 'text', context)).toBeTypeOf('string')
  })
})

describe('random text', () => {
  it('is 22 characters, and never the same', () => {
    const texts = Array.from({ length: 100_000 }, randomText)
    expect(new Set(texts).size).toBe(texts.length)
    expect(texts.every((text) => /^[\w-]{22}$/.test(text))).toBe(true)
  })

  it('uses every bit of 16 bytes', () => {
    const ones = new Array<number>(128).fill(0)
    const count = 20_000
    for (let draw = 0; draw < count; draw++) {
      const bytes = Buffer.from(randomText(), 'base64url')
      for (let bit = 0; bit < 128; bit++) {
        ones[bit] = (ones[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1)
      }
    }
    // Six standard deviations of a fair coin.
    const tolerance = 3 * Math.sqrt(count)
    for (const times of ones) expect(Math.abs(times - count / 2)).toBeLessThan(tolerance)
  })
})
