import { mkdir, writeFile } from 'node:fs/promises'
import { startBackend } from './harness/backend-server'
import { noteConditions } from './harness/conditions'
import { writeParts } from './harness/documents'
import { type Installation, install } from './harness/install'
import type { Sample, SoakResults } from './harness/scale-results'
import { soakParts } from './harness/scale-tables'
import { readSettings } from './harness/settings'
import { progress, reasonOf } from './harness/values'
import { startWorker } from './harness/worker-process'
import type { Backend } from './protocol'

// `npm run bench:soak [-- MINUTES]`, 30 by default: mixed traffic on memory, Redis and PostgreSQL at
// once, and what they hold on to meanwhile. Writes bench/results/soak.json and its table in
// docs/scaling.md.

const minutes = Number(process.argv.slice(2).find((argument) => /^\d/.test(argument)) ?? 30)
const parts = 10
const { seed } = readSettings()
progress('packing the library and installing it beside its peers')
const installation = await install()
try {
  const conclude = await noteConditions(minutes < 30, seed, installation)
  const servers: Record<string, string> = {}
  const backends: readonly Backend[] = ['memory', 'redis', 'postgres']
  progress(`${minutes} minutes of mixed traffic, seed ${seed}`)
  const places = await Promise.all(backends.map((one) => soak(installation, one, servers)))
  const results: SoakResults = { ...conclude(servers), minutes, places }
  await mkdir('bench/results', { recursive: true })
  await writeFile('bench/results/soak.json', `${JSON.stringify(results, null, 1)}\n`)
  await writeParts(soakParts(results))
  progress('bench/results/soak.json and docs/scaling.md are written')
} finally {
  await installation.remove()
}

async function soak(on: Installation, backend: Backend, servers: Record<string, string>) {
  const answers: Record<string, number> = {}
  const samples: Sample[] = []
  let calls = 0
  const server = await startBackend(backend)
  if (server.port !== undefined) servers[backend] = server.version
  try {
    const forMs = (minutes * 60_000) / parts
    const worker = await startWorker(on, 'otpkit', server.place, { patienceMs: forMs * 2 + 60_000 })
    try {
      for (let part = 0; part < parts; part += 1) {
        const mix = { do: 'mix', inFlight: 16, forMs, seed: seed + part } as const
        for (const [answer, times] of Object.entries(await worker.ask(mix))) {
          answers[answer] = (answers[answer] ?? 0) + times
          calls += times
        }
        const { heapBytes, active, listeners } = await worker.ask({ do: 'resources' })
        const entries = (await server.entries()) ?? null
        const kinds = Object.entries(active)
        const count = (some: typeof kinds) => some.reduce((sum, [, times]) => sum + times, 0)
        const timers = count(kinds.filter(([kind]) => /Timeout|Immediate/.test(kind)))
        samples.push({ heapBytes, timers, active: count(kinds) - timers, listeners, entries })
        progress(`${backend}: ${part + 1} of ${parts}, ${calls} calls, heap ${heapBytes >> 20} MiB`)
      }
    } finally {
      await worker.stop()
    }
    return { backend, calls, answers, samples }
  } catch (error) {
    progress(`${backend} FAILED: ${reasonOf(error)}`)
    return { backend, calls, answers, samples, failed: reasonOf(error) }
  } finally {
    await server.stop()
  }
}
