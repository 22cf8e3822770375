import type { RateLimiter, Taken } from '../../../rate-limiter'
import type { Units } from '../charge-log'
import { decodeCharge, encodeCharge, requestsByKey } from '../requests'
import type { SqlSettings } from '../settings'
import { type PostgresQuery, uncached } from './query'
import { instantOf, numberArray, numbersOf, onlyRow, textArray } from './values'
import { longestWindows, windowRows } from './windows'

/** Charges in PostgreSQL: one query an operation. */
export function postgresCharges(query: PostgresQuery, settings: SqlSettings): RateLimiter {
  const { name } = settings
  const instant = instantOf(settings)
  const take = `SELECT answer FROM ${name('take')}($1::text::text[], $2::text::bigint[],
    $3::text::bigint[], $4::text::bigint) ${uncached}`
  const refund = `SELECT ${name('refund')}($1::text::text[], $2::text::bigint[])::text
    ${uncached}`
  const clear = `SELECT ${name('clear')}($1::text::text[], $2::text::bigint)::text ${uncached}`

  return {
    take: async (limits) => {
      const requests = requestsByKey(limits)
      const windows = requests.flatMap((request, key) =>
        request.windows.map(({ max, windowMs, index }) => ({ key, max, windowMs, index })),
      )
      const longest = longestWindows(windows, requests.length)
      const charged = requests.flatMap(({ cost }, key) => [key + 1, cost, longest[key] ?? 0])
      const row = onlyRow(
        await query(take, [
          textArray(requests.map(({ key }) => key)),
          `{${windowRows(windows)}}`,
          numberArray(charged),
          instant(),
        ]),
      )
      const numbers = numbersOf(row, 2 + windows.length)
      const used: number[] = []
      for (const [at, { index }] of windows.entries()) used[index] = numbers[2 + at] ?? 0
      const refusal = refusalOf(numbers, used)
      if (refusal !== null) return { ...refusal, index: windows[refusal.index]?.index ?? 0 }
      const costs = requests.map(({ cost }) => cost)
      const costOf = new Map(windows.map(({ key, index }) => [index, costs[key] ?? 0]))
      return accepted(
        numbers,
        2 + windows.length,
        costs,
        used.map((units, index) => units + (costOf.get(index) ?? 0)),
      )
    },

    refund: async (keys, charge) => {
      const units = decodeCharge(charge).flatMap(({ first, cost }) => [first, cost])
      if (keys.length === 0 || units.length === 0) return
      onlyRow(await query(refund, [textArray(keys), numberArray(units)]))
    },

    clear: async (keys, newest) => {
      onlyRow(await query(clear, [textArray(keys), newest === undefined ? null : String(newest)]))
    },
  }
}

/** What a refused call answers, or `null` where the first number says that no limit refuses. */
export function refusalOf(
  [refusal = 0, retryAfterMs = 0]: readonly number[],
  used: readonly number[],
): Extract<Taken, { ok: false }> | null {
  if (refusal === 0) return null
  if (refusal <= used.length) return { ok: false, index: refusal - 1, retryAfterMs, used }
  throw new Error('the database answered with a refusal by no limit')
}

/** What an accepted call answers; the first units of its charges stand behind the other numbers. */
export function accepted(
  numbers: readonly number[],
  unitsFrom: number,
  costs: readonly number[],
  used: readonly number[],
): Extract<Taken, { ok: true }> {
  const charged = costs.filter((cost) => cost > 0)
  const charges = charged.map((cost, index): Units => {
    const first = numbers[unitsFrom + index]
    if (first === undefined) throw new Error('the database answered with too few charges')
    return { first, cost }
  })
  return { ok: true, charge: encodeCharge(charges), used, retryAfterMs: numbers[1] ?? 0 }
}
