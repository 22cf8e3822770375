import uPlot from 'uplot'
import { create, replace } from './dom'
import { formatClock, formatDay, formatMoment } from './format'

/** A line: where in the data it is, how it is called and drawn. */
export interface Line {
  readonly title: string
  /** The custom property of the colour. */
  readonly color: string
  /** Told apart by dashes too, for those to whom colours look alike. */
  readonly dash: readonly number[]
}

export interface LineChart {
  readonly root: HTMLElement
  show(label: string, at: readonly number[], values: readonly (readonly (number | null)[])[]): void
}

const height = 230

/** What stands at the side, in milliseconds: one order of length after the other, as people count time. */
const ladder = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400,
].map((seconds) => seconds * 1_000)

/** Durations over time. What it shows stands in a table elsewhere: a canvas tells a screen reader nothing. */
export function lineChart(lines: readonly Line[], format: (value: number) => string): LineChart {
  const picture = create('div', { class: 'picture', role: 'img', dir: 'ltr' })
  const under = create('p', { class: 'muted under', 'aria-hidden': 'true' })
  const legend = create(
    'ul',
    { class: 'legend', 'aria-hidden': 'true' },
    ...lines.map(({ title }, index) =>
      create('li', {}, create('span', { class: `sample line-${index}` }), title),
    ),
  )
  const root = create('div', { class: 'chart' }, legend, picture, under)
  let plot: uPlot | undefined
  let data: uPlot.AlignedData = [[]]

  /** Colours are read when it is drawn: they change with the scheme. */
  const color = (name: string) => () => getComputedStyle(root).getPropertyValue(name).trim()

  function tell(drawn: uPlot) {
    const index = drawn.cursor.idx
    const at = index == null ? undefined : drawn.data[0][index]
    if (index == null || at === undefined) return replace(under, 'Point at the chart to read it.')
    const values = lines.map(({ title }, line) => {
      const value = drawn.data[line + 1]?.[index]
      return `${title} ${value == null ? '–' : format(value)}`
    })
    replace(under, `${formatMoment(at)}: ${values.join(' · ')}`)
  }

  function draw() {
    const axis = {
      stroke: color('--muted'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: color('--line'), width: 1 },
      ticks: { show: false },
    }
    plot?.destroy()
    plot = new uPlot(
      {
        width: Math.max(picture.clientWidth, 120),
        height,
        ms: 1,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        // By orders: the slowest hundredth would press all others to the ground.
        scales: { y: { distr: 3, range: (_plot, least, most) => [least / 1.3, most * 1.3] } },
        axes: [
          { ...axis, values: (_plot, at) => at.map(timeLabel) },
          {
            ...axis,
            size: 48,
            splits: (_plot, _axis, least, most) =>
              ladder.filter((value) => value >= least && value <= most),
            filter: (_plot, splits) => splits,
            values: (_plot, at) => at.map(format),
          },
        ],
        series: [
          {},
          ...lines.map(({ title, color: name, dash }) => ({
            label: title,
            stroke: color(name),
            width: 2,
            dash: [...dash],
            points: { show: true, size: 5, filter: lonely, fill: color(name) },
          })),
        ],
        hooks: { setCursor: [tell] },
      },
      data,
      picture,
    )
    tell(plot)
  }

  new ResizeObserver(() => {
    if (plot === undefined || picture.clientWidth === 0) return
    plot.setSize({ width: picture.clientWidth, height })
  }).observe(picture)
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
    matchMedia(query).addEventListener('change', () => plot?.redraw(false))
  }

  return {
    root,
    show(label, at, values) {
      picture.setAttribute('aria-label', label)
      data = [[...at], ...values.map((line) => [...line])]
      if (plot === undefined) draw()
      else plot.setData(data)
    },
  }
}

function timeLabel(at: number): string {
  const date = new Date(at)
  return date.getHours() + date.getMinutes() === 0 ? formatDay(at) : formatClock(at)
}

/** Points without a neighbour, which no line would show. */
function lonely(plot: uPlot, line: number): number[] {
  const values = plot.data[line] ?? []
  return Array.from(values, (value, index) =>
    value != null && values[index - 1] == null && values[index + 1] == null ? index : -1,
  ).filter((index) => index >= 0)
}
