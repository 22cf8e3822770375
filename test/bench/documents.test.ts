import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { benchParts, type GeneratedPart, readPart } from '../../bench/harness/documents'
import type { BenchResults, StepFigures } from '../../bench/harness/results'
import type { ScaleResults, SoakResults } from '../../bench/harness/scale-results'
import { scaleParts, soakParts } from '../../bench/harness/scale-tables'
import { round } from '../../bench/harness/tables'

async function read(name: string): Promise<unknown> {
  return JSON.parse(await readFile(`bench/results/${name}.json`, 'utf8'))
}

// What a benchmark has written is of its own form.
const bench = (await read('bench')) as BenchResults
const parts: GeneratedPart[] = [
  ...benchParts(bench),
  ...scaleParts((await read('scale')) as ScaleResults),
  ...soakParts((await read('soak')) as SoakResults),
]

describe('the figures of the benchmarks', () => {
  it.each(parts)('in $page, $name, are those of the last run', async (part) => {
    expect(readPart(await readFile(part.page, 'utf8'), part)).toBe(part.text)
  })

  const charts: [string, (figures: StepFigures) => number][] = [
    ['throughput-light', ({ ratio }) => ratio.median],
    ['throughput-dark', ({ ratio }) => ratio.median],
    ['latency-light', ({ p99 }) => p99],
    ['latency-dark', ({ p99 }) => p99],
  ]
  it.each(charts)('in the chart %s are those of the last run', async (name, figure) => {
    const svg = await readFile(`docs/images/${name}.svg`, 'utf8')
    const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text)
    const shown = bench.throughput.flatMap(({ backend, contender, inFlight, figures }) => {
      const drawn = ['memory', 'redis', 'postgres'].includes(backend) && contender !== 'floor'
      if (!drawn || inFlight !== 64 || 'failed' in figures) return []
      return [figures.send, figures.wrong, figures.right].map((step) => round(figure(step)))
    })
    expect(shown.length).toBeGreaterThan(0)
    expect(texts).toEqual(expect.arrayContaining([...shown, `${bench.machine} · ${bench.date}`]))
  })
})
