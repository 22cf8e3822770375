import { cpus, loadavg, platform, release, totalmem } from 'node:os'
import type { Installation } from './install'

/** Under which conditions figures came about. */
export interface Conditions {
  readonly date: string
  /** A short run: to see that everything works, not to be quoted. */
  readonly quick: boolean
  readonly seed: number
  readonly machine: string
  /** Load average of the last minute when the run began and when it ended. */
  readonly load: readonly [number, number]
  readonly versions: Readonly<Record<string, string>>
}

const packages = [
  'otpkit',
  'better-auth',
  'rate-limiter-flexible',
  'redis',
  'pg',
  'mysql2',
  'libsql',
]

/** Begins to note them; call what comes back when the run is over. */
export async function noteConditions(quick: boolean, seed: number, installation: Installation) {
  const before = currentLoad()
  const versions: Record<string, string> = { Node: process.version.slice(1) }
  for (const name of packages) versions[name] = await installation.version(name)
  return (servers: Readonly<Record<string, string>>): Conditions => ({
    date: new Date().toISOString().slice(0, 10),
    quick,
    seed,
    machine: describeMachine(),
    load: [before, currentLoad()],
    versions: { ...versions, ...named(servers) },
  })
}

// A server and its client often have one name.
function named(servers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(servers)
  return Object.fromEntries(entries.map(([name, version]) => [`${name} server`, version]))
}

function describeMachine(): string {
  const [first] = cpus()
  const model = (first?.model ?? 'unknown').replaceAll(/\((R|TM)\)/g, '').replaceAll(/\s+/g, ' ')
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} × ${model.trim()}, ${memory} GiB, ${platform()} ${release().split('-')[0]}`
}

function currentLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100
}
