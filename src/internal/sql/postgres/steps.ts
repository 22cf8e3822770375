import type { OtpDatabase } from '../../../database'
import { textOf } from '../rows'
import type { SqlSettings } from '../settings'
import { challengeOf, challengeValues, outcomeOf } from './challenges'
import { accepted, refusalOf } from './charges'
import type { PostgresQuery } from './query'
import { instantOf, numberArray, numbersOf, onlyRow, textArray } from './values'
import { type CompiledPolicy, compile, wholeNumber } from './windows'

/** Whole requests in PostgreSQL: one query each, whatever it comes to. */
export function postgresSteps(
  query: PostgresQuery,
  settings: SqlSettings,
): Pick<OtpDatabase, 'begin' | 'settle'> {
  const { name } = settings
  const instant = instantOf(settings)
  const begin = `SELECT outcome, answer, digest, data FROM ${name('begin')}($1::text::text[],
    $2::text::bigint[], $3::text::bigint[], $4::text::bigint, $5::text, $6::text,
    $7::text::integer, $8::text::bigint, $9::text, $10::text, $11::text::bigint)`
  const settle = `SELECT outcome, answer, data FROM ${name('settle')}($1::text::text[],
    $2::text::bigint[], $3::text::bigint[], $4::text::integer, $5::text::bigint, $6::text,
    $7::text::text[], $8::text, $9::text::bigint)`

  return {
    begin: async ({ policy, keys, costs, challenge, replaces }) => {
      const compiled = compile(policy)
      const units = unitsOf(compiled, keys, costs)
      const row = onlyRow(
        await query(begin, [
          ...[textArray(keys), numberArray(units), compiled.windows, compiled.mostUsed],
          ...challengeValues(challenge),
          ...[replaces ?? null, instant()],
        ]),
      )
      const outcome = textOf(row, 'outcome')
      const unitsFrom = 5 + compiled.windowCount
      const numbers = numbersOf(row, unitsFrom)
      const used = compiled.keys.map((_, index) => numbers[5 + index] ?? 0)
      const refusal = refusalOf(numbers, used)
      if (refusal !== null) return { taken: refusal, standing: null, put: false }
      const usedNow = compiled.keys.map((key, index) => (used[index] ?? 0) + (units[key] ?? 0))
      const taken = accepted(numbers, unitsFrom, units, usedNow)
      switch (outcome) {
        case 'put':
          return { taken, standing: null, put: true }
        case 'kept':
          return { taken, standing: null, put: false }
        case 'standing':
          return {
            taken,
            standing: challengeOf(challenge.id, row, numbers.slice(2, 5)),
            put: false,
          }
        default:
          throw new Error('the database answered a begin with no outcome')
      }
    },

    settle: async ({ policy, keys, id, digests, mostUsed, call }) => {
      const compiled = compile(policy)
      const units = unitsOf(compiled, keys)
      const row = onlyRow(
        await query(settle, [
          ...[textArray(keys), numberArray(units), compiled.windows, compiled.forgiveness],
          ...[wholeNumber(mostUsed), id, textArray(digests), call, instant()],
        ]),
      )
      const numbers = numbersOf(row, 2 + compiled.windowCount)
      const used = compiled.keys.map((_, index) => numbers[2 + index] ?? 0)
      const outcome = textOf(row, 'outcome')
      const refusal = outcome === 'refused' ? refusalOf(numbers, used) : null
      if (refusal !== null) return { taken: refusal }
      const attempt = outcomeOf(outcome === 'repeated' ? 'verified' : outcome, row, numbers)
      const [first] = compiled.keys
      const isCharged = (key: number) =>
        key === first ? outcome === 'incorrect' : outcome !== 'repeated'
      const usedNow = compiled.keys.map(
        (key, index) => (used[index] ?? 0) + (isCharged(key) ? (units[key] ?? 0) : 0),
      )
      return { taken: { ok: true, used: usedNow }, attempt }
    },
  }
}

/** Units that a call takes from each of its keys. */
function unitsOf(
  { charged }: CompiledPolicy,
  keys: readonly string[],
  costs?: readonly number[],
): readonly number[] {
  return keys.map((_, key) => (charged.has(key) ? (costs?.[key] ?? 1) : 0))
}
