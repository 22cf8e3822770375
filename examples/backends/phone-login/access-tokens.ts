import { hkdfSync } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'

export const accessSeconds = 15 * 60

export interface AccessTokens {
  issue(accountId: string): Promise<string>
  /** The account of a token that is good. */
  read(token: string): Promise<string | undefined>
}

const name = 'phone-login'
// A type of its own: no other JWT under this key is taken for one (RFC 8725, 3.11).
const type = 'phone-login-access+jwt'

/** JWTs for a quarter of an hour. Nothing is looked up for them, so nothing ends one earlier. */
export function accessTokens(secret: string, now: () => number): AccessTokens {
  // A key of its own beside those that the library derives from the same secret.
  const key = new Uint8Array(hkdfSync('sha256', secret, '', `${name} access tokens`, 32))
  return {
    issue: (accountId) => {
      const issuedAt = Math.floor(now() / 1000)
      return new SignJWT()
        .setProtectedHeader({ alg: 'HS256', typ: type })
        .setSubject(accountId)
        .setIssuer(name)
        .setAudience(name)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + accessSeconds)
        .sign(key)
    },
    read: async (token) => {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          typ: type,
          issuer: name,
          audience: name,
          requiredClaims: ['sub', 'exp'],
          currentDate: new Date(now()),
        })
        return payload.sub
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}
