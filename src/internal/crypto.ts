import { decodeBase64url, encodeBase64url } from './base64url'

/**
 * HMAC-SHA-256 and AES-256-GCM on whatever the runtime has. Node, Bun and Deno have both
 * synchronously, which on Node is some thirty times faster than WebCrypto's promises; everywhere
 * else WebCrypto answers. Callers await either.
 */
export interface Mac {
  bytes(message: string): Uint8Array | Promise<Uint8Array>
  /** The MAC as 43 characters of base64url. */
  text(message: string): string | Promise<string>
}

interface NodeCrypto {
  createSecretKey(key: Uint8Array): object
  createHmac(
    algorithm: 'sha256',
    key: object,
  ): { update(message: string): { digest(): Uint8Array; digest(encoding: 'base64url'): string } }
  createCipheriv(algorithm: 'aes-256-gcm', key: Uint8Array, iv: Uint8Array): NodeCipher
  createDecipheriv(algorithm: 'aes-256-gcm', key: Uint8Array, iv: Uint8Array): NodeDecipher
}
interface NodeCipher {
  setAAD(data: Uint8Array): void
  update(data: Uint8Array): Uint8Array
  final(): Uint8Array
  getAuthTag(): Uint8Array
}
interface NodeDecipher extends Omit<NodeCipher, 'getAuthTag'> {
  setAuthTag(tag: Uint8Array): void
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
// Every sealing key is derived from a fresh 128-bit nonce and used once.
const zeroIv = new Uint8Array(12)

/** A MAC under this key. Tests pass `null` to get WebCrypto where Node is. */
export function createMac(key: Uint8Array, runtime: NodeCrypto | null = node): Mac {
  if (runtime !== null) {
    const secret = runtime.createSecretKey(key)
    return {
      bytes: (message) => runtime.createHmac('sha256', secret).update(message).digest(),
      text: (message) => runtime.createHmac('sha256', secret).update(message).digest('base64url'),
    }
  }
  const imported = crypto.subtle.importKey(
    'raw',
    new Uint8Array(key),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const bytes = async (message: string) =>
    new Uint8Array(await crypto.subtle.sign('HMAC', await imported, encoder.encode(message)))
  return { bytes, text: async (message) => encodeBase64url(await bytes(message)) }
}

/** Encrypts under a key that is used this once, authenticating `context` beside the text. */
export async function seal(
  key: Uint8Array,
  text: string,
  context: string,
  runtime: NodeCrypto | null = node,
): Promise<string> {
  if (runtime !== null) {
    const cipher = runtime.createCipheriv('aes-256-gcm', key, zeroIv)
    cipher.setAAD(encoder.encode(context))
    const body = cipher.update(encoder.encode(text))
    cipher.final()
    const sealed = new Uint8Array(body.length + tagLength)
    sealed.set(body)
    sealed.set(cipher.getAuthTag(), body.length)
    return encodeBase64url(sealed)
  }
  const sealed = await crypto.subtle.encrypt(
    parameters(context),
    await importSealingKey(key, 'encrypt'),
    encoder.encode(text),
  )
  return encodeBase64url(new Uint8Array(sealed))
}

/** What `seal` sealed, or `null` when it is not authentic. */
export async function open(
  key: Uint8Array,
  sealed: string,
  context: string,
  runtime: NodeCrypto | null = node,
): Promise<string | null> {
  const bytes = decodeBase64url(sealed)
  if (bytes === null || bytes.length < tagLength) return null
  try {
    if (runtime !== null) {
      const decipher = runtime.createDecipheriv('aes-256-gcm', key, zeroIv)
      decipher.setAAD(encoder.encode(context))
      decipher.setAuthTag(bytes.subarray(-tagLength))
      const body = decipher.update(bytes.subarray(0, -tagLength))
      decipher.final()
      return decoder.decode(body)
    }
    const imported = await importSealingKey(key, 'decrypt')
    const body = await crypto.subtle.decrypt(parameters(context), imported, new Uint8Array(bytes))
    return decoder.decode(body)
  } catch {
    return null
  }
}

function parameters(context: string) {
  return { name: 'AES-GCM', iv: zeroIv, additionalData: encoder.encode(context) }
}

function importSealingKey(key: Uint8Array, use: 'encrypt' | 'decrypt') {
  return crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, [use])
}

// One call for many nonces: asking the system costs more than everything done with the answer.
const pool = new Uint8Array(4096)
let poolPosition = pool.length

/** 128 random bits as 22 characters of base64url. */
export function randomText(): string {
  if (poolPosition === pool.length) {
    crypto.getRandomValues(pool)
    poolPosition = 0
  }
  const bytes = pool.subarray(poolPosition, poolPosition + 16)
  const text = encodeBase64url(bytes)
  bytes.fill(0)
  poolPosition += 16
  return text
}
