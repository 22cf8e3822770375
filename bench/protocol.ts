// What the process that measures and those that are measured tell each other.

export const backends = ['memory', 'redis', 'postgres', 'mariadb', 'sqlite'] as const
/** Where a contender keeps what it keeps. */
export type Backend = (typeof backends)[number]

export const contenders = ['floor', 'hand-made', 'better-auth', 'otpkit'] as const
/** One of those that are compared. */
export type ContenderName = (typeof contenders)[number]

export const steps = ['send', 'wrong', 'right'] as const
/** A `send`; a wrong guess at its code; the right code after that one. */
export type Step = (typeof steps)[number]

/** A backend and where it is: a URL, the path of a file, or nothing for memory. */
export interface Place {
  readonly backend: Backend
  readonly url: string
  /** How long a code of the library stays good, when not by default. */
  readonly lifetime?: '10m'
}

/** What to do next. */
export type Command =
  /** So many in flight, until the time is over or so many calls are made. */
  | {
      readonly do: 'step'
      readonly step: Step
      readonly inFlight: number
      readonly forMs: number
      readonly atMost?: number
    }
  /** Begin again with nothing kept: for memory, where nobody else would remove it. */
  | { readonly do: 'restart' }
  | { readonly do: 'correctness'; readonly bursts: number; readonly seed: number }
  /** So many sends to recipients that nobody else has, each from an address of its own. */
  | { readonly do: 'fill'; readonly sends: number; readonly inFlight: number }
  /** Mixed traffic: everything that a backend does to a code, right and wrong. */
  | { readonly do: 'mix'; readonly inFlight: number; readonly forMs: number; readonly seed: number }
  | { readonly do: 'resources' }

/** What a step came to. */
export interface StepResult {
  readonly operations: number
  readonly seconds: number
  /** Processor time of the process, in microseconds a call. */
  readonly clientUs: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** What a contender lets through when many ask at once. */
export interface CorrectnessResult {
  readonly bursts: number
  /** Of 200 right codes at once, how many are let in: 1 is right. */
  readonly rightAtOnce: Range
  /** Of 200 different guesses at once, how many are compared: 3 is right. */
  readonly compared: Range
  /** The share of right codes that are let in while two wrong ones come at the same moment. */
  readonly rightBesideWrong: number
  /** Messages to one phone that 200 addresses ask for at once. */
  readonly messages: Range
}

export interface Range {
  readonly least: number
  readonly most: number
}

/** What a process holds on to, after the garbage was collected. */
export interface Resources {
  readonly heapBytes: number
  /** Kinds of what keeps the process alive, such as `Timeout`. */
  readonly active: Readonly<Record<string, number>>
  readonly listeners: number
}

/** How often each answer was given. */
export type Mixed = Readonly<Record<string, number>>

export interface Filled {
  readonly seconds: number
  readonly heapBytes: number
  /** Sends that were refused for want of room. */
  readonly refused: number
}

/** What each command is answered with. */
export interface Answers {
  readonly step: StepResult
  readonly restart: null
  readonly correctness: CorrectnessResult
  readonly fill: Filled
  readonly mix: Mixed
  readonly resources: Resources
}

export type Reply<Kind extends keyof Answers = keyof Answers> =
  | { readonly ok: true; readonly answer: Answers[Kind] }
  | { readonly ok: false; readonly error: string }
