import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type ContenderName, contenders, type Place, type Step, steps } from '../protocol'
import { type BackendServer, startBackend } from './backend-server'
import { startCountingProxy } from './counting-proxy'
import type { Installation } from './install'
import type { BenchResults, Outcome, Traffic } from './results'
import type { Settings } from './settings'
import { isRecord, progress, reasonOf, spread } from './values'
import { startWorker, type Worker } from './worker-process'

// What needs no rounds: it does not depend on what else the machine does, or is repeated in itself.

const run = promisify(execFile)
// Far from the recipients of the rounds.
const firstIndex = 60_000_000

/** Round trips of calls one by one, and commands of calls at once, by what passes a proxy. */
export async function measureTraffic(
  installation: Installation,
  server: BackendServer,
): Promise<BenchResults['traffic']> {
  const { port, place } = server
  if (port === undefined) return []
  const proxy = await startCountingProxy(place.backend, port)
  const url = new URL(place.url)
  url.port = String(proxy.port)
  const count = async (worker: Worker, inFlight: number, calls: number) => {
    const counted: Partial<Record<Step, { roundTrips: number; commands: number }>> = {}
    for (const step of steps) {
      const before = proxy.counts()
      const command = { do: 'step', step, inFlight, forMs: 20_000, atMost: calls } as const
      const { operations } = await worker.ask(command)
      const after = proxy.counts()
      counted[step] = {
        roundTrips: (after.roundTrips - before.roundTrips) / operations,
        commands: (after.commands - before.commands) / operations,
      }
    }
    return counted
  }
  try {
    return await forEach(place, (contender) =>
      withWorker(installation, contender, { ...place, url: url.href }, async (worker) => {
        // Connections are opened, scripts loaded and statements prepared by the first of them.
        await count(worker, 64, 640)
        const [single, many] = [await count(worker, 1, 50), await count(worker, 64, 1280)]
        const of = (step: Step): Traffic => ({
          roundTrips: single[step]?.roundTrips ?? Number.NaN,
          commands: many[step]?.commands ?? Number.NaN,
        })
        return { send: of('send'), wrong: of('wrong'), right: of('right') }
      }),
    )
  } finally {
    await proxy.stop()
  }
}

/** What a pending code costs its keeper, limits included, on a server that has nothing else. */
export async function measureBytes(
  installation: Installation,
  place: Place,
  settings: Settings,
): Promise<BenchResults['bytes']> {
  const sends = settings.sends[place.backend]
  return forEach(place, async (contender) => {
    const server = await startBackend(place.backend)
    try {
      return await withWorker(installation, contender, server.place, async (worker) => {
        // What is made once, such as a table, is there before.
        await worker.ask({ do: 'fill', sends: 100, inFlight: 64 })
        const before = await server.bytes()
        const { heapBytes } = await worker.ask({ do: 'fill', sends, inFlight: 64 })
        const after = await server.bytes()
        const bytes = before === undefined || after === undefined ? heapBytes : after - before
        return { sends, bytes: Math.round(bytes / sends) }
      })
    } finally {
      await server.stop()
    }
  })
}

export async function measureCorrectness(
  installation: Installation,
  server: BackendServer,
  { bursts, seed }: Settings,
): Promise<BenchResults['correctness']> {
  return forEach(server.place, (contender) =>
    withWorker(installation, contender, server.place, (worker) =>
      worker.ask({ do: 'correctness', bursts, seed }),
    ),
  )
}

/** Milliseconds from the start of a process until its first `send` is answered. */
export async function measureFirstCalls(
  installation: Installation,
  server: BackendServer,
  { coldStarts, shuffled }: Settings,
): Promise<BenchResults['firstCalls']> {
  const times = new Map<ContenderName, { readyMs: number[]; sentMs: number[] }>()
  const failures = new Map<ContenderName, string>()
  // The very first one makes tables and fills the disk's cache, and does not count.
  for (let round = -1; round < coldStarts; round += 1) {
    for (const contender of shuffled(contenders)) {
      if (failures.has(contender)) continue
      const args = [installation.program('first-call'), contender, JSON.stringify(server.place)]
      try {
        const printed = await runNode([...args, String(round + 1)], installation.folder)
        const of = times.get(contender) ?? { readyMs: [], sentMs: [] }
        times.set(contender, of)
        if (round < 0) continue
        of.readyMs.push(Number(printed.readyMs))
        of.sentMs.push(Number(printed.sentMs))
      } catch (error) {
        failures.set(contender, reasonOf(error))
      }
    }
  }
  return contenders.map((contender) => {
    const of = times.get(contender)
    const failure = failures.get(contender) ?? 'it was never run'
    const figures =
      failures.has(contender) || of === undefined
        ? { failed: failure }
        : { readyMs: spread(of.readyMs), sentMs: spread(of.sentMs) }
    return { backend: server.place.backend, contender, figures }
  })
}

/** The same of a program that does nothing. */
export async function measureEmptyProcess({ coldStarts }: Settings) {
  const times: number[] = []
  for (let round = 0; round < coldStarts; round += 1) {
    const program = 'console.log(JSON.stringify({ readyMs: performance.now() }))'
    times.push(Number((await runNode(['-e', program], '.')).readyMs))
  }
  return spread(times)
}

async function runNode(args: readonly string[], cwd: string): Promise<Record<string, unknown>> {
  const env = { ...process.env, NODE_ENV: 'production' }
  const { stdout } = await run(process.execPath, args, { cwd, env, timeout: 60_000 })
  const printed: unknown = JSON.parse(stdout)
  if (!isRecord(printed)) throw new Error('the program printed something else')
  return printed
}

async function forEach<Figures extends object>(
  { backend }: Place,
  measure: (contender: ContenderName) => Promise<Figures>,
) {
  const found: {
    backend: Place['backend']
    contender: ContenderName
    figures: Outcome<Figures>
  }[] = []
  for (const contender of contenders) {
    const figures = await measure(contender).catch((error: unknown) => {
      progress(`  ${backend}: ${contender} FAILED: ${reasonOf(error)}`)
      return { failed: reasonOf(error) }
    })
    found.push({ backend, contender, figures })
  }
  return found
}

async function withWorker<Result>(
  installation: Installation,
  contender: ContenderName,
  place: Place,
  work: (worker: Worker) => Promise<Result>,
): Promise<Result> {
  const worker = await startWorker(installation, contender, place, { firstIndex })
  try {
    return await work(worker)
  } finally {
    await worker.stop()
  }
}
