import { alarmOf } from './bands'
import type { Alarm, Summary, Vitals } from './data'
import { messageDimensions, messagesIn, reportingRoutes } from './messages'
import { type Looking, shareOf } from './panel'
import { rangeBefore } from './read-query'

const dayMs = 86_400_000

/** The last hour against the same hour a day and a week before. */
export async function summary(looking: Pick<Looking, 'now' | 'counts'>): Promise<Summary> {
  const { now } = looking
  const { from, to } = rangeBefore(now, 'hour')
  const [current, dayBefore, weekBefore] = await Promise.all([
    hour(looking, from, to),
    hour(looking, from - dayMs, to - dayMs),
    hour(looking, from - 7 * dayMs, to - 7 * dayMs),
  ])
  const none: Vitals = { messages: 0, delivered: null, verified: null, medianMs: null }
  const alarm: Alarm | null = alarmOf(current ?? none, [dayBefore, weekBefore])
  return { asOf: now, from, to, now: current ?? none, dayBefore, weekBefore, alarm }
}

/** The numbers of an hour, or `null` where the history knows of nothing in it. */
async function hour(
  { counts }: Pick<Looking, 'counts'>,
  from: number,
  to: number,
): Promise<Vitals | null> {
  const range = { from, to, resolution: 'minute' } as const
  const [rows, [verified]] = await Promise.all([
    counts({ ...range, where: {}, by: ['type', ...messageDimensions] }),
    counts({ ...range, where: { type: 'verified' } }),
  ])
  if (rows.length === 0) return null
  const { sent, reported, delivered } = messagesIn(rows, reportingRoutes(rows))
  return {
    messages: sent,
    delivered: delivered === null ? null : shareOf(delivered, reported),
    verified: shareOf(verified?.count ?? 0, sent),
    medianMs: verified?.elapsedMs?.p50 ?? null,
  }
}
