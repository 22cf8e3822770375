import type { Beginning, Policy, Submission } from 'otpkit'

const hour = 3_600_000

/** A ledger and an address. */
export const guessing: Policy = {
  limits: [
    { key: 0, max: 100, windowMs: 100 * hour },
    { key: 1, max: 50, windowMs: hour },
  ],
}

/** Looks at the ledger, and charges a person and an address. */
export const messaging: Policy = {
  limits: [
    { key: 0, max: 100, windowMs: 100 * hour, cost: 0, refuses: true },
    { key: 1, max: 50, windowMs: hour },
    { key: 2, max: 50, windowMs: hour },
  ],
}

export const challenge = { id: 'id', digest: 'right', attempts: 3, ttlMs: hour, data: 'data' }

/** A guess of this code. */
export function guess(digest: string, overrides: Partial<Submission> = {}): Submission {
  const keys = ['ledger', 'address']
  const submission = { policy: guessing, keys, id: 'id', digests: [digest], mostUsed: 100 }
  return { ...submission, call: `call-${digest}`, ...overrides }
}

/** A message with a new code. */
export function beginning(overrides: Partial<Beginning> = {}): Beginning {
  return { policy: messaging, keys: ['ledger', 'messages', 'address'], challenge, ...overrides }
}

/** Looks at the logs of keys. */
export function looksAt(...keys: readonly string[]) {
  return keys.map((key) => ({ key, max: 1_000, windowMs: 100 * hour, cost: 0 }))
}
