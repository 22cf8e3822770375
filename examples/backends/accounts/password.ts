import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto'

// Without characters that look alike: it is read off a screen.
const characters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'

/** 16 random characters, 93 bits. */
export function createTemporaryPassword(): string {
  return Array.from({ length: 16 }, () => characters.charAt(randomInt(characters.length))).join('')
}

// One of the equally strong settings that OWASP's password storage cheat sheet gives: 32 MiB.
const cost = { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 26 }
const prefix = `scrypt$${cost.N}$${cost.r}$${cost.p}$`

/** `scrypt$N$r$p$salt$key`, salt and key as base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await deriveKey(password, salt)
  return `${prefix}${salt.toString('base64url')}$${key.toString('base64url')}`
}

/**
 * Whether it is the password of this hash. Without one, which is an account that does not exist,
 * it takes the same time and is never right.
 */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [salt = '', key = ''] = hash?.startsWith(prefix) ? hash.slice(prefix.length).split('$') : []
  const derived = await deriveKey(password, Buffer.from(salt, 'base64url'))
  const expected = Buffer.from(key, 'base64url')
  return expected.length === derived.length && timingSafeEqual(expected, derived)
}

function deriveKey(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // One password may be typed as different characters on different keyboards: NIST SP 800-63B-4.
    scrypt(password.normalize('NFKC'), salt, 32, cost, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
