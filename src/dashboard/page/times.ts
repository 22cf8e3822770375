import type { NamedTiming, Times, Timing } from '../data'
import { rangeName, type Shown } from './address'
import { lineChart } from './chart'
import { type Content, create, isolated } from './dom'
import { formatCount, formatDuration, formatPiece } from './format'
import { type Dimension, inWords, valueName } from './names'
import { behindButton, type Column, table } from './table'

const duration = (
  name: keyof Timing,
  title: string,
): Column<{ readonly timing: Timing | null }> => ({
  title,
  isNumber: true,
  cell: ({ timing }) => (timing === null ? '–' : formatDuration(timing[name])),
})
const percentiles = [duration('p50', 'p50'), duration('p90', 'p90'), duration('p99', 'p99')]
const verified: Column<{ readonly timing: Timing | null }> = {
  title: 'Verified',
  isNumber: true,
  cell: ({ timing }) => formatCount(timing?.count ?? 0),
}

/** How long people take, as one chart that stays while its numbers change. */
export function timesSection(): (times: Times, shown: Shown) => readonly Content[] {
  const chart = lineChart(
    [
      { title: 'p50', color: '--accent', dash: [] },
      { title: 'p90', color: '--second', dash: [8, 4] },
      { title: 'p99', color: '--third', dash: [2, 3] },
    ],
    (ms) => formatDuration(ms),
  )
  return ({ total, points, by, resolution }, shown) => {
    if (total === null)
      return [create('p', { class: 'empty' }, 'Nobody has verified in this time.')]
    const lines = (['p50', 'p90', 'p99'] as const).map((name) =>
      points.map(({ timing }) => timing?.[name] ?? null),
    )
    // Drawn once it stands in the page and has a width.
    queueMicrotask(() =>
      chart.show(
        trend(points, resolution, shown),
        points.map(({ at }) => at),
        lines,
      ),
    )
    return [
      create(
        'p',
        { class: 'lead' },
        'Half within ',
        create('strong', { 'data-time': 'p50' }, formatDuration(total.p50)),
        ', 90% within ',
        create('strong', { 'data-time': 'p90' }, formatDuration(total.p90)),
        ', 99% within ',
        create('strong', { 'data-time': 'p99' }, formatDuration(total.p99)),
        '.',
      ),
      chart.root,
      behindButton(
        'times',
        'The same as a table',
        table<Times['points'][number]>(
          'times-table',
          'Time to verify',
          [
            { title: 'From', cell: ({ at }) => formatPiece(at, resolution) },
            verified,
            ...percentiles,
          ],
          points.filter(({ timing }) => timing !== null).toReversed(),
        ),
      ),
      compared('channel', by.channel),
      compared('provider', by.provider),
    ]
  }
}

/** What the chart says, for those who do not see it. */
function trend(points: Times['points'], resolution: Times['resolution'], shown: Shown): string {
  const known = points.flatMap(({ at, timing }) => (timing === null ? [] : [{ at, timing }]))
  const [first, last] = [known[0], known.at(-1)]
  if (first === undefined || last === undefined) return 'Nobody has verified.'
  const half = ({ timing }: { readonly timing: Timing }) => formatDuration(timing.p50, 'long')
  const [from, to] = [first.timing.p50, last.timing.p50]
  const course = to > from * 1.25 ? 'rose' : to < from * 0.8 ? 'fell' : 'stayed about the same'
  const slowest = known.reduce((most, one) => (one.timing.p90 > most.timing.p90 ? one : most))
  return `Line chart of the last ${rangeName(shown)}: the time in which half verify ${course}, from ${half(first)} to ${half(last)}. The slowest tenth took longest at ${formatPiece(slowest.at, resolution)}, ${formatDuration(slowest.timing.p90, 'long')} or more.`
}

function compared(by: Dimension, rows: readonly NamedTiming[]): HTMLElement | undefined {
  if (rows.length < 2) return undefined
  return table<{ readonly name: string | null; readonly timing: Timing }>(
    `times-${by}`,
    `Time to verify by ${by}`,
    [
      { title: inWords(by), cell: ({ name }) => isolated(valueName(by, name)) },
      verified,
      ...percentiles,
    ],
    rows.map((timing) => ({ name: timing.name, timing })),
  )
}
