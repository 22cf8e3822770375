import { type ContenderName, contenders, type Step, type StepResult, steps } from '../protocol'
import type { BackendServer } from './backend-server'
import type { Installation } from './install'
import { processorSeconds } from './processor-time'
import type { BenchResults, Outcome, StepFigures } from './results'
import type { Settings } from './settings'
import { progress, reasonOf, spread, sum } from './values'
import { startWorker, type Worker } from './worker-process'

type Measured = StepResult & { readonly serverSeconds: number | undefined }
type Turn = Readonly<Record<Step, Measured>>
type Rounds = Map<ContenderName, Turn>[]

/**
 * All contenders take turns within each round, in an order that the seed decides, so that whatever
 * else the machine does meets all of them alike. One that fails is left out from then on.
 */
export async function measureThroughput(
  installation: Installation,
  server: BackendServer,
  inFlights: readonly number[],
  settings: Settings,
): Promise<BenchResults['throughput']> {
  const { backend } = server.place
  const cells: BenchResults['throughput'][number][] = []
  const failures = new Map<ContenderName, string>()
  const workers = new Map<ContenderName, Worker>()
  const attempt = async <Result>(name: ContenderName, work: () => Promise<Result>) => {
    if (failures.has(name)) return undefined
    return work().catch(async (error: unknown) => {
      failures.set(name, reasonOf(error))
      progress(`  ${backend}: ${name} FAILED: ${reasonOf(error)}`)
      await workers.get(name)?.stop()
      return undefined
    })
  }
  for (const name of contenders) {
    await attempt(name, async () => {
      workers.set(name, await startWorker(installation, name, server.place))
    })
  }
  // A process runs code of which little is compiled until it has made some thousands of calls; what is
  // measured is a service that has run for a while. The processes stay for all numbers in flight.
  let unmeasured = settings.warmUpRounds
  for (const inFlight of inFlights) {
    const rounds: Rounds = []
    for (let round = -unmeasured; round < settings.rounds; round += 1) {
      const turns = new Map<ContenderName, Turn>()
      for (const name of settings.shuffled(contenders)) {
        const worker = workers.get(name)
        if (worker === undefined) continue
        const turn = await attempt(name, () => takeTurn(worker, server, inFlight, settings.turnMs))
        if (turn !== undefined) turns.set(name, turn)
      }
      if (round >= 0) rounds.push(turns)
    }
    unmeasured = 1
    for (const contender of contenders) {
      const figures = outcomeOf(contender, rounds, failures)
      cells.push({ backend, contender, inFlight, figures })
    }
    progress(`${backend}, ${inFlight} in flight: ${line(cells.slice(-contenders.length))}`)
  }
  for (const worker of workers.values()) await worker.stop()
  return cells
}

async function takeTurn(
  worker: Worker,
  { place, pids }: BackendServer,
  inFlight: number,
  turnMs: number,
): Promise<Turn> {
  // In memory its adapter looks through all that it keeps. The others go on as a service does: with what
  // they were made of, V8 drops the code that was compiled for it.
  if (place.backend === 'memory' && worker.name === 'better-auth') {
    await worker.ask({ do: 'restart' })
  }
  const run = async (step: Step): Promise<Measured> => {
    const before = await processorSeconds(pids)
    // Later steps go on for as long as they need, within reason.
    const forMs = step === 'send' ? turnMs : turnMs * 3
    const result = await worker.ask({ do: 'step', step, inFlight, forMs })
    const after = await processorSeconds(pids)
    const known = pids.length > 0 && before !== undefined && after !== undefined
    return { ...result, serverSeconds: known ? after - before : undefined }
  }
  return { send: await run('send'), wrong: await run('wrong'), right: await run('right') }
}

function outcomeOf(
  contender: ContenderName,
  rounds: Rounds,
  failures: ReadonlyMap<ContenderName, string>,
): Outcome<Record<Step, StepFigures>> {
  const failure = failures.get(contender)
  if (failure !== undefined) return { failed: failure }
  const figures = (step: Step): StepFigures => {
    const turns = rounds.flatMap((turn) => turn.get(contender)?.[step] ?? [])
    const ratios = rounds.flatMap((turn) => {
      const [own, floor] = [turn.get(contender)?.[step], turn.get('floor')?.[step]]
      return own === undefined || floor === undefined ? [] : rateOf(own) / rateOf(floor)
    })
    const operations = sum(turns.map((turn) => turn.operations))
    const clientUs = sum(turns.map((turn) => turn.clientUs * turn.operations)) / operations
    const server = turns.map((turn) => turn.serverSeconds ?? Number.NaN)
    const serverUs = (sum(server) * 1e6) / operations
    return {
      ratio: spread(ratios),
      rate: spread(turns.map(rateOf)),
      p50: spread(turns.map((turn) => turn.p50)).median,
      p99: spread(turns.map((turn) => turn.p99)).median,
      clientUs,
      serverUs: Number.isNaN(serverUs) ? null : serverUs,
    }
  }
  return { send: figures('send'), wrong: figures('wrong'), right: figures('right') }
}

function rateOf({ operations, seconds }: StepResult): number {
  return operations / seconds
}

function line(cells: BenchResults['throughput']): string {
  return cells
    .map(({ contender, figures }) => {
      if ('failed' in figures) return `${contender} failed`
      const ratios = steps.map((step) => figures[step].ratio.median.toFixed(2))
      return `${contender} ${ratios.join(' · ')}`
    })
    .join('   ')
}
