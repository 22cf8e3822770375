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

/** What a script says, and the data of a challenge that it speaks of. */
export interface Reply {
  readonly said: string
  readonly data: string | undefined
}

/** A text, or one and the data; `undefined` for anything else. */
export function readReply(reply: unknown): Reply | undefined {
  if (typeof reply === 'string') return { said: reply, data: undefined }
  if (!Array.isArray(reply) || reply.length !== 2) return undefined
  const [said, data]: readonly unknown[] = reply
  return typeof said === 'string' && typeof data === 'string' ? { said, data } : undefined
}

/**
 * The text that scripts make of it, and what comes after it; `undefined` for anything else. See
 * `answerInLua`.
 */
export function readAnswer(
  reply: string,
  places: readonly number[],
): { readonly answer: Answer; readonly rest: string } | undefined {
  const used: number[] = []
  let sum = 0
  let at = 0
  while (used.length < places.length) {
    const code = reply.charCodeAt(at)
    const end = code === 127 ? reply.indexOf(' ', at) : at
    const units = code === 127 ? numberOf(reply.slice(at + 1, end)) : code
    used.push(units)
    sum += units
    at = end + 1
  }
  const [number, wait = '', rest = ''] = fieldsOf(reply, 2, at)
  const retryAfterMs = numberOf(wait)
  const refuser = number === '0' ? -1 : places[numberOf(number) - 1]
  if (refuser === undefined || Number.isNaN(sum + retryAfterMs)) return undefined
  return { answer: { places, refuser, retryAfterMs, used }, rest }
}

/** So many fields of a text that spaces divide, and the rest of it. */
export function fieldsOf(text: string, count: number, start = 0): string[] {
  const fields: string[] = []
  let from = start
  while (fields.length < count) {
    const end = text.indexOf(' ', from)
    if (end < 0) break
    fields.push(text.slice(from, end))
    from = end + 1
  }
  fields.push(text.slice(from))
  return fields
}

/** A number of a reply, NaN for anything else. */
export function numberOf(text: string | undefined): number {
  return text === undefined || text === '' ? Number.NaN : Number(text)
}

/** Units in the window of each of a call's limits. */
export function usedIn(answers: readonly Answer[]): readonly number[] {
  const [first] = answers
  // One answer is about all of them.
  if (first !== undefined && answers.length === 1) return first.used
  const used: number[] = []
  for (const answer of answers) {
    for (const [index, place] of answer.places.entries()) used[place] = answer.used[index] ?? 0
  }
  return used
}

/** The refusal with the longest wait; of equal ones, that of the first limit. */
export function refusalIn(answers: readonly Answer[]): Extract<Taken, { ok: false }> | undefined {
  let worst: Answer | undefined
  for (const answer of answers) {
    if (answer.refuser >= 0 && (worst === undefined || isWorse(answer, worst))) worst = answer
  }
  if (worst === undefined) return undefined
  const { refuser: index, retryAfterMs } = worst
  return { ok: false, index, retryAfterMs, used: usedIn(answers) }
}

function isWorse(one: Answer, other: Answer): boolean {
  const more = one.retryAfterMs - other.retryAfterMs
  return more > 0 || (more === 0 && one.refuser < other.refuser)
}

/** The wait after a charge that every limit has accepted. */
export function waitIn(answers: readonly Answer[]): number {
  let longest = 0
  for (const { retryAfterMs } of answers) longest = Math.max(longest, retryAfterMs)
  return longest
}

/** What it would have been without its charge, which was given back. */
export function without(answer: Answer, costOf: (place: number) => number): Answer {
  const { places, used } = answer
  const costs = places.map(costOf)
  return { ...answer, used: used.map((units, index) => units - (costs[index] ?? 0)) }
}
