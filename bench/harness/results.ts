import type { Backend, ContenderName, CorrectnessResult, Step } from '../protocol'
import type { Conditions } from './conditions'
import type { Spread } from './values'

/** What `npm run bench` found, as it is kept in `bench/results/bench.json`. */
export interface BenchResults extends Conditions {
  readonly rounds: number
  /** How long a contender sends within a round, in milliseconds. */
  readonly turnMs: number
  readonly throughput: readonly (Subject & {
    readonly inFlight: number
    readonly figures: Outcome<Readonly<Record<Step, StepFigures>>>
  })[]
  readonly traffic: readonly (Subject & {
    readonly figures: Outcome<Readonly<Record<Step, Traffic>>>
  })[]
  readonly bytes: readonly (Subject & {
    readonly figures: Outcome<{ readonly sends: number; readonly bytes: number }>
  })[]
  /** Milliseconds that Node alone needs until it runs a program. */
  readonly emptyMs: Spread
  readonly firstCalls: readonly (Subject & {
    readonly figures: Outcome<{ readonly readyMs: Spread; readonly sentMs: Spread }>
  })[]
  readonly correctness: readonly (Subject & { readonly figures: Outcome<CorrectnessResult> })[]
}

/** Who, and where. */
export interface Subject {
  readonly backend: Backend
  readonly contender: ContenderName
}

/** What came out, or why nothing did. */
export type Outcome<Figures> = Figures | { readonly failed: string }

export interface StepFigures {
  /** Of the floor's rate in the same round; above 1 is faster. */
  readonly ratio: Spread
  /** Calls a second. */
  readonly rate: Spread
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Processor time for a call, in microseconds, of all rounds together. */
  readonly clientUs: number
  readonly serverUs: number | null
}

export interface Traffic {
  /** One call at a time. */
  readonly roundTrips: number
  /** Commands a call, 64 in flight. */
  readonly commands: number
}

export function failed<Figures extends object>(
  outcome: Outcome<Figures>,
): outcome is { readonly failed: string } {
  return 'failed' in outcome
}
