import type { HistoryCount } from '../history'
import type { NamedTiming, Times, Timing } from './data'
import { headOf, type Looking, piecesOf } from './panel'

/** How long people take from the first message to the right code. */
export async function times(looking: Looking): Promise<Times> {
  const where = { type: 'verified' }
  const [[total], overTime, byChannel, byProvider] = await Promise.all([
    looking.counts({ where }),
    looking.counts({ where, overTime: true }),
    looking.counts({ where, by: ['channel'] }),
    looking.counts({ where, by: ['provider'] }),
  ])
  const timings = new Map(overTime.map((row) => [row.at, timingOf(row)]))
  return {
    ...headOf(looking),
    total: timingOf(total),
    points: piecesOf(looking).map((at) => ({ at, timing: timings.get(at) ?? null })),
    by: {
      channel: named(byChannel, 'channel'),
      provider: named(byProvider, 'provider'),
    },
  }
}

function timingOf(row: HistoryCount | undefined): Timing | null {
  return row?.elapsedMs === undefined ? null : { count: row.count, ...row.elapsedMs }
}

function named(
  rows: readonly HistoryCount[],
  dimension: 'channel' | 'provider',
): readonly NamedTiming[] {
  return rows.flatMap((row) => {
    const timing = timingOf(row)
    return timing === null ? [] : [{ name: row[dimension] ?? null, ...timing }]
  })
}
