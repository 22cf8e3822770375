import { type Attacker, attack, type Loot } from './attackers'
import { honestTraffic, type Met, refusedShares, type TrafficOptions } from './traffic'
import { createWorld, day, type Settings, type WorldOptions } from './world'

/** An app, its people and who attacks it. */
export interface Scenario {
  readonly name: string
  readonly seed: number
  /** Its days begin when the guard has watched for two weeks. */
  readonly traffic: TrafficOptions
  readonly attacks?: readonly { readonly attacker: Attacker; readonly days: readonly number[] }[]
  /** Options of the days behind the first two weeks. */
  readonly settings: Partial<Settings>
  readonly database?: WorldOptions['database']
  /** Days for which it watches first. */
  readonly watched?: number
}

/** What came of it. */
export interface Report {
  readonly name: string
  readonly met: Met
  /** Shares of honest messages that the guard refused. */
  readonly refused: { readonly all: number; readonly worst: number }
  readonly loot: readonly Loot[]
  /** How often each level refused, attackers included. */
  readonly byLevel: Readonly<Record<string, number>>
  /** The most messages that the provider took within 24 hours. */
  readonly mostPaid: number
}

/** Runs it through the shipped code: the guard records for two weeks, and is switched on. */
export async function simulate(scenario: Scenario): Promise<Report> {
  const { name, seed, traffic, attacks = [], settings, database, watched = 14 } = scenario
  const guard = { mode: 'record' } as const
  const world = createWorld({
    seed,
    settings: { ...settings, guard },
    ...(database && { database }),
  })
  honestTraffic(world, {
    ...traffic,
    days: watched,
    fromDay: 0,
    spikes: [],
    bursts: [],
    outages: [],
  })
  await world.run(world.startMs + watched * day)

  world.configure(settings)
  const byLevel: Record<string, number> = {}
  world.otp.subscribe((event) => {
    if (event.type !== 'suspected' || event.verdict === 'allow') return
    const rule = event.rule === 'growth' ? event.rule : event.level
    byLevel[rule] = (byLevel[rule] ?? 0) + 1
  })
  const met = honestTraffic(world, { ...traffic, fromDay: watched })
  const loot = attacks.map(({ attacker, days }) =>
    attack(
      world,
      attacker,
      days.map((of) => of + watched),
    ),
  )
  await world.run(world.startMs + (watched + traffic.days) * day)
  const mostPaid = mostWithinDay(world.paidAt)
  return { name, met, refused: refusedShares(met), loot, byLevel, mostPaid }
}

function mostWithinDay(instants: readonly number[]): number {
  let most = 0
  let first = 0
  for (const [place, instant] of instants.entries()) {
    while (instant - (instants[first] ?? instant) >= day) first += 1
    most = Math.max(most, place - first + 1)
  }
  return most
}
