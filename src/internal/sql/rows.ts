import { isRow, type SqlRow } from './client'

// An answer that cannot be read is a fault. Taken for nothing it would switch limits off.

/** A row with members by the names of its columns. Throws for anything else. */
export function rowOf(value: unknown): SqlRow {
  if (isRow(value)) return value
  throw new Error(
    'the client answered with rows that are not objects: an option such as rowsAsArray, arrayMode or returnArrays is in the way',
  )
}

/** The text in a column. Throws when there is none. */
export function textOf(row: SqlRow, column: string): string {
  const value = memberOf(row, column)
  if (typeof value === 'string') return value
  throw new Error(
    `the column ${column} is not text: an option such as typeCast, or a type parser, is in the way`,
  )
}

/** The whole number in a column, whether it comes as a number, a bigint or text. Throws for others. */
export function integerOf(row: SqlRow, column: string): number {
  const value = memberOf(row, column)
  const isText = typeof value === 'string' && /^-?\d+$/.test(value)
  const number = isText || typeof value === 'bigint' ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new Error(
    `the column ${column} is not a whole number: an option such as typeCast is in the way`,
  )
}

function memberOf(row: SqlRow, column: string): unknown {
  if (Object.hasOwn(row, column)) return row[column]
  throw new Error(
    `the client answered with a row that has no ${column}: an option such as nestTables is in the way`,
  )
}
