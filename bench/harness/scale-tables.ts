import { type Backend, type Step, steps } from '../protocol'
import type { GeneratedPart } from './documents'
import type { Load, ScaleResults, SoakResults } from './scale-results'
import { conditionsLine, round, table } from './tables'
import { sum } from './values'

const labels: Partial<Record<Backend, string>> = {
  memory: 'memory',
  redis: 'Redis',
  postgres: 'PostgreSQL',
}
const page = 'docs/scaling.md'

/** What `npm run bench:scale` writes into the page. */
export function scaleParts(results: ScaleResults): readonly GeneratedPart[] {
  return [
    { page, name: 'scale:tables', text: scaleTables(results) },
    { page, name: 'scale:steps', text: stepsTable(results) },
  ]
}

/** What `npm run bench:soak` writes into the page. */
export function soakParts(results: SoakResults): readonly GeneratedPart[] {
  return [{ page, name: 'soak:tables', text: soakTables(results) }]
}

function scaleTables(results: ScaleResults): string {
  const { capacity, asked, refused, grownBytes } = results.full
  return [
    conditionsLine(results),
    `**More and more pending codes**, each of a recipient and from an address of its own. Calls a second with 64 in flight; the
p99 is a right code's. The last line of each is not measured: it goes on as from the second to the third.`,
    growthTable(results),
    `**A full memory.** \`memory({ capacity: ${capacity} })\` was asked for ${asked} codes and refused ${refused} of them, with
an \`OtpError\` of code \`capacity\`; each code takes room for its challenge, its recipient's log and its address's. Asked as often again, its heap grew by ${round(grownBytes / 1024)} KiB.`,
    '**Several processes on one server**, 64 in flight in each. Calls a second of all together, and the cores that were busy.',
    processesTable(results),
  ].join('\n\n')
}

function growthTable({ growth }: ScaleResults): string {
  const rows = growth.flatMap(({ backend, sizes, failed }) => {
    const name = labels[backend] ?? backend
    if (failed !== undefined) return [[name, `failed: ${failed}`, '', '', '', '', '']]
    const measured = sizes.map(({ pending, bytesEach, rates, p99 }) => [
      name,
      count(pending),
      String(bytesEach),
      ...steps.map((step) => count(rates[step])),
      round(p99),
    ])
    const [before, last] = sizes.slice(-2)
    if (before === undefined || last === undefined) return measured
    const more = last.pending * 10
    const total = last.pending * last.bytesEach
    const slope = (total - before.pending * before.bytesEach) / (last.pending - before.pending)
    const bytes = total + slope * (more - last.pending)
    const extrapolated = `${Math.round(bytes / more)}, ${round(bytes / 2 ** 30)} GiB in all`
    return [...measured, [name, `*${count(more)}*`, `*${extrapolated}*`, '', '', '', '']]
  })
  return table(['', 'pending', 'bytes each', '`send`', 'wrong', 'right', 'p99, ms'], rows)
}

function processesTable({ processes }: ScaleResults): string {
  const rows = processes.map((load) => [
    `${labels[load.backend] ?? load.backend}, ${load.processes === 1 ? 'one process' : `${load.processes} processes`}`,
    ...steps.map((step) => count(load.rates[step])),
    `${round(load.clientCores)} of ${load.cores}`,
    load.serverCores === null ? '–' : `${round(load.serverCores)} of ${load.cores}`,
    saturated(load),
  ])
  const head = ['', '`send`', 'wrong', 'right', 'clients', 'server', 'what is full']
  return table(head, rows)
}

// Redis decides everything on one core; PostgreSQL takes what there is.
function saturated({ backend, serverCores, clientCores, cores }: Load): string {
  if (serverCores === null) return '–'
  if (backend === 'redis' && serverCores > 0.9) return "Redis' one core"
  if (serverCores + clientCores < 0.85 * cores)
    return 'nothing: it waits for the disk or the network'
  return clientCores > serverCores
    ? 'the processor, most of it by the clients'
    : 'the processor, most of it by the server'
}

/** One `send` and one right code for each verification, and a wrong one for every third. */
const callsOf: Readonly<Record<Step, number>> = { send: 1, wrong: 1 / 3, right: 1 }
const secondsOfDay = 86_400
const peak = 10

function stepsTable({ processes, growth }: ScaleResults): string {
  const cores = (backend: Backend, busiest: number) => {
    const load = processes.filter((one) => one.backend === backend).at(-1)
    const each = load && steps.map((step) => callsOf[step] * (load.serverUs[step] ?? Number.NaN))
    return each === undefined ? '–' : round((busiest * sum(each)) / 1e6)
  }
  const share = (backend: Backend, busiest: number) => {
    const load = processes.filter((one) => one.backend === backend).at(-1)
    const seconds = load && sum(steps.map((step) => callsOf[step] / load.rates[step]))
    return seconds === undefined ? '–' : `${round(busiest * seconds * 100)} %`
  }
  const memory = (backend: Backend, busiest: number) => {
    const bytes = growth.find((one) => one.backend === backend)?.sizes.at(-1)?.bytesEach
    return bytes === undefined ? '–' : `${round((busiest * 300 * bytes) / 2 ** 20)} MiB`
  }
  const rows = [1e4, 1e5, 1e6, 1e7, 1e8].map((daily) => {
    const busiest = (daily / secondsOfDay) * peak
    return [
      count(daily),
      round(busiest),
      `${share('redis', busiest)} · ${cores('redis', busiest)}`,
      `${share('postgres', busiest)} · ${cores('postgres', busiest)}`,
      `${memory('redis', busiest)} · ${memory('postgres', busiest)}`,
    ]
  })
  const head = [
    'verifications a day',
    'in the busiest second',
    'Redis: share · server cores',
    'PostgreSQL: share · server cores',
    'pending, Redis · PostgreSQL',
  ]
  return table(head, rows)
}

function soakTables(results: SoakResults): string {
  const rows = results.places.flatMap(({ backend, calls, samples, failed }) => {
    const name = labels[backend] ?? backend
    if (failed !== undefined) return [[name, `failed: ${failed}`, '', '', '', '', '']]
    const points = [samples[0], samples[samples.length >> 1], samples.at(-1)]
    return points.flatMap((sample, index) => {
      if (sample === undefined) return []
      return [
        [
          index === 0 ? `${name}, ${count(calls)} calls` : '',
          ['at the beginning', 'half-way', 'at the end'][index] ?? '',
          `${round(sample.heapBytes / 2 ** 20)} MiB`,
          String(sample.timers),
          String(sample.active),
          String(sample.listeners),
          sample.entries === null ? '–' : count(sample.entries),
        ],
      ]
    })
  })
  const head = ['', '', 'heap', 'timers', 'handles', 'listeners', 'keys or rows']
  return [
    conditionsLine(results),
    `${results.minutes} minutes, 16 in flight on each place, over 5,000 people who come back and addresses that do not. The
keys and rows are what is still counted: limits for up to a day, and a ledger for whoever guessed wrong. The timers beside
PostgreSQL are the pool's, one for each connection that waits for work.`,
    table(head, rows),
  ].join('\n\n')
}

function count(number: number): string {
  return Math.round(number).toLocaleString('en')
}
