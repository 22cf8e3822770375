import type { HistoryEvent } from '../../history'
import { formatCount, formatDuration, formatMoney } from './format'
import { channelName, inWords, limitName } from './names'

/** An event in words. */
export interface Described {
  readonly title: string
  readonly tone: 'good' | 'bad' | 'warning' | 'calm'
  readonly detail: string
}

/** What is known of it, without what is not. */
const joined = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(', ')

const many = (count: number, one: string, several: string) =>
  `${formatCount(count)} ${count === 1 ? one : several}`

type Describe = (event: HistoryEvent) => Described

const byType: Readonly<Record<string, Describe>> = {
  sent: ({ delivery, resend, relayed, segments, price, status }) => ({
    title: delivery === 'withheld' ? 'Withheld' : resend === true ? 'Sent again' : 'Sent',
    tone: delivery === 'unknown' ? 'warning' : 'calm',
    detail: joined(
      delivery === 'unknown' ? 'the provider did not say whether it took it' : undefined,
      relayed === true ? 'relayed for an auth server' : undefined,
      status,
      segments !== undefined && segments > 1 ? many(segments, 'segment', 'segments') : undefined,
      price && formatMoney(price.amount, price.currency),
    ),
  }),
  delivery_failed: ({ kind, providerCode, sent }) => ({
    title: 'Not taken',
    tone: 'bad',
    detail: joined(
      kind && inWords(kind).toLowerCase(),
      providerCode && `code ${providerCode}`,
      sent === 'unknown' ? 'it may have been sent all the same' : undefined,
    ),
  }),
  receipt: ({ status, kind, providerCode }) => ({
    title: status === undefined ? 'Receipt' : inWords(status),
    tone:
      status === 'failed' ? 'bad' : status === 'delivered' || status === 'read' ? 'good' : 'calm',
    detail: joined(
      'by receipt',
      kind && inWords(kind).toLowerCase(),
      providerCode && `code ${providerCode}`,
    ),
  }),
  refused: ({ action, reason, limit, retryAfterMs }) => ({
    title: action === 'verify' ? 'Guess refused' : 'Message refused',
    tone: 'warning',
    detail: joined(
      reason === 'locked'
        ? 'locked'
        : limit === undefined
          ? reason && inWords(reason).toLowerCase()
          : limitName(limit).toLowerCase(),
      retryAfterMs === undefined ? undefined : `for ${formatDuration(retryAfterMs, 'long')}`,
    ),
  }),
  verified: ({ elapsedMs, attemptsUsed }) => ({
    title: 'Verified',
    tone: 'good',
    detail: joined(
      elapsedMs === undefined ? undefined : `after ${formatDuration(elapsedMs, 'long')}`,
      attemptsUsed === undefined || attemptsUsed < 2
        ? undefined
        : `at try ${formatCount(attemptsUsed)}`,
    ),
  }),
  incorrect: ({ attemptsLeft, failures }) => ({
    title: 'Wrong code',
    tone: 'warning',
    detail: joined(
      attemptsLeft === undefined ? undefined : `${many(attemptsLeft, 'try', 'tries')} left`,
      failures === undefined ? undefined : `${many(failures, 'failure', 'failures')} on the ledger`,
    ),
  }),
  used: () => ({ title: 'Used twice', tone: 'calm', detail: 'the same right code again' }),
  expired: () => ({
    title: 'Nothing to verify',
    tone: 'calm',
    detail: 'expired, used up, or none sent',
  }),
  canceled: () => ({ title: 'Canceled', tone: 'calm', detail: '' }),
  redeemed: () => ({ title: 'Proof redeemed', tone: 'good', detail: '' }),
  unlocked: ({ by }) => ({
    title: 'Unlocked',
    tone: 'good',
    detail: by === undefined ? '' : `by ${by}`,
  }),
  unsent: ({ kind }) => ({
    title: 'Not sent',
    tone: 'bad',
    detail: joined('no provider took it', kind && inWords(kind).toLowerCase()),
  }),
  looked_up: ({ by }) => ({
    title: 'Looked up',
    tone: 'calm',
    detail: by === undefined ? '' : `by ${by}`,
  }),
  suspected: ({ rule, verdict }) => ({
    title: 'Suspected',
    tone: 'warning',
    detail: joined(rule && inWords(rule).toLowerCase(), verdict),
  }),
  spend: ({ cap, percent }) => ({
    title: 'Cap on money',
    tone: 'warning',
    detail: joined(percent === undefined ? undefined : `${formatCount(percent)}% spent`, cap),
  }),
  long_message: ({ segments, encoding, locale }) => ({
    title: 'Long message',
    tone: 'warning',
    detail: joined(
      segments === undefined ? undefined : many(segments, 'segment', 'segments'),
      encoding,
      locale,
    ),
  }),
  unreadable_ip: () => ({ title: 'Unreadable IP address', tone: 'warning', detail: '' }),
  fault: ({ during }) => ({
    title: 'Fault',
    tone: 'bad',
    detail: during === undefined ? '' : `during ${during}`,
  }),
}

export function describe(event: HistoryEvent): Described {
  const known = Object.hasOwn(byType, event.type) ? byType[event.type] : undefined
  return known?.(event) ?? { title: inWords(event.type), tone: 'calm', detail: '' }
}

/** Over which channel, by whom and what for. */
export function circumstances({ channel, provider, purpose }: HistoryEvent): string {
  return joined(channel && channelName(channel), provider, purpose)
}
