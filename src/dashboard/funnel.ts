import type { HistoryCount } from '../history'
import type { Funnel, Group, Steps } from './data'
import { messageDimensions, messagesIn, reportingRoutes } from './messages'
import { grouped, groupsBy, headOf, type Looking, piecesOf, sumOf } from './panel'

const types = ['sent', 'refused', 'unsent', 'incorrect', 'verified'] as const

/** What became of requests, in all and by whatever tells them apart. */
export async function funnel(looking: Looking): Promise<Funnel> {
  const where = { type: types }
  const [rows, overTime, tests] = await Promise.all([
    looking.counts({ where, by: ['type', 'action', 'country', 'purpose', ...messageDimensions] }),
    looking.counts({ where, by: ['type', 'action', ...messageDimensions], overTime: true }),
    looking.counts({ where: { type: 'sent', delivery: 'test' } }),
  ])
  const reporting = reportingRoutes(rows)
  const isOfProvider = looking.asked.where.provider !== undefined
  const groups = (dimension: keyof Funnel['by']) =>
    [...groupsBy(rows, dimension)]
      .map(([name, group]): Group => {
        const isRouteKnown = !isOfProvider && dimension !== 'provider'
        return { name, ...stepsOf(group, reporting, isRouteKnown) }
      })
      // Requests that got no further than us have no provider, and what is withheld has none in truth.
      .filter(({ sent, verified }) => dimension !== 'provider' || sent + verified > 0)
      .sort((one, other) => other.sent - one.sent || (other.asked ?? 0) - (one.asked ?? 0))
  const pieces = grouped(overTime, ({ at }) => at)
  return {
    ...headOf(looking),
    total: stepsOf(rows, reporting, !isOfProvider),
    apart: {
      withheld: sumOf(rows.filter(({ delivery }) => delivery === 'withheld')),
      relayed: sumOf(rows.filter((row) => row.type === 'sent' && row.relayed !== undefined)),
      test: sumOf(tests),
    },
    by: {
      channel: groups('channel'),
      provider: groups('provider'),
      country: groups('country'),
      purpose: groups('purpose'),
    },
    points: piecesOf(looking).map((at) => {
      const { sent, delivered, verified, refused } = stepsOf(
        pieces.get(at) ?? [],
        reporting,
        !isOfProvider,
      )
      return {
        at,
        sent,
        delivered: reporting.size > 0 ? (delivered ?? 0) : null,
        verified,
        refused,
      }
    }),
  }
}

/** `isRouteKnown`: what happens before a provider is chosen is among these rows. */
function stepsOf(
  rows: readonly HistoryCount[],
  reporting: ReadonlySet<string>,
  isRouteKnown: boolean,
): Steps {
  const messages = messagesIn(rows, reporting)
  const count = (isWanted: (row: HistoryCount) => boolean) => sumOf(rows.filter(isWanted))
  const refused = count(({ type, action }) => type === 'refused' && action === 'send')
  const unsent = count(({ type, relayed }) => type === 'unsent' && relayed === undefined)
  const verified = count(({ type }) => type === 'verified')
  const before = { asked: refused + unsent + messages.sent, refused, unsent }
  const tried = count(({ type }) => type === 'incorrect') + verified
  return {
    ...(isRouteKnown ? before : { asked: null, refused: null, unsent: null }),
    ...messages,
    tried: isRouteKnown ? tried : null,
    verified,
  }
}
