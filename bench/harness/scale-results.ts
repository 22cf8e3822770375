import type { Backend, Step } from '../protocol'
import type { Conditions } from './conditions'

/** What `npm run bench:scale` found, as it is kept in `bench/results/scale.json`. */
export interface ScaleResults extends Conditions {
  readonly growth: readonly {
    readonly backend: Backend
    readonly sizes: readonly Size[]
    readonly failed?: string
  }[]
  readonly full: FullMemory
  readonly processes: readonly Load[]
}

/** With so many codes pending. */
export interface Size {
  readonly pending: number
  /** Everything that is kept, divided by them. */
  readonly bytesEach: number
  /** Calls a second, 64 in flight. */
  readonly rates: Readonly<Record<Step, number>>
  /** Milliseconds of a right code. */
  readonly p99: number
}

/** A memory that may keep only so much, and is asked for more. */
export interface FullMemory {
  readonly capacity: number
  readonly asked: number
  readonly refused: number
  /** Of the heap, by asking twice as often again once it is full. */
  readonly grownBytes: number
}

/** Several processes that do the same on one server. */
export interface Load {
  readonly backend: Backend
  readonly processes: number
  /** Calls a second of all of them together. */
  readonly rates: Readonly<Record<Step, number>>
  /** Processor time of the server for a call, in microseconds; unknown where it is out of sight. */
  readonly serverUs: Readonly<Record<Step, number | null>>
  /** Cores that were busy, of those that the machine has. */
  readonly serverCores: number | null
  readonly clientCores: number
  readonly cores: number
}

/** What `npm run bench:soak` found, as it is kept in `bench/results/soak.json`. */
export interface SoakResults extends Conditions {
  readonly minutes: number
  readonly places: readonly {
    readonly backend: Backend
    readonly calls: number
    /** How often each answer was given. */
    readonly answers: Readonly<Record<string, number>>
    /** At even distances; the first one when everything had run for a while. */
    readonly samples: readonly Sample[]
    readonly failed?: string
  }[]
}

export interface Sample {
  readonly heapBytes: number
  /** Timers of the process, and everything that keeps it alive. */
  readonly timers: number
  readonly active: number
  readonly listeners: number
  /** Keys or rows of the server. */
  readonly entries: number | null
}
