import {
  type Backend,
  backends,
  type ContenderName,
  contenders,
  type Step,
  steps,
} from '../protocol'
import type { Conditions } from './conditions'
import { type BenchResults, failed, type StepFigures } from './results'
import type { Spread } from './values'

// Figures as Markdown. What is written here and what is kept in bench/results is the same, which a
// test checks.

const labels: Record<ContenderName, string> = {
  floor: 'floor',
  'hand-made': 'by hand',
  'better-auth': 'better-auth',
  otpkit: '**otpkit**',
}
const backendLabels: Record<Backend, string> = {
  memory: 'memory',
  redis: 'Redis',
  postgres: 'PostgreSQL',
  mariadb: 'MariaDB',
  sqlite: 'SQLite',
}

/** All tables of `npm run bench`. */
export function benchTables(results: BenchResults): string {
  return [
    conditionsLine(results),
    '### Throughput',
    `Times the floor's calls a second in the same round: \`send\` · wrong guess · right code after it. Medians of
${results.rounds} rounds, and under them the least and the most of any round.`,
    throughputTable(results),
    '### Beside the others',
    "otpkit's calls a second as a multiple of theirs, by the medians above.",
    besideTable(results),
    '### Latency',
    'Milliseconds, medians of the rounds: half of the calls are faster than the first, 99 of 100 faster than the second.',
    latencyTable(results),
    '### Processor time',
    'Microseconds a call, 64 in flight, of the client and of the server. Memory and SQLite have no server; that of MariaDB was not looked at.',
    processorTable(results),
    '### Round trips',
    'Of a call alone, and in brackets the commands a call when 64 are in flight. Both are counted by a proxy before the server.',
    trafficTable(results),
    '### Bytes',
    bytesIntroduction(results),
    bytesTable(results),
    '### The first call',
    `Milliseconds from the start of a process until its first \`send\` is answered, and in brackets until everything is
loaded and connected. Node alone needs ${results.emptyMs.median.toFixed(0)}.`,
    firstCallTable(results),
    '### Beside speed: what is let through',
    `${results.correctness[0] ? burstsOf(results) : 'No'} bursts each, over four connections where there is a server. From the least to the most in a burst.`,
    correctnessTable(results),
  ].join('\n\n')
}

/** The line under the README's chart. */
export function benchCaption(results: BenchResults): string {
  return `${results.quick ? 'A quick run, not to be quoted. ' : ''}Measured on ${results.date} on ${results.machine}; ${results.rounds} rounds. [docs/speed.md](docs/speed.md) has every
figure, what each of the others leaves out, and how to run it again.`
}

/** When, where and with what. */
export function conditionsLine(conditions: Conditions & { readonly rounds?: number }): string {
  // A server says its own name.
  const versions = Object.entries(conditions.versions).map(([name, version]) =>
    /^[A-Z]/.test(version) ? version : `${name} ${version}`,
  )
  const load = conditions.load.map((average) => average.toFixed(1)).join(' to ')
  return `${conditions.quick ? '**A quick run: to see that everything works, not to be quoted.** ' : ''}On ${conditions.date}, on ${conditions.machine}, shared by clients and
servers, load average ${load}; seed ${conditions.seed}. ${versions.join(', ')}.`
}

