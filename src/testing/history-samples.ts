import type {
  History,
  HistoryCount,
  HistoryCountsQuery,
  HistoryDimension,
  RecordedEvent,
} from '../history'
import { opaque } from './random'

/** An event as managers make them. */
export type EventSample = RecordedEvent & Readonly<Record<string, unknown>>

/** A message that a provider has taken, unlike any other. */
export function sentEvent(at: number, overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    type: 'sent',
    at,
    fingerprint: opaque(),
    recipient: '+91••••••••10',
    challengeKey: opaque(),
    purpose: 'login',
    channel: 'sms',
    country: 'IN',
    provider: 'acme',
    messageKey: opaque(),
    reference: opaque(),
    resend: false,
    delivery: 'accepted',
    segments: 1,
    ...overrides,
  }
}

/** What a provider reports of it. */
export function receiptOf(
  { messageKey }: { readonly messageKey: string },
  at: number,
  status: string,
  overrides: Readonly<Record<string, unknown>> = {},
) {
  return { type: 'receipt', at, provider: 'acme', messageKey, status, ...overrides }
}

/** The right code for it. */
export function verifiedOf(
  sent: ReturnType<typeof sentEvent>,
  at: number,
  overrides: Readonly<Record<string, unknown>> = {},
) {
  const { fingerprint, recipient, challengeKey, purpose, channel, country } = sent
  const subject = { fingerprint, recipient, challengeKey, purpose, channel, country }
  return {
    type: 'verified',
    at,
    ...subject,
    attemptsUsed: 1,
    elapsedMs: at - sent.at,
    ...overrides,
  }
}

/** A refusal, unlike any other. */
export function refusedEvent(at: number, overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    type: 'refused',
    at,
    fingerprint: opaque(),
    purpose: 'login',
    channel: 'sms',
    country: 'IN',
    action: 'send',
    reason: 'rate_limited',
    limit: 'recipient',
    retryAfterMs: 1_000,
    ...overrides,
  }
}

/** Records events, and writes them. */
export async function tell(history: History, ...events: readonly EventSample[]): Promise<void> {
  for (const event of events) history.record(event)
  await history.flush()
}

/** What was counted in the day around an instant. */
export function countsAround(
  history: History,
  at: number,
  by: readonly HistoryDimension[],
  query: Partial<HistoryCountsQuery> = {},
): Promise<readonly HistoryCount[]> {
  const range = { from: at - 12 * 3_600_000, to: at + 12 * 3_600_000 }
  return history.counts({ ...range, resolution: 'minute', by, ...query })
}

/** Counts by the values of their dimensions, with `-` for what is unknown. */
export function tableOf(
  rows: readonly HistoryCount[],
  by: readonly HistoryDimension[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    rows.map((row) => [by.map((dimension) => row[dimension] ?? '-').join(' '), row.count]),
  )
}

/** Messages and receipts by type and furthest status. */
export async function statusesAround(history: History, at: number) {
  const by = ['type', 'status'] as const
  return tableOf(await countsAround(history, at, by), by)
}
