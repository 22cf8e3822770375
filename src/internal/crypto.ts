import { decodeBase64url, encodeBase64url, firstCharacters } from './base64url'

/**
 * AES-256-GCM under keys that are kept, on whatever the runtime has: Node and Bun have it
 * synchronously, everywhere else WebCrypto answers. Callers await either.
 */
export interface Sealer {
  /** Encrypts a text, authenticating `context` beside it. No nonce may ever come twice. */
  seal(nonce: string, text: string, context: string): string | Promise<string>
  /** What `seal` sealed, or `null` when it is not authentic. */
  open(nonce: string, sealed: string, context: string): string | null | Promise<string | null>
}

// Written for Node's own: strings are handed in as they are, since every typed array that is made on
// the way to a cipher costs half a microsecond.
interface NodeCrypto {
  createSecretKey(key: Uint8Array): object
  createCipheriv(algorithm: 'aes-256-gcm', key: object, iv: Uint8Array): NodeCipher
  createDecipheriv(algorithm: 'aes-256-gcm', key: object, iv: Uint8Array): NodeDecipher
}
interface NodeBytes {
  toString(encoding: 'base64url'): string
}
interface NodeCipher {
  setAAD(data: string, options: { encoding: 'utf8' }): void
  update(text: string, encoding: 'utf8'): NodeBytes
  final(): unknown
  getAuthTag(): NodeBytes
}
interface NodeDecipher {
  setAAD(data: string, options: { encoding: 'utf8' }): void
  setAuthTag(tag: Uint8Array): void
  update(data: Uint8Array): Uint8Array
  final(): unknown
}

declare const process:
  | { getBuiltinModule?: (name: 'node:crypto') => NodeCrypto | undefined }
  | undefined

const node = findNodeCrypto()

// Asked of the runtime instead of imported, so that bundles for the edge do not need it. The edge
// runtime of Next.js has a `process` that throws at the question.
function findNodeCrypto(): NodeCrypto | null {
  try {
    return (
      (typeof process === 'undefined' ? null : process.getBuiltinModule?.('node:crypto')) ?? null
    )
  } catch {
    return null
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const tagLength = 16
/** The tag's in base64url. */
const tagCharacters = 22

/**
 * Seals under one of 256 keys, which the first byte of a nonce of 128 random bits chooses; 12 of the
 * others are the IV. Making a key known to the runtime costs as much as sealing, so they are kept.
 *
 * An IV that comes twice under one key would show how two texts differ. Random IVs of 96 bits
 * are good for 2³² texts a key at odds below 2⁻³² (NIST SP 800-38D, section 8.3), so a secret is
 * good for 2⁴⁰: a hundred million a day for 30 years. Only the nonce decides key and IV, so it needs
 * no place beside them.
 *
 * @param keyOf - makes the key of this number, 32 bytes
 * @param runtime - tests pass `null` to get WebCrypto where Node is, or something like Node's
 */
export function createSealer(
  keyOf: (number: number) => Uint8Array,
  runtime: NodeCrypto | null = node,
): Sealer {
  return runtime !== null && isComplete(runtime) ? nodeSealer(keyOf, runtime) : webSealer(keyOf)
}

// Others have a `node:crypto` too, which may be less than Node's: Deno's takes no text as a context.
function isComplete(runtime: NodeCrypto): boolean {
  try {
    const sealer = nodeSealer(() => new Uint8Array(32), runtime)
    const nonce = 'A'.repeat(22)
    return sealer.open(nonce, sealer.seal(nonce, 'text', 'context'), 'context') === 'text'
  } catch {
    return false
  }
}

function nodeSealer(keyOf: (number: number) => Uint8Array, runtime: NodeCrypto) {
  const keyFor = kept((number) => runtime.createSecretKey(keyOf(number)))
  return {
    seal: (nonce: string, text: string, context: string) => {
      const { number, iv } = readNonce(nonce)
      const cipher = runtime.createCipheriv('aes-256-gcm', keyFor(number), iv)
      cipher.setAAD(context, { encoding: 'utf8' })
      const body = cipher.update(text, 'utf8')
      cipher.final()
      return body.toString('base64url') + cipher.getAuthTag().toString('base64url')
    },
    open: (nonce: string, sealed: string, context: string) => {
      const parts = partsOf(sealed)
      if (parts === null) return null
      try {
        const { number, iv } = readNonce(nonce)
        const decipher = runtime.createDecipheriv('aes-256-gcm', keyFor(number), iv)
        decipher.setAAD(context, { encoding: 'utf8' })
        decipher.setAuthTag(parts.tag)
        const text = decipher.update(parts.body)
        decipher.final()
        return decoder.decode(text)
      } catch {
        return null
      }
    },
  }
}

function webSealer(keyOf: (number: number) => Uint8Array): Sealer {
  const keyFor = kept((number) =>
    crypto.subtle.importKey('raw', new Uint8Array(keyOf(number)), 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]),
  )
  const parameters = (iv: Uint8Array<ArrayBuffer>, context: string) => {
    return { name: 'AES-GCM', iv, additionalData: encoder.encode(context) }
  }
  return {
    seal: async (nonce, text, context) => {
      const { number, iv } = readNonce(nonce)
      const key = await keyFor(number)
      const sealed = await crypto.subtle.encrypt(parameters(iv, context), key, encoder.encode(text))
      const bytes = new Uint8Array(sealed)
      return [bytes.subarray(0, -tagLength), bytes.subarray(-tagLength)]
        .map(encodeBase64url)
        .join('')
    },
    open: async (nonce, sealed, context) => {
      const parts = partsOf(sealed)
      if (parts === null) return null
      const { body, tag } = parts
      const bytes = new Uint8Array(body.length + tag.length)
      bytes.set(body)
      bytes.set(tag, body.length)
      try {
        const { number, iv } = readNonce(nonce)
        const key = await keyFor(number)
        const text = await crypto.subtle.decrypt(parameters(iv, context), key, bytes)
        return decoder.decode(text)
      } catch {
        return null
      }
    },
  }
}

function kept<T>(make: (number: number) => T): (number: number) => T {
  const made: T[] = []
  return (number) => {
    const found = made[number] ?? make(number)
    made[number] = found
    return found
  }
}

function readNonce(nonce: string) {
  const bytes = decodeBase64url(nonce) ?? new Uint8Array(0)
  if (bytes.length !== 16) throw new TypeError('otpkit: a nonce is 22 characters')
  return { number: bytes[0] ?? 0, iv: bytes.slice(4) }
}

function partsOf(sealed: string) {
  const body = decodeBase64url(sealed.slice(0, -tagCharacters))
  const tag = decodeBase64url(sealed.slice(-tagCharacters))
  return body === null || tag?.length !== tagLength ? null : { body, tag }
}

// One call for many nonces: asking the system costs more than everything done with the answer.
const pool = new Int32Array(1024)
let poolPosition = pool.length
const drawn = new Int32Array(8)

/** 128 random bits as 22 characters of base64url. */
export function randomText(): string {
  if (poolPosition === pool.length) {
    crypto.getRandomValues(pool)
    poolPosition = 0
  }
  for (let index = 0; index < 4; index += 1) {
    drawn[index] = pool[poolPosition] ?? 0
    pool[poolPosition] = 0
    poolPosition += 1
  }
  return firstCharacters(drawn)
}
