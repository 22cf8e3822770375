import type { Beginning, Begun, Settled, Submission } from '../../../database'
import type { SqlRow } from '../client'
import { rowOf, textOf } from '../rows'
import type { SqlSettings } from '../settings'
import { challengeOf, outcomeOf } from './challenges'
import { accepted, refusalOf } from './charges'
import { type PostgresQuery, uncached } from './query'
import { instantOf, numberArray, numbersOf, textArray } from './values'
import { type CompiledPolicy, compile, wholeNumber } from './windows'

/** A `begin` or a `settle`, with what the function is told of it. */
export interface Step {
  readonly asked: Beginning | Submission
  readonly policy: CompiledPolicy
  readonly id: string
  /** Units that the call takes from each of its keys. */
  readonly units: readonly number[]
  readonly texts: readonly string[]
  /** Attempts and life of the challenge that it puts. */
  readonly puts: readonly [attempts: number, ttlMs: number] | null
  readonly mostUsed: number
}

/** What the function is told of a `begin`. */
export function beginStep(asked: Beginning): Step {
  const { keys, costs, challenge, replaces } = asked
  const { id, digest, data, attempts, ttlMs } = challenge
  const policy = compile(asked.policy)
  const texts = replaces === undefined ? [digest, data] : [digest, data, replaces]
  const units = unitsOf(policy, keys, costs)
  const { mostUsed } = policy
  return { asked, policy, id, units, texts, puts: [attempts, ttlMs], mostUsed }
}

/** What the function is told of a `settle`. */
export function settleStep(asked: Submission): Step {
  const { keys, id, digests, call, mostUsed } = asked
  const policy = compile(asked.policy)
  const units = unitsOf(policy, keys)
  const texts = [call, ...digests]
  return { asked, policy, id, units, texts, puts: null, mostUsed: wholeNumber(mostUsed) }
}

/** Whole requests in PostgreSQL, one after the other: one query, whatever they come to. */
export function postgresSteps(query: PostgresQuery, settings: SqlSettings) {
  const instant = instantOf(settings)
  const text = `SELECT outcome, answer, digest, data FROM ${settings.name('steps')}($1::text::text[],
    $2::text::text[], $3::text::bigint[], $4::text::bigint[], $5::text::bigint[],
    $6::text::text[], $7::text::bigint, $8::text::boolean) ${uncached}`
  return async (steps: readonly Step[]): Promise<readonly SqlRow[]> => {
    const told = [...parametersOf(steps), instant()]
    const rows: readonly unknown[] = await query(text, [...told, 'false'], [...told, 'true'])
    const isAnswered = Array.isArray(rows) && rows.length === steps.length
    if (!isAnswered) throw new Error('the client answered calls with another number of rows')
    return rows.map(rowOf)
  }
}

/** What a `begin` came to. */
export function begunOf({ policy, id, units }: Step, row: SqlRow): Begun {
  const unitsFrom = 2 + policy.windowCount
  const numbers = numbersOf(row, unitsFrom)
  const used = policy.keys.map((_, index) => numbers[2 + index] ?? 0)
  const outcome = textOf(row, 'outcome')
  const refusal = outcome === 'refused' ? refusalOf(numbers, used) : null
  if (refusal !== null) return { taken: refusal, standing: null, put: false }
  const usedNow = policy.keys.map((key, index) => (used[index] ?? 0) + (units[key] ?? 0))
  const taken = accepted(numbers, unitsFrom, units, usedNow)
  switch (outcome) {
    case 'put':
      return { taken, standing: null, put: true }
    case 'kept':
      return { taken, standing: null, put: false }
    case 'standing': {
      const standing = numbers.slice(unitsFrom + units.filter((cost) => cost > 0).length)
      return { taken, standing: challengeOf(id, row, standing), put: false }
    }
    default:
      throw new Error('the database answered a begin with no outcome')
  }
}

/** What a `settle` came to. */
export function settledOf({ policy, units }: Step, row: SqlRow): Settled {
  const numbers = numbersOf(row, 2 + policy.windowCount)
  const used = policy.keys.map((_, index) => numbers[2 + index] ?? 0)
  const outcome = textOf(row, 'outcome')
  const refusal = outcome === 'refused' ? refusalOf(numbers, used) : null
  if (refusal !== null) return { taken: refusal }
  const attempt = outcomeOf(outcome === 'repeated' ? 'verified' : outcome, row, numbers)
  const [first] = policy.keys
  const isCharged = (key: number) =>
    key === first ? outcome === 'incorrect' : outcome !== 'repeated'
  const usedNow = policy.keys.map(
    (key, index) => (used[index] ?? 0) + (isCharged(key) ? (units[key] ?? 0) : 0),
  )
  return { taken: { ok: true, used: usedNow }, attempt }
}

/** Calls as the function is told of them; step-functions.ts says what the numbers are. */
function parametersOf(steps: readonly Step[]): string[] {
  const keys = places()
  const ids = places()
  const policies = new Map<CompiledPolicy, number>()
  const windows: string[] = []
  const texts: string[] = []
  const charged: number[] = []
  const calls: string[] = []
  let nextWindow = 1
  for (const step of steps) {
    const { asked, policy, id, units, puts, mostUsed, texts: own } = step
    let firstWindow = policies.get(policy)
    if (firstWindow === undefined) {
      firstWindow = nextWindow
      nextWindow += policy.windowCount
      policies.set(policy, firstWindow)
      windows.push(policy.windows)
    }
    const behind = charged.length
    for (const [index, key] of asked.keys.entries()) {
      charged.push(keys.of(key), units[index] ?? 0, policy.longest[index] ?? 0)
    }
    texts.push(...own)
    calls.push(
      numberArray([
        ...[puts === null ? 2 : 1, firstWindow, firstWindow + policy.windowCount - 1],
        ...[(policy.keys[0] ?? 0) + 1, mostUsed, policy.forgiveness, ids.of(id)],
        ...[behind, asked.keys.length, texts.length, ...(puts ?? [0, 0]), isUsual(step) ? 1 : 0],
      ]),
    )
  }
  return [
    ...[textArray(keys.all), textArray(ids.all), `{${windows.join()}}`, numberArray(charged)],
    ...[`{${calls.join()}}`, textArray(texts)],
  ]
}

/** Texts, each of them once, and which one each of them is. */
function places() {
  const known = new Map<string, number>()
  const all: string[] = []
  return {
    all,
    of: (text: string): number => {
      const place = known.get(text) ?? all.push(text)
      known.set(text, place)
      return place
    },
  }
}

/** Whether a call takes one unit from each key that its policy charges. */
function isUsual({ policy, units }: Step): boolean {
  return units.every((cost, key) => cost === (policy.charged.has(key) ? 1 : 0))
}

/** Units that a call takes from each of its keys. */
function unitsOf(
  { charged }: CompiledPolicy,
  keys: readonly string[],
  costs?: readonly number[],
): readonly number[] {
  return keys.map((_, key) => (charged.has(key) ? (costs?.[key] ?? 1) : 0))
}
