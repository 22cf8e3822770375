import type { Price } from '../../delivery'

/** What a provider says that a message costs, as a number or text; nothing where it does not say. */
export function priceOf(amount: unknown, currency: unknown): Price | undefined {
  const isAmount = typeof amount === 'number' || (typeof amount === 'string' && amount !== '')
  const value = isAmount ? Number(amount) : Number.NaN
  if (!Number.isFinite(value)) return undefined
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return undefined
  // Twilio's are negative: what it takes from the account.
  return { amount: Math.abs(value), currency }
}
