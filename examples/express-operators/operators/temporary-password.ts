import { randomBytes, randomInt, scrypt } from 'node:crypto'

// Without characters that look alike: it is read off a screen.
const characters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'

/** 16 random characters, 93 bits. */
export function createTemporaryPassword(): string {
  return Array.from({ length: 16 }, () => characters.charAt(randomInt(characters.length))).join('')
}

// One of the equally strong settings that OWASP's password storage cheat sheet gives: 32 MiB.
const cost = { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 26 }

/** `scrypt$N$r$p$salt$key`, salt and key as base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password, salt, 32, cost, (error, derived) => (error ? reject(error) : resolve(derived)))
  })
  const settings = `scrypt$${cost.N}$${cost.r}$${cost.p}`
  return `${settings}$${salt.toString('base64url')}$${key.toString('base64url')}`
}
