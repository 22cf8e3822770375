import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { BenchResults, StepFigures } from '../harness/results'

// Draws the charts of a file of results, each for a light and a dark page. Arguments: the file, and
// the folder that they go to.

const names = { 'hand-made': 'by hand', 'better-auth': 'better-auth', otpkit: 'otpkit' } as const
const backends = { memory: 'memory', redis: 'Redis', postgres: 'PostgreSQL' } as const
const calls = { send: 'send', wrong: 'wrong guess', right: 'right code' } as const

const themes = {
  light: {
    text: '#1f2328',
    muted: '#59636e',
    grid: '#d1d9e0',
    bars: ['#aab4bf', '#6e7f91', '#0969da'],
  },
  dark: {
    text: '#f0f6fc',
    muted: '#9198a1',
    grid: '#3d444d',
    bars: ['#59636e', '#9198a1', '#4493f8'],
  },
} as const

interface Bar {
  readonly backend: string
  readonly call: string
  readonly contender: string
  readonly value: number
  readonly label: string
}

const [resultsFile = '', folder = ''] = process.argv.slice(2)
const results: BenchResults = JSON.parse(await readFile(resultsFile, 'utf8'))
const charts = {
  throughput: chart(
    'Calls a second, 64 in flight: a bare command with one HMAC is 1',
    bars(({ ratio }) => ratio.median),
  ),
  latency: chart(
    'Milliseconds within which 99 of 100 calls are answered, 64 in flight',
    bars(({ p99 }) => p99),
  ),
}
for (const [name, drawn] of Object.entries(charts)) {
  for (const theme of ['light', 'dark'] as const) {
    await writeFile(join(folder, `${name}-${theme}.svg`), `${await render(drawn(theme))}\n`)
  }
}

/** One bar for each call of each contender but the floor. */
function bars(figure: (figures: StepFigures) => number): Bar[] {
  return results.throughput.flatMap(({ backend, contender, inFlight, figures }) => {
    if (inFlight !== 64 || contender === 'floor' || 'failed' in figures) return []
    if (backend !== 'memory' && backend !== 'redis' && backend !== 'postgres') return []
    return (['send', 'wrong', 'right'] as const).map((step) => {
      const value = figure(figures[step])
      return {
        backend: backends[backend],
        call: calls[step],
        contender: names[contender],
        value,
        label: value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2),
      }
    })
  })
}

function chart(title: string, values: Bar[]) {
  return (theme: keyof typeof themes): TopLevelSpec => {
    const { text, muted, grid, bars: range } = themes[theme]
    const order = Object.values(names)
    const position = {
      y: {
        field: 'call',
        type: 'nominal' as const,
        sort: Object.values(calls),
        title: null,
        scale: { paddingInner: 0.25 },
        axis: {
          ticks: false,
          domain: false,
          labelColor: text,
          labelFontSize: 12,
          labelPadding: 10,
        },
      },
      yOffset: { field: 'contender', type: 'nominal' as const, sort: order },
    }
    return {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      title: {
        text: title,
        subtitle: [
          `${results.machine} · ${results.date}`,
          `otpkit ${results.versions.otpkit}, better-auth ${results.versions['better-auth']}, rate-limiter-flexible ${results.versions['rate-limiter-flexible']} by hand${results.quick ? ' · a quick run' : ''}`,
        ],
        anchor: 'start',
        color: text,
        subtitleColor: muted,
        fontSize: 15,
        subtitleFontSize: 11,
        offset: 14,
      },
      data: { values },
      facet: {
        column: {
          field: 'backend',
          type: 'nominal',
          sort: Object.values(backends),
          title: null,
          header: { labelColor: text, labelFontSize: 13, labelFontWeight: 'bold' },
        },
      },
      spec: {
        width: 180,
        height: { step: 17, for: 'offset' },
        layer: [
          {
            mark: { type: 'bar', cornerRadiusEnd: 2, height: { band: 0.85 } },
            encoding: {
              x: { field: 'value', type: 'quantitative', title: null, axis: null },
              ...position,
              color: {
                field: 'contender',
                type: 'nominal',
                sort: order,
                scale: { domain: order, range: [...range] },
                legend: { title: null, orient: 'top', labelColor: text, labelFontSize: 12 },
              },
            },
          },
          {
            mark: { type: 'text', align: 'left', dx: 4, fontSize: 11, color: text },
            encoding: {
              x: { field: 'value', type: 'quantitative' },
              ...position,
              yOffset: { ...position.yOffset, bandPosition: 0.5 },
              text: { field: 'label', type: 'nominal' },
            },
          },
        ],
      },
      resolve: { scale: { x: 'independent' } },
      spacing: 44,
      padding: { left: 8, right: 34, top: 8, bottom: 8 },
      config: {
        font: 'system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif',
        background: 'transparent',
        view: { stroke: null },
        axis: { gridColor: grid },
      },
    }
  }
}

function render(specification: TopLevelSpec): Promise<string> {
  return new View(parse(compile(specification).spec), { renderer: 'none' }).toSVG()
}
