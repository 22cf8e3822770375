import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares digests: neither the length nor the time of it tells anything. */
export function isSameSecret(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}
