import type { HistoryCount } from '../history'
import type { Refusals } from './data'
import { grouped, headOf, type Looking, piecesOf, sumOf } from './panel'

/** What was refused, by which limit. */
export async function refusals(looking: Looking): Promise<Refusals> {
  const rows = await looking.counts({
    where: { type: ['refused', 'unlocked'] },
    by: ['type', 'action', 'reason', 'limit'],
    overTime: true,
  })
  const refused = rows.filter(({ type }) => type === 'refused')
  const groups = grouped(refused, ({ action, reason, limit }) => [action, reason, limit].join('\t'))
  const pieces = grouped(refused, ({ at }) => at)
  const ofPiece = (at: number, action: 'send' | 'verify') =>
    sumOf((pieces.get(at) ?? []).filter((row) => row.action === action))
  return {
    ...headOf(looking),
    rows: [...groups.values()]
      .flatMap((group) => {
        const [first] = group
        if (first === undefined) return []
        const { reason = 'unknown', limit = null } = first
        return [{ action: actionOf(first), reason, limit, count: sumOf(group) }]
      })
      .sort((one, other) => other.count - one.count),
    count: sumOf(refused),
    unlocked: sumOf(rows.filter(({ type }) => type === 'unlocked')),
    points: piecesOf(looking).map((at) => ({
      at,
      send: ofPiece(at, 'send'),
      verify: ofPiece(at, 'verify'),
    })),
  }
}

function actionOf({ action }: HistoryCount): 'send' | 'verify' | null {
  return action === 'send' || action === 'verify' ? action : null
}
