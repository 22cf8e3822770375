import type { OtpDatabase, OtpStore, RateLimiter } from 'otpkit'
import { byHandSameLimitsWay, byHandWay, type Codes, type CreateConsumer } from './by-hand'
import type { Calls } from './counted'
import { type Floor, floorWay } from './floor'
import {
  clientTime,
  median,
  printConditions,
  printLine,
  ratio,
  runRounds,
  type Way,
  warmUp,
} from './side-by-side'
import { callsBefore, otpkitWays } from './ways'

/** What is compared on one server, all of it over the same client. */
export interface Subject {
  readonly server: string
  readonly database: OtpDatabase
  readonly store: OtpStore
  readonly rateLimiter: RateLimiter
  readonly floor: Floor
  readonly createConsumer: CreateConsumer
  readonly codes: Codes
  /** Of the client. */
  readonly count: Calls
}

const steps = ['send', 'right', 'wrong', 'afterwards'] as const

/** Counts the calls, then lets the ways take turns, and prints what came of it. */
export async function compare(subject: Subject): Promise<void> {
  const { server, database, store, rateLimiter, createConsumer, codes, count } = subject
  const floor = floorWay(subject.floor)
  const byHand = await byHandWay(createConsumer, codes)
  const byHandSameLimits = await byHandSameLimitsWay(createConsumer, codes)
  const one = otpkitWays('otpkit', { database })
  const pair = otpkitWays('otpkit, a pair', { store, rateLimiter })
  const before = callsBefore(store, rateLimiter)
  const both = [one, pair, before]
  const ways = [
    floor,
    byHand,
    byHandSameLimits,
    ...both.flatMap(({ straight, mistyping }) => [straight, mistyping]),
  ]
  printConditions(server)
  console.log('"afterwards" is a right code after one wrong one.')

  printLine('\nCommands (round trips) a call', ...steps)
  for (const way of [floor, byHand, byHandSameLimits]) {
    const counted = await countSteps(way, count)
    printLine(way.name, ...steps.map((step) => counted.get(step) ?? ''))
  }
  for (const { straight, mistyping } of both) {
    const counted = new Map([
      ...(await countSteps(mistyping, count)),
      ...(await countSteps(straight, count)),
    ])
    printLine(straight.name, ...steps.map((step) => counted.get(step) ?? ''))
  }

  await warmUp(ways)
  for (const inFlight of [1, 64]) {
    const results = await runRounds(ways, inFlight)
    printLine(`\nClient's processor time, µs, ${inFlight} in flight`, ...steps)
    for (const { straight, mistyping } of both) {
      const time = (step: string) => clientTime(results, `${wayOf(step)} ${step}`)
      const wayOf = (step: string) => (step in straight.steps ? straight.name : mistyping.name)
      printLine(straight.name, ...steps.map(time))
    }
    printLine(`\nTimes as fast, ${inFlight} in flight`, ...steps)
    for (const reference of [floor, byHand, byHandSameLimits]) {
      const times = (step: string) => {
        const way = step in one.straight.steps ? one.straight : one.mistyping
        const other = step === 'send' ? 'send' : 'right'
        return ratio(results, `${way.name} ${step}`, `${reference.name} ${other}`)
      }
      printLine(`otpkit / ${reference.name}`, ...steps.map(times))
    }
    const thanPair = (step: string) => {
      const kind = step in one.straight.steps ? 'straight' : 'mistyping'
      return ratio(results, `${one[kind].name} ${step}`, `${pair[kind].name} ${step}`)
    }
    printLine('otpkit / otpkit, a pair', ...steps.map(thanPair))
  }
  console.log()
  printConditions(server)
}

const sampled = 20
// Far from the indexes of the rounds.
let firstSampled = 2 ** 23

/** What one call of each step costs: the median of some, since the first ones load scripts. */
async function countSteps({ steps }: Way, count: Calls): Promise<ReadonlyMap<string, string>> {
  const from = firstSampled
  firstSampled += sampled
  const cells = new Map<string, string>()
  for (const [name, step] of Object.entries(steps)) {
    const [calls, roundTrips]: [number[], number[]] = [[], []]
    for (let index = from; index < firstSampled; index += 1) {
      const before = { ...count }
      await step(index)
      calls.push(count.calls - before.calls)
      roundTrips.push(count.roundTrips - before.roundTrips)
    }
    cells.set(name, `${median(calls)} (${median(roundTrips)})`)
  }
  return cells
}
