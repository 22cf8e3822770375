import type { CountWrite, Retention } from './place'
import { type Contribution, resolutions, startOf } from './series'

interface AddedSums {
  count: number
  segments: number
  millionths: number
}

/** What is added to which series of which pieces of time. */
export function countsOf(now: number, retention: Retention) {
  /** By minute and name: hours and days are sums of minutes. */
  const minutes: Pieces = new Map()
  return {
    add({ at, name, count, segments, millionths }: Contribution, sign: 1 | -1): void {
      const sums = sumsUnder(minutes, startOf(at, 'minute'), name)
      sums.count += sign * count
      sums.segments += sign * segments
      sums.millionths += sign * millionths
    },
    writes(): CountWrite[] {
      return resolutions.flatMap((resolution) => {
        const pieces: Pieces = new Map()
        for (const [minute, added] of minutes) {
          const at = startOf(minute, resolution)
          if (at < now - retention[resolution]) continue
          for (const [name, { count, segments, millionths }] of added) {
            const sums = sumsUnder(pieces, at, name)
            sums.count += count
            sums.segments += segments
            sums.millionths += millionths
          }
        }
        return [...pieces].flatMap(([at, added]) =>
          [...added]
            .filter(([, sums]) => sums.count !== 0 || sums.segments !== 0 || sums.millionths !== 0)
            .map(([name, sums]) => ({ resolution, at, name, ...sums })),
        )
      })
    },
  }
}

type Pieces = Map<number, Map<string, AddedSums>>

function sumsUnder(pieces: Pieces, at: number, name: string): AddedSums {
  let piece = pieces.get(at)
  if (piece === undefined) {
    piece = new Map()
    pieces.set(at, piece)
  }
  let sums = piece.get(name)
  if (sums === undefined) {
    sums = { count: 0, segments: 0, millionths: 0 }
    piece.set(name, sums)
  }
  return sums
}
