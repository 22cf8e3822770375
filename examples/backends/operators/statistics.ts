import type { OtpEvent } from 'otpkit'

const counted = ['sent', 'verified', 'incorrect', 'refused', 'delivery_failed'] as const
type Counted = (typeof counted)[number]

export type Statistics = ReturnType<typeof createStatistics>

/** Counts of what became of codes since this process started, by the library's events. */
export function createStatistics() {
  const counts: Record<Counted, number> = {
    sent: 0,
    verified: 0,
    incorrect: 0,
    refused: 0,
    delivery_failed: 0,
  }
  return {
    count: ({ type }: OtpEvent) => {
      const name = counted.find((known) => known === type)
      if (name !== undefined) counts[name] += 1
    },
    /** Codes that were verified, of those that were sent: a fall is the first sign of toll fraud. */
    codes: () => ({
      ...counts,
      success_rate: counts.sent === 0 ? null : counts.verified / counts.sent,
    }),
  }
}
