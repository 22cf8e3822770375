import { loadavg } from 'node:os'

// What the benchmarks on servers share: several ways to do a thing take turns within each round, so
// that whatever else the machine does meets all of them alike.

/**
 * A way to do something, in steps. The first one runs for a while, each later one over the same
 * indexes. Every index is a recipient of its own.
 */
export interface Way {
  readonly name: string
  readonly steps: Readonly<Record<string, (index: number) => Promise<unknown>>>
}

/** What a step came to in one round. */
export interface Figures {
  /** Operations a second. */
  readonly rate: number
  /** Processor time of this process for one operation, in microseconds. */
  readonly clientUs: number
}

/** The figures of every step, `way step`, in one round. */
export type Rates = ReadonlyMap<string, Figures>

const rounds = 9
const turnMs = 150

// One number for the whole run: no recipient is ever used twice, so no limit refuses.
let next = 0

/** Lets every way run for two seconds, so that the rounds meet compiled code and loaded scripts. */
export async function warmUp(ways: readonly Way[]): Promise<void> {
  for (const way of ways) {
    for (let turn = 0; turn < 14; turn += 1) await takeTurn(way, 64)
  }
}

/** Runs all ways in turn, round after round, with so many in flight. */
export async function runRounds(ways: readonly Way[], inFlight: number): Promise<readonly Rates[]> {
  const results: Rates[] = []
  for (let round = 0; round < rounds; round += 1) {
    const rates = new Map<string, Figures>()
    // Whoever begins finds the machine in another state than whoever comes last.
    const begins = round % ways.length
    for (const way of [...ways.slice(begins), ...ways.slice(0, begins)]) {
      for (const [step, figures] of await takeTurn(way, inFlight)) {
        rates.set(`${way.name} ${step}`, figures)
      }
    }
    results.push(rates)
  }
  return results
}

/** The median over the rounds of one rate divided by another. */
export function ratio(results: readonly Rates[], step: string, reference: string): string {
  const ratios = results.map(
    (rates) => (rates.get(step)?.rate ?? 0) / (rates.get(reference)?.rate ?? 0),
  )
  return median(ratios).toFixed(2)
}

/** The median over the rounds of the processor time that one operation takes this process. */
export function clientTime(results: readonly Rates[], step: string): string {
  return median(results.map((rates) => rates.get(step)?.clientUs ?? 0)).toFixed(0)
}

/** Prints a line of cells under the heading's. */
export function printLine(...cells: readonly (string | number)[]): void {
  const [first = '', ...others] = cells.map(String)
  console.log(first.padEnd(40) + others.map((cell) => cell.padStart(9)).join(''))
}

/** Says under which conditions the figures came about. */
export function printConditions(server: string): void {
  const load = loadavg().map((average) => average.toFixed(1))
  console.log(`${server}, Node ${process.version}, load average ${load.join(' ')}`)
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[numbers.length >> 1] ?? 0
}

async function takeTurn({ steps }: Way, inFlight: number): Promise<[string, Figures][]> {
  const from = next
  const rates: [string, Figures][] = []
  for (const [name, step] of Object.entries(steps)) {
    const first = rates.length === 0
    const start = performance.now()
    const processor = process.cpuUsage()
    let index = from
    const goesOn = () => (first ? performance.now() - start < turnMs : index < next)
    const worker = async () => {
      while (goesOn()) {
        index += 1
        await step(index - 1)
      }
    }
    await Promise.all(Array.from({ length: inFlight }, worker))
    if (first) next = index
    const { user, system } = process.cpuUsage(processor)
    const rate = ((index - from) * 1000) / (performance.now() - start)
    rates.push([name, { rate, clientUs: (user + system) / (index - from) }])
  }
  return rates
}
