import type { History, HistoryCount, HistoryEvent } from '../history'
import type { Failure, Failures } from './data'
import { grouped, headOf, type Looking, piecesOf, sumOf } from './panel'
import { errorDocsOf } from './provider-docs'

const mostRows = 100
const newestEvents = 1_000

/** What providers said that went wrong, at once or later. */
export async function failures(looking: Looking, history: History): Promise<Failures> {
  const { to } = looking.asked
  const by = ['type', 'provider', 'channel', 'kind', 'providerCode'] as const
  const [refused, lost, events] = await Promise.all([
    looking.counts({ where: { type: 'delivery_failed' }, by, overTime: true }),
    looking.counts({ where: { type: ['sent', 'receipt'], status: 'failed' }, by, overTime: true }),
    history.events({ type: 'delivery_failed', before: to, limit: newestEvents }),
  ])
  const rows = [...refused, ...lost]
  const groups = grouped(rows, ({ type, provider, channel, kind, providerCode }) =>
    [type === 'delivery_failed', provider, channel, kind, providerCode].join('\t'),
  )
  const pages = consolePagesIn(events)
  const pieces = grouped(rows, ({ at }) => at)
  return {
    ...headOf(looking),
    rows: [...groups.values()]
      .map((group) => failureOf(group, pages))
      .sort((one, other) => other.count - one.count)
      .slice(0, mostRows),
    count: sumOf(rows),
    points: piecesOf(looking).map((at) => ({ at, count: sumOf(pieces.get(at) ?? []) })),
  }
}

function failureOf(group: readonly HistoryCount[], pages: ReadonlyMap<string, string>): Failure {
  const [{ type, provider = null, channel = null, kind = 'unknown', providerCode = null } = {}] =
    group
  const instants = group.map(({ at = 0 }) => at)
  return {
    provider,
    channel,
    kind,
    providerCode,
    told: type === 'delivery_failed' ? 'at once' : 'by receipt',
    count: sumOf(group),
    firstAt: Math.min(...instants),
    lastAt: Math.max(...instants),
    docs: errorDocsOf(provider, providerCode),
    consolePage: pages.get(`${provider}\t${providerCode}`) ?? null,
  }
}

/** Counts hold no pages; the last events of the same code do. */
function consolePagesIn(events: readonly HistoryEvent[]): ReadonlyMap<string, string> {
  const pages = new Map<string, string>()
  for (const { provider, providerCode = null, consolePage } of events) {
    const key = `${provider}\t${providerCode}`
    // The newest event comes first, and its page is the one of now.
    if (consolePage !== undefined && isPage(consolePage) && !pages.has(key)) {
      pages.set(key, consolePage)
    }
  }
  return pages
}

/** A link that only opens a page. */
const isPage = (url: string): boolean => URL.canParse(url) && new URL(url).protocol === 'https:'
