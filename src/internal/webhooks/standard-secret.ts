import { decodeBase64 } from '../encoding'
import { wrongOption } from '../wrong-option'

/** Reads the secret of Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes. */
export function decodeStandardSecret(factory: string, secret: unknown): Uint8Array {
  const match = typeof secret === 'string' ? /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) : null
  const bytes = match === null ? null : decodeBase64(match[1] ?? '')
  if (bytes === null || bytes.length < 24 || bytes.length > 64) {
    throw wrongOption(factory, 'secret', 'must be whsec_ and the base64 of 24 to 64 bytes')
  }
  return bytes
}
