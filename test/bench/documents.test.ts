import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { benchParts, type GeneratedPart, readPart } from '../../bench/harness/documents'
import type { BenchResults, StepFigures } from '../../bench/harness/results'
import type { ScaleResults, SoakResults } from '../../bench/harness/scale-results'
import { scaleParts, soakParts } from '../../bench/harness/scale-tables'
import { round } from '../../bench/harness/tables'

// What a benchmark has written is of its own form.
async function readResults<Results>(name: string): Promise<Results | undefined> {
  const text = await readFile(`bench/results/${name}.json`, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Results)
}

const [bench, scale, soak] = [
  await readResults<BenchResults>('bench'),
  await readResults<ScaleResults>('scale'),
  await readResults<SoakResults>('soak'),
]
const generated: readonly GeneratedPart[] = [
  ...(bench === undefined ? [] : benchParts(bench)),
  ...(scale === undefined ? [] : scaleParts(scale)),
  ...(soak === undefined ? [] : soakParts(soak)),
]
const places = [
  ['docs/speed.md', 'bench:tables'],
  ['README.md', 'bench:caption'],
  ['docs/scaling.md', 'scale:tables'],
  ['docs/scaling.md', 'scale:steps'],
  ['docs/scaling.md', 'soak:tables'],
] as const

describe('the figures of the benchmarks', () => {
  it.each(places)('in %s, %s, are those of the last run', async (page, name) => {
    const text = generated.find((part) => part.name === name)?.text ?? 'Not run yet.'
    const part = { page, name, text }
    expect(readPart(await readFile(page, 'utf8'), part)).toBe(text)
  })

  const charts: [string, (figures: StepFigures) => number][] = [
    ['throughput-light', ({ ratio }) => ratio.median],
    ['throughput-dark', ({ ratio }) => ratio.median],
    ['latency-light', ({ p99 }) => p99],
    ['latency-dark', ({ p99 }) => p99],
  ]
  // Without a run there is no chart.
  it.each(bench === undefined ? [] : charts)(
    'in the chart %s are those of the last run',
    async (name, figure) => {
      const svg = await readFile(`docs/images/${name}.svg`, 'utf8')
      const texts = [...svg.matchAll(/<(?:text|tspan)(?: [^>]*)?>([^<]+)</g)].map(
        ([, text]) => text,
      )
      if (bench === undefined) throw new Error('a chart without figures')
      const shown = bench.throughput.flatMap(({ backend, contender, inFlight, figures }) => {
        const drawn = ['memory', 'redis', 'postgres'].includes(backend) && contender !== 'floor'
        if (!drawn || inFlight !== 64 || 'failed' in figures) return []
        return [figures.send, figures.wrong, figures.right].map((step) => round(figure(step)))
      })
      expect(shown.length).toBeGreaterThan(0)
      expect(texts).toEqual(expect.arrayContaining([...shown, `${bench.machine} · ${bench.date}`]))
    },
  )
})
