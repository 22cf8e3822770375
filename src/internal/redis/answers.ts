import type { Taken } from '../../rate-limiter'

/** What limits that met in one script have said. */
export interface Answer {
  /** Which of the call's limits they are. */
  readonly places: readonly number[]
  /** Which of the call's limits refuses, or -1. */
  readonly refuser: number
  readonly retryAfterMs: number
  /** Units in each of these limits' windows. */
  readonly used: readonly number[]
}

/** The text that scripts make of it; `undefined` for anything else. */
export function readAnswer(reply: unknown, places: readonly number[]): Answer | undefined {
  if (typeof reply !== 'string') return undefined
  const [number = 0, retryAfterMs = 0, ...used] = reply.split(' ').map(numberOf)
  const sum = used.reduce((units, more) => units + more, number + retryAfterMs)
  if (Number.isNaN(sum) || used.length !== places.length) return undefined
  const refuser = number === 0 ? -1 : places[number - 1]
  return refuser === undefined ? undefined : { places, refuser, retryAfterMs, used }
}

/** A number of a reply, NaN for anything else. */
export function numberOf(text: string | undefined): number {
  return text === undefined || text === '' ? Number.NaN : Number(text)
}

/** Units in the window of each of a call's limits. */
export function usedIn(answers: readonly Answer[]): readonly number[] {
  const used: number[] = []
  for (const answer of answers) {
    for (const [index, place] of answer.places.entries()) used[place] = answer.used[index] ?? 0
  }
  return used
}

/** The refusal with the longest wait; of equal ones, that of the first limit. */
export function refusalIn(answers: readonly Answer[]): Extract<Taken, { ok: false }> | undefined {
  const refusals = answers.filter(({ refuser }) => refuser >= 0)
  const [worst] = refusals.sort(
    (one, other) => other.retryAfterMs - one.retryAfterMs || one.refuser - other.refuser,
  )
  if (worst === undefined) return undefined
  const { refuser: index, retryAfterMs } = worst
  return { ok: false, index, retryAfterMs, used: usedIn(answers) }
}

/** The wait after a charge that every limit has accepted. */
export function waitIn(answers: readonly Answer[]): number {
  return Math.max(0, ...answers.map(({ retryAfterMs }) => retryAfterMs))
}

/** What it would have been without its charge, which was given back. */
export function without(answer: Answer, costOf: (place: number) => number): Answer {
  const { places, used } = answer
  const costs = places.map(costOf)
  return { ...answer, used: used.map((units, index) => units - (costs[index] ?? 0)) }
}