/** A Markdown table; every cell of the first column is a text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = `|${head.map((_, index) => (index === 0 ? '---|' : '--:|')).join('')}`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

export function round(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function throughputTable({ throughput }: BenchResults): string {
  const rows = throughput
    .filter(({ contender }) => contender !== 'floor')
    .map(({ backend, inFlight, contender, figures }) => {
      const who = [`${backendLabels[backend]}, ${inFlight} in flight`, labels[contender]]
      if (failed(figures)) return [...who, `failed: ${figures.failed}`, '', '']
      return [...who, ...steps.map((step) => withSpread(figures[step].ratio))]
    })
  return table(['', '', '`send`', 'wrong', 'right'], rows)
}

function withSpread({ median, least, most }: Spread): string {
  return `${round(median)}<br>${round(least)} – ${round(most)}`
}

function besideTable({ throughput }: BenchResults): string {
  const find = (backend: Backend, inFlight: number, contender: ContenderName) =>
    throughput.find(
      (cell) =>
        cell.backend === backend && cell.inFlight === inFlight && cell.contender === contender,
    )?.figures
  const rows = throughput
    .filter(({ contender }) => contender === 'otpkit')
    .map(({ backend, inFlight, figures }) => {
      const beside = (contender: ContenderName) => {
        const other = find(backend, inFlight, contender)
        if (other === undefined || failed(other) || failed(figures)) return 'failed'
        return steps.map((step) => round(times(figures, other, step))).join(' · ')
      }
      const where = `${backendLabels[backend]}, ${inFlight} in flight`
      return [where, beside('hand-made'), beside('better-auth')]
    })
  return table(['', 'by hand', 'better-auth'], rows)
}

function times(
  own: Readonly<Record<Step, StepFigures>>,
  other: Readonly<Record<Step, StepFigures>>,
  step: Step,
): number {
  return own[step].rate.median / other[step].rate.median
}

function latencyTable({ throughput }: BenchResults): string {
  const rows = throughput.map(({ backend, inFlight, contender, figures }) => {
    const who = [`${backendLabels[backend]}, ${inFlight} in flight`, labels[contender]]
    if (failed(figures)) return [...who, 'failed', '', '']
    return [
      ...who,
      ...steps.map((step) => `${round(figures[step].p50)} · ${round(figures[step].p99)}`),
    ]
  })
  return table(['p50 · p99', '', '`send`', 'wrong', 'right'], rows)
}

function processorTable({ throughput }: BenchResults): string {
  const rows = throughput
    .filter(({ inFlight }) => inFlight === 64)
    .map(({ backend, contender, figures }) => {
      const who = [backendLabels[backend], labels[contender]]
      if (failed(figures)) return [...who, 'failed', '', '']
      const cell = ({ clientUs, serverUs }: StepFigures) =>
        serverUs === null ? round(clientUs) : `${round(clientUs)} · ${round(serverUs)}`
      return [...who, ...steps.map((step) => cell(figures[step]))]
    })
  return table(['client · server', '', '`send`', 'wrong', 'right'], rows)
}

function trafficTable({ traffic }: BenchResults): string {
  const rows = traffic.map(({ backend, contender, figures }) => {
    const who = [backendLabels[backend], labels[contender]]
    if (failed(figures)) return [...who, 'failed', '', '']
    const cell = (step: Step) =>
      `${round(figures[step].roundTrips)} (${round(figures[step].commands)})`
    return [...who, ...steps.map(cell)]
  })
  return table(['', '', '`send`', 'wrong', 'right'], rows)
}

function byBackend<Figures extends object>(
  cells: readonly {
    readonly backend: Backend
    readonly contender: ContenderName
    readonly figures: Figures | { readonly failed: string }
  }[],
  show: (figures: Figures) => string,
): string {
  const present = backends.filter((backend) => cells.some((cell) => cell.backend === backend))
  const rows = contenders.map((contender) => [
    labels[contender],
    ...present.map((backend) => {
      const cell = cells.find((one) => one.backend === backend && one.contender === contender)
      if (cell === undefined) return '–'
      return 'failed' in cell.figures ? 'failed' : show(cell.figures)
    }),
  ])
  return table(['', ...present.map((backend) => backendLabels[backend])], rows)
}

function bytesIntroduction({ bytes }: BenchResults): string {
  const sends = new Set(bytes.flatMap(({ figures }) => (failed(figures) ? [] : figures.sends)))
  const counts = [...sends].sort((left, right) => right - left).map((count) => String(count))
  return `What a pending code costs with its limits, each to a recipient and from an address of its own, at ${counts.join(' and ')}
of them: the heap, \`used_memory\`, tables with their indexes, the file with its log.`
}

function bytesTable({ bytes }: BenchResults): string {
  return byBackend(bytes, (figures) => String(figures.bytes))
}

function firstCallTable({ firstCalls }: BenchResults): string {
  const show = (figures: { readonly readyMs: Spread; readonly sentMs: Spread }) =>
    `${figures.sentMs.median.toFixed(0)} (${figures.readyMs.median.toFixed(0)})`
  return byBackend(firstCalls, show)
}

function burstsOf({ correctness }: BenchResults): string {
  const found = correctness.find(({ figures }) => !failed(figures))
  return found === undefined || failed(found.figures) ? 'No' : String(found.figures.bursts)
}

function correctnessTable({ correctness }: BenchResults): string {
  const rows = correctness.map(({ backend, contender, figures }) => {
    const who = [backendLabels[backend], labels[contender]]
    if (failed(figures)) return [...who, `failed: ${figures.failed}`, '', '', '']
    const range = ({ least, most }: { readonly least: number; readonly most: number }) =>
      least === most ? String(least) : `${least} – ${most}`
    const { rightAtOnce, compared, rightBesideWrong, messages } = figures
    const share = `${Math.round(rightBesideWrong * 100)} %`
    return [...who, range(rightAtOnce), range(compared), share, range(messages)]
  })
  const head = [
    '',
    '',
    'of 200 right codes let in (1 is right)',
    'of 200 guesses compared (3 are allowed)',
    'a right code beside two wrong ones let in',
    'messages to one phone that 200 addresses ask for',
  ]
  return table(head, rows)
}
