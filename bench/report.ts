import type { OtpStore, RateLimiter } from 'otpkit'
import { byHandSameLimitsWay, byHandWay, type Codes, type CreateConsumer } from './by-hand'
import type { Calls } from './counted'
import { type Floor, floorPerOperationWay, floorWay } from './floor'
import {
  median,
  printConditions,
  printLine,
  ratio,
  runRounds,
  type Way,
  warmUp,
} from './side-by-side'
import { adaptersWay, otpkitWays } from './ways'

/** What is compared on one server, all of it over the same client. */
export interface Subject {
  readonly server: string
  readonly store: OtpStore
  readonly rateLimiter: RateLimiter
  readonly floor: Floor
  readonly createConsumer: CreateConsumer
  readonly codes: Codes
  /** Of the client. */
  readonly count: Calls
}

/** Counts the calls, then lets the ways take turns, and prints what came of it. */
export async function compare(subject: Subject): Promise<void> {
  const { server, store, rateLimiter, createConsumer, codes, count } = subject
  const [floor, floorPerOperation] = [floorWay(subject.floor), floorPerOperationWay(subject.floor)]
  const { otpkit, mistyping } = otpkitWays(store, rateLimiter)
  const adapters = adaptersWay(store, rateLimiter)
  const byHand = await byHandWay(createConsumer, codes)
  const byHandSameLimits = await byHandSameLimitsWay(createConsumer, codes)
  printConditions(server)

  printLine('\nCommands (round trips)', 'send', 'verify')
  for (const way of [floor, floorPerOperation, otpkit, mistyping, byHand, byHandSameLimits]) {
    printLine(way.name, ...(await countSteps(way, count)))
  }

  const levels = [1, 64, 256]
  const ways = [otpkit, floor, floorPerOperation, byHand, byHandSameLimits, adapters]
  await warmUp(ways)
  const rounds = []
  for (const inFlight of levels) rounds.push(await runRounds(ways, inFlight))
  printLine('\nTimes as fast, in flight', ...levels)
  const pairs = [
    [otpkit, floor],
    [otpkit, floorPerOperation],
    [otpkit, byHand],
    [otpkit, byHandSameLimits],
    [adapters, floorPerOperation],
  ] as const
  for (const [way, reference] of pairs) {
    for (const step of ['send', 'verify']) {
      const ratios = rounds.map((results) =>
        ratio(results, `${way.name} ${step}`, `${reference.name} ${step}`),
      )
      printLine(`${way.name} ${step} / ${reference.name}`, ...ratios)
    }
  }
  console.log()
  printConditions(server)
}

const sampled = 20
// Far from the indexes of the rounds.
let firstSampled = 2 ** 23

/** What one call of each step costs: the median of some, since the first ones load scripts. */
async function countSteps({ steps }: Way, count: Calls): Promise<string[]> {
  const from = firstSampled
  firstSampled += sampled
  const cells: string[] = []
  for (const step of Object.values(steps)) {
    const [calls, roundTrips]: [number[], number[]] = [[], []]
    for (let index = from; index < firstSampled; index += 1) {
      const before = { ...count }
      await step(index)
      calls.push(count.calls - before.calls)
      roundTrips.push(count.roundTrips - before.roundTrips)
    }
    cells.push(`${median(calls)} (${median(roundTrips)})`)
  }
  return cells
}
