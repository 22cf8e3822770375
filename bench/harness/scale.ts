import { cpus } from 'node:os'
import { type Backend, type Step, steps } from '../protocol'
import { type BackendServer, startBackend } from './backend-server'
import type { Installation } from './install'
import { processorSeconds } from './processor-time'
import type { FullMemory, Load, Size } from './scale-results'
import { progress, reasonOf, sum } from './values'
import { startWorker, type Worker } from './worker-process'

const inFlight = 64

/** Fills one server in steps, and looks at each what a call takes then. */
export async function measureGrowth(
  installation: Installation,
  backend: Backend,
  sizes: readonly number[],
  servers: Record<string, string>,
) {
  const found: Size[] = []
  const server = await startBackend(backend)
  if (server.port !== undefined) servers[backend] = server.version
  try {
    // The first code must still be pending when the last one is sent.
    const place = { ...server.place, lifetime: '10m' } as const
    const worker = await startWorker(installation, 'otpkit', place, { patienceMs: 900_000 })
    try {
      let pending = 0
      let bytes = 0
      for (const size of sizes) {
        const fill = { do: 'fill', sends: size - pending, inFlight } as const
        const before = await server.bytes()
        const { heapBytes } = await worker.ask(fill)
        const after = await server.bytes()
        // What the calls between two sizes leave behind is none of theirs.
        bytes += before === undefined || after === undefined ? heapBytes : after - before
        pending = size
        // Once before it counts, as after any long work of another kind.
        await runSteps(worker, 300)
        const results = await runSteps(worker, 1_500)
        const rates = mapSteps((step) => results[step].operations / results[step].seconds)
        const p99 = results.right.p99
        found.push({ pending, bytesEach: Math.round(bytes / size), rates, p99 })
        progress(`${backend}: ${size} pending, ${Math.round(rates.send)} sends a second`)
      }
      return { backend, sizes: found }
    } finally {
      await worker.stop()
    }
  } catch (error) {
    progress(`${backend} FAILED: ${reasonOf(error)}`)
    return { backend, sizes: found, failed: reasonOf(error) }
  } finally {
    await server.stop()
  }
}

/** Asks a memory for half as much again as it may keep, and then for as much once more. */
export async function measureFull(
  installation: Installation,
  capacity: number,
): Promise<FullMemory> {
  const place = { backend: 'memory', url: String(capacity) } as const
  const worker = await startWorker(installation, 'otpkit', place)
  try {
    const asked = Math.round(capacity * 1.5)
    const { refused } = await worker.ask({ do: 'fill', sends: asked, inFlight })
    const again = await worker.ask({ do: 'fill', sends: asked, inFlight })
    progress(`memory of ${capacity}: ${refused} of ${asked} refused`)
    return { capacity, asked, refused, grownBytes: again.heapBytes }
  } finally {
    await worker.stop()
  }
}

/** So many processes at once on one server; nothing when it fails. */
export async function measureProcesses(
  installation: Installation,
  backend: Backend,
  processes: number,
  forMs: number,
): Promise<Load[]> {
  const server = await startBackend(backend)
  const workers: Worker[] = []
  try {
    for (let index = 0; index < processes; index += 1) {
      const options = { firstIndex: index * 10_000_000 }
      workers.push(await startWorker(installation, 'otpkit', server.place, options))
    }
    await Promise.all(workers.map((worker) => runSteps(worker, 500)))
    const loads: Awaited<ReturnType<typeof loadOf>>[] = []
    for (const step of steps) loads.push(await loadOf(server, workers, step, forMs))
    const find = (step: Step) => {
      const load = loads.find((one) => one.step === step)
      if (load === undefined) throw new Error('a step is missing')
      return load
    }
    const seconds = sum(loads.map((load) => load.seconds))
    const serverSeconds = sum(loads.map((one) => one.serverSeconds ?? Number.NaN))
    const load: Load = {
      backend,
      processes,
      rates: mapSteps((step) => find(step).operations / find(step).seconds),
      serverUs: mapSteps((step) => {
        const { serverSeconds: used, operations } = find(step)
        return used === undefined ? null : (used * 1e6) / operations
      }),
      serverCores: Number.isNaN(serverSeconds) ? null : serverSeconds / seconds,
      clientCores: sum(loads.map((one) => one.clientSeconds)) / seconds,
      cores: cpus().length,
    }
    progress(
      `${backend}, ${processes} processes: ${Math.round(load.rates.send)} sends a second, ${load.clientCores.toFixed(1)} cores of clients, ${load.serverCores?.toFixed(1)} of the server`,
    )
    return [load]
  } catch (error) {
    progress(`${backend}, ${processes} processes FAILED: ${reasonOf(error)}`)
    return []
  } finally {
    for (const worker of workers) await worker.stop()
    await server.stop()
  }
}

async function loadOf(
  { pids }: BackendServer,
  workers: readonly Worker[],
  step: Step,
  forMs: number,
) {
  const before = await processorSeconds(pids)
  const command = {
    do: 'step',
    step,
    inFlight,
    forMs: step === 'send' ? forMs : forMs * 3,
  } as const
  const results = await Promise.all(workers.map((worker) => worker.ask(command)))
  const after = await processorSeconds(pids)
  const known = pids.length > 0 && before !== undefined && after !== undefined
  return {
    step,
    operations: sum(results.map(({ operations }) => operations)),
    seconds: Math.max(...results.map(({ seconds }) => seconds)),
    clientSeconds: sum(results.map((result) => (result.clientUs * result.operations) / 1e6)),
    serverSeconds: known ? after - before : undefined,
  }
}

async function runSteps(worker: Worker, forMs: number) {
  const run = (step: Step) =>
    worker.ask({ do: 'step', step, inFlight, forMs: step === 'send' ? forMs : forMs * 3 })
  return { send: await run('send'), wrong: await run('wrong'), right: await run('right') }
}

function mapSteps<Figure>(figure: (step: Step) => Figure): Record<Step, Figure> {
  return { send: figure('send'), wrong: figure('wrong'), right: figure('right') }
}
