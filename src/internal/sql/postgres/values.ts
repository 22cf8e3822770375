import type { SqlRow } from '../client'
import { rowOf, textOf } from '../rows'
import type { SqlSettings } from '../settings'

// Everything goes to the database and comes back as text, which clients pass on as it is: about
// arrays, long integers and JSON they disagree. An answer that cannot be read is a fault.

/** An array of numbers as a parameter. */
export function numberArray(numbers: readonly number[]): string {
  return `{${numbers.join()}}`
}

/** An array of texts as a parameter. */
export function textArray(texts: readonly string[]): string {
  return `{${texts.map(quoted).join()}}`
}

function quoted(text: string): string {
  return `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`
}

/** The instant that replaces the database's clock, or `null`, as a parameter. */
export function instantOf({ instant }: SqlSettings): () => string | null {
  return () => {
    const at = instant()
    return at === null ? null : String(at)
  }
}

/** The one row of a call. */
export function onlyRow(rows: unknown): SqlRow {
  const [row, ...others]: readonly unknown[] = Array.isArray(rows) ? rows : []
  if (others.length === 0) return rowOf(row)
  throw new Error('the client answered a call with several rows')
}

/** The numbers in the column `answer`, of which there must be this many at least. */
export function numbersOf(row: SqlRow, least: number): readonly number[] {
  const text = textOf(row, 'answer')
  const numbers = /^\{\d+(,\d+)*\}$/.test(text) ? text.slice(1, -1).split(',').map(Number) : []
  const isRead = numbers.length > 0 || text === '{}'
  if (isRead && numbers.length >= least && numbers.every(Number.isSafeInteger)) return numbers
  throw new Error('the database answered with numbers that cannot be read')
}
