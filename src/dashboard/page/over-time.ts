import type { HistoryResolution } from '../../history'
import { type Content, create } from './dom'
import { formatPiece } from './format'
import { behindButton, type Column, table } from './table'

/** What is drawn of a piece of time. */
export interface Height {
  readonly all: number
  /** How much of it came to something, where only a part can. */
  readonly part?: number
}

interface Strip<Point> {
  readonly key: string
  /** What is drawn, such as `Failures over time`. */
  readonly title: string
  readonly resolution: HistoryResolution
  readonly points: readonly Point[]
  heightOf(point: Point): Height
  /** A height in words. */
  format(value: number): string
  readonly columns: readonly Column<Point>[]
}

/** What happened over time as a strip of columns, whose numbers stand in a table behind a button. */
export function overTime<Point extends { readonly at: number }>({
  key,
  title,
  resolution,
  points,
  heightOf,
  format,
  columns,
}: Strip<Point>): readonly Content[] {
  const drawn = points.map((point) => ({ point, height: heightOf(point) }))
  const some = drawn.filter(({ height }) => height.all > 0)
  const [peak] = some.toSorted((one, other) => other.height.all - one.height.all)
  if (peak === undefined) return []
  const when = (point: Point) => formatPiece(point.at, resolution)
  const bar = (name: string, value: number) => {
    const made = create('span', { class: name })
    made.style.blockSize = `${Math.min(1, value / peak.height.all) * 100}%`
    return made
  }
  return [
    create(
      'div',
      {
        class: 'columns',
        role: 'img',
        'aria-label': `${title}: most of it, ${format(peak.height.all)}, at ${when(peak.point)}.`,
      },
      ...drawn.map(({ height: { all, part } }) =>
        create(
          'span',
          { class: 'slot' },
          bar(part === undefined ? 'column' : 'column paler', all),
          part === undefined ? undefined : bar('column', part),
        ),
      ),
    ),
    behindButton(
      key,
      title,
      table(
        `${key}-table`,
        title,
        [{ title: 'From', cell: when }, ...columns],
        some.map(({ point }) => point).toReversed(),
      ),
    ),
  ]
}
