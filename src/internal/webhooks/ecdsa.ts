import { decodeBase64 } from '../encoding'
import { wrongOption } from '../wrong-option'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * A check of ECDSA signatures (P-256, SHA-256, DER in base64) under a public key, base64 of its
 * SubjectPublicKeyInfo, which for this curve has 91 bytes.
 */
export function ecdsaVerifier(
  factory: string,
  option: string,
  publicKey: unknown,
): (message: string, signature: string) => Promise<boolean> {
  const spki = typeof publicKey === 'string' ? decodeBase64(publicKey) : null
  const malformed = () => wrongOption(factory, option, 'must be a P-256 public key in base64')
  if (spki?.length !== 91) throw malformed()

  return async (message, signature) => {
    const raw = rawSignature(decodeBase64(signature))
    // Deno looks at the key no earlier than it verifies.
    try {
      const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify'])
      if (raw === null) return false
      return await crypto.subtle.verify(algorithm, key, raw, new TextEncoder().encode(message))
    } catch {
      throw malformed()
    }
  }
}

// DER's two integers are signed and as short as can be; WebCrypto wants 32 bytes for each.
function rawSignature(der: Uint8Array | null): Uint8Array<ArrayBuffer> | null {
  if (der === null || der[0] !== 0x30 || der[1] !== der.length - 2) return null
  const raw = new Uint8Array(64)
  let start = 2
  for (const end of [32, 64]) {
    const length = der[start + 1]
    if (der[start] !== 0x02 || length === undefined) return null
    const integer = der.slice(start + 2, start + 2 + length)
    const digits = integer.slice(integer.findIndex((byte) => byte !== 0))
    if (digits.length > 32) return null
    raw.set(digits, end - digits.length)
    start += 2 + length
  }
  return start === der.length ? raw : null
}
