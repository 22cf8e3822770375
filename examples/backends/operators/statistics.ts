import type { History } from 'otpkit'

const dayMs = 24 * 60 * 60_000
export const statisticsDays = 30

/**
 * Counts of what became of codes in the last 30 days, whichever process they went through. A message
 * counts by the furthest that its provider told of it; most tell nothing, which is no failure.
 */
export async function codeStatistics(history: History, now: number) {
  const rows = await history.counts({
    from: now - (statisticsDays - 1) * dayMs,
    to: now + 1,
    resolution: 'day',
    by: ['type', 'delivery', 'status'],
    where: { type: ['sent', 'verified', 'incorrect', 'refused', 'delivery_failed', 'dropped'] },
  })
  // Nobody was sent what was withheld: it is there to be counted as if it were.
  const counted = rows.filter(({ delivery }) => delivery !== 'withheld')
  const count = (type: string, statuses?: readonly string[]) =>
    counted
      .filter((row) => row.type === type && (statuses?.includes(row.status ?? '') ?? true))
      .reduce((sum, row) => sum + row.count, 0)
  const sent = count('sent')
  const verified = count('verified')
  return {
    sent,
    delivered: count('sent', ['delivered', 'read']),
    undelivered: count('sent', ['failed']),
    verified,
    incorrect: count('incorrect'),
    refused: count('refused'),
    delivery_failed: count('delivery_failed'),
    not_noted: count('dropped'),
    /** Codes that were verified, of those that were sent: a fall is the first sign of toll fraud. */
    success_rate: sent === 0 ? null : verified / sent,
  }
}
