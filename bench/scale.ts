import { mkdir, writeFile } from 'node:fs/promises'
import { noteConditions } from './harness/conditions'
import { writeParts } from './harness/documents'
import { install } from './harness/install'
import { measureFull, measureGrowth, measureProcesses } from './harness/scale'
import type { ScaleResults } from './harness/scale-results'
import { scaleParts } from './harness/scale-tables'
import { readSettings } from './harness/settings'
import { progress } from './harness/values'
import type { Backend } from './protocol'

// `npm run bench:scale [-- --quick]`: up to a million pending codes, a memory that is full, and four
// processes on one server. Writes bench/results/scale.json and the tables of docs/scaling.md.

const { quick, seed } = readSettings()
const sizes = quick ? [1_000, 5_000, 20_000] : [10_000, 100_000, 1_000_000]
const backends: readonly Backend[] = ['memory', 'redis', 'postgres']
progress('packing the library and installing it beside its peers')
const installation = await install()
try {
  const conclude = await noteConditions(quick, seed, installation)
  const servers: Record<string, string> = {}
  const growth: ScaleResults['growth'][number][] = []
  for (const backend of backends) {
    growth.push(await measureGrowth(installation, backend, sizes, servers))
  }
  const full = await measureFull(installation, quick ? 5_000 : 100_000)
  const processes: ScaleResults['processes'][number][] = []
  for (const backend of ['redis', 'postgres'] as const) {
    for (const count of [1, 4]) {
      processes.push(...(await measureProcesses(installation, backend, count, quick ? 500 : 3_000)))
    }
  }
  const results: ScaleResults = { ...conclude(servers), growth, full, processes }
  await mkdir('bench/results', { recursive: true })
  await writeFile('bench/results/scale.json', `${JSON.stringify(results, null, 1)}\n`)
  await writeParts(scaleParts(results))
  progress('bench/results/scale.json and docs/scaling.md are written')
} finally {
  await installation.remove()
}
