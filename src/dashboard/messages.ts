import type { HistoryCount, HistoryDimension } from '../history'

/** What counts of messages must be told apart by to be read here. */
export const messageDimensions = [
  'channel',
  'provider',
  'delivery',
  'status',
  'relayed',
] as const satisfies readonly HistoryDimension[]

/** Numbers about messages that carry a code of the manager's own, and went out. */
export interface Messages {
  readonly sent: number
  readonly accepted: number
  readonly reported: number
  readonly delivered: number | null
  readonly lost: number | null
}

/** Whether it went out with a code that may be verified here. */
export const isOwn = ({ type, delivery, relayed }: HistoryCount): boolean =>
  type === 'sent' && delivery !== 'withheld' && relayed === undefined

const routeOf = ({ channel, provider }: HistoryCount) => `${channel}\t${provider}`

/**
 * The channels and providers of which receipts have come. Of others nobody knows what became of a
 * message.
 */
export function reportingRoutes(rows: readonly HistoryCount[]): ReadonlySet<string> {
  return new Set(rows.filter(({ type, status }) => type === 'sent' && status).map(routeOf))
}

export function messagesIn(
  rows: readonly HistoryCount[],
  reporting: ReadonlySet<string>,
): Messages {
  const sums = { sent: 0, accepted: 0, reported: 0, delivered: 0, lost: 0 }
  for (const row of rows) {
    if (!isOwn(row)) continue
    const { delivery, status, count } = row
    sums.sent += count
    if (delivery === 'accepted') sums.accepted += count
    if (!reporting.has(routeOf(row))) continue
    sums.reported += count
    if (status === 'delivered' || status === 'read') sums.delivered += count
    if (status === 'failed') sums.lost += count
  }
  const isKnown = sums.reported > 0
  return { ...sums, delivered: isKnown ? sums.delivered : null, lost: isKnown ? sums.lost : null }
}
