import { mkdir, writeFile } from 'node:fs/promises'
import { type BackendServer, startBackend } from './harness/backend-server'
import { noteConditions } from './harness/conditions'
import {
  measureBytes,
  measureCorrectness,
  measureEmptyProcess,
  measureFirstCalls,
  measureTraffic,
} from './harness/details'
import { benchParts, drawCharts, writeParts } from './harness/documents'
import { type Installation, install } from './harness/install'
import type { BenchResults } from './harness/results'
import { readSettings, type Settings } from './harness/settings'
import { measureThroughput } from './harness/throughput'
import { progress, reasonOf } from './harness/values'
import { type Backend, backends } from './protocol'

// `npm run bench [-- --quick]`: the packed library with the README's options and default limits beside
// a floor, what is written by hand and better-auth, on every backend. Writes bench/results/bench.json,
// the tables of docs/speed.md and the charts. `OTPKIT_SEED` repeats the order of another run.

const settings = readSettings()
progress(`seed ${settings.seed}${settings.quick ? ', a quick run' : ''}`)
progress('packing the library and installing it beside its peers')
const installation = await install()
let failures = 0
try {
  const conclude = await noteConditions(settings.quick, settings.seed, installation)
  const servers: Record<string, string> = {}
  const found: BackendFigures[] = []
  for (const backend of backends) {
    try {
      const server = await startBackend(backend)
      progress(server.version)
      if (server.port !== undefined) servers[backend] = server.version
      try {
        found.push(await measureBackend(installation, server, settings))
      } finally {
        await server.stop()
      }
    } catch (error) {
      failures += 1
      progress(`${backend} FAILED: ${reasonOf(error)}`)
    }
  }
  const emptyMs = await measureEmptyProcess(settings)
  const results: BenchResults = {
    ...conclude(servers),
    rounds: settings.rounds,
    turnMs: settings.turnMs,
    throughput: found.flatMap(({ throughput }) => throughput),
    traffic: found.flatMap(({ traffic }) => traffic),
    bytes: found.flatMap(({ bytes }) => bytes),
    emptyMs,
    firstCalls: found.flatMap(({ firstCalls }) => firstCalls),
    correctness: found.flatMap(({ correctness }) => correctness),
  }
  await mkdir('bench/results', { recursive: true })
  await writeFile('bench/results/bench.json', `${JSON.stringify(results, null, 1)}\n`)
  progress('bench/results/bench.json is written')
  await drawCharts(installation, 'bench/results/bench.json')
  await writeParts(benchParts(results))
  progress(`docs/speed.md, README.md and docs/images are written; seed ${settings.seed}`)
} finally {
  await installation.remove()
}
process.exitCode = failures > 0 ? 1 : 0

type BackendFigures = Pick<
  BenchResults,
  'throughput' | 'traffic' | 'bytes' | 'firstCalls' | 'correctness'
>

async function measureBackend(
  on: Installation,
  server: BackendServer,
  how: Settings,
): Promise<BackendFigures> {
  const { backend } = server.place
  const throughput = await measureThroughput(on, server, how.inFlights[backend], how)
  const traffic = await measureTraffic(on, server)
  progress(`${backend}: round trips counted`)
  const correctness = await measureCorrectness(on, server, how)
  progress(`${backend}: bursts of 200 counted`)
  const cold: readonly Backend[] = ['memory', 'redis', 'postgres']
  const firstCalls = cold.includes(backend) ? await measureFirstCalls(on, server, how) : []
  const bytes = await measureBytes(on, server.place, how)
  progress(`${backend}: first calls and bytes measured`)
  return { throughput, traffic, correctness, firstCalls, bytes }
}
