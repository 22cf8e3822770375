import type { Explained, LimitState } from '../../results'
import { bar } from './bar'
import { create } from './dom'
import { formatCount, formatDuration } from './format'
import { channelName, limitName } from './names'
import { table } from './table'

const long = (ms: number) => formatDuration(ms, 'long')
const wrongCodes = (count: number) =>
  `${formatCount(count)} wrong ${count === 1 ? 'code' : 'codes'}`

/** What stands in the way of a person, in sentences that can be read to them on the telephone. */
export function sentences(explained: Explained): readonly string[] {
  const { lockedForMs, failures, routes, challenge, codeLength } = explained
  const ways = routes.map(({ channel, provider }) => `${channelName(channel)} over ${provider}`)
  return [
    lockedForMs > 0
      ? `Locked after ${wrongCodes(failures)}, for another ${long(lockedForMs)} unless unlocked.`
      : failures === 0
        ? 'No wrong code is on the ledger.'
        : `${wrongCodes(failures)} on the ledger of the last 180 days; at 100 this person is locked.`,
    lockedForMs > 0
      ? 'Neither a message nor a guess is let through.'
      : `${freeOr(explained.send, 'A message')}${ways.length === 0 ? '' : ` It would go by ${ways.join(', then ')}.`}`,
    ...(lockedForMs > 0 ? [] : [freeOr(explained.verify, 'A guess')]),
    challenge === null
      ? `No code is alive that this page can see. The next one has ${formatCount(codeLength)} characters.`
      : `A code of ${formatCount(challenge.codeLength)} characters is alive for ${long(challenge.expiresInMs)}, sent by ${channelName(challenge.channel)}, with ${formatCount(challenge.attemptsLeft)} ${challenge.attemptsLeft === 1 ? 'try' : 'tries'} left${challenge.withheld ? '. It was withheld: no message was sent, and no code is right' : ''}.`,
  ]
}

/** Whether every limit lets one more pass now, or which of them holds it back longest. */
function freeOr(limits: readonly LimitState[], what: string): string {
  const worst = limits.reduce<LimitState | undefined>(
    (most, one) => (one.retryAfterMs > (most?.retryAfterMs ?? 0) ? one : most),
    undefined,
  )
  if (worst === undefined) return `${what} would be let through now.`
  const { limit, used, max, windowMs, retryAfterMs } = worst
  return `${what} would be refused for another ${long(retryAfterMs)}: ${limitName(limit).toLowerCase()}, ${formatCount(used)} of ${formatCount(max)} in ${long(windowMs)}.`
}

/** Every limit, and how much of it is used. */
export function limitsTable({ send, verify }: Explained): HTMLElement {
  const rows = [
    ...send.map((state) => ({ action: 'Message', ...state })),
    ...verify.map((state) => ({ action: 'Guess', ...state })),
  ]
  return table(
    'limits-table',
    'Limits of this person',
    [
      { title: 'Of a', cell: ({ action }) => action },
      { title: 'Limit', cell: ({ limit }) => limitName(limit) },
      { title: 'Used', cell: ({ used, max }) => bar(used / max) },
      {
        title: 'Number',
        isNumber: true,
        cell: ({ used, max }) => `${formatCount(used)} of ${formatCount(max)}`,
      },
      { title: 'In', isNumber: true, cell: ({ windowMs }) => formatDuration(windowMs) },
      {
        title: 'Free',
        isNumber: true,
        cell: ({ retryAfterMs }) =>
          retryAfterMs === 0 ? 'now' : create('strong', {}, `in ${formatDuration(retryAfterMs)}`),
      },
    ],
    rows,
  )
}
