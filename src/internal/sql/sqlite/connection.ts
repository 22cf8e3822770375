import { isRow, type SqliteDatabase, type SqliteStatement, type SqlRow } from '../client'
import { errorMember, retrying } from '../retry'
import { integerOf, rowOf } from '../rows'

// Some seconds in all, at up to 100 ms each: another process may be writing.
const retries = 80

// SQLite keeps time in whole milliseconds; julianday() shows them as a fraction of a day.
const databaseClock = `SELECT CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) AS now`

/** The statements of one database. */
export interface SqliteStatements {
  /** The first row, or `null`. */
  rowOf(sql: string, values: (string | number)[]): SqlRow | null
  /** Runs a statement that writes, and says how many rows it changed. */
  run(sql: string, values: (string | number)[]): number
  /** The clock of the database, in epoch milliseconds. */
  now(): number
}

/** Prepares each statement once, when it is first needed: the tables may come later. */
export function statementsOf(database: SqliteDatabase): SqliteStatements {
  const statements = new Map<string, SqliteStatement>()
  const prepared = (sql: string) => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  const firstRow = (sql: string, values: (string | number)[]) => {
    const row = prepared(sql).get(...values)
    return row === undefined || row === null ? null : rowOf(row)
  }
  return {
    rowOf: firstRow,
    run: (sql, values) => {
      const result = prepared(sql).run(...values)
      if (!isRow(result)) throw new Error('the client did not say how many rows it has changed')
      return integerOf(result, 'changes')
    },
    now: () => {
      const row = firstRow(databaseClock, [])
      if (row === null) throw new Error('the database did not tell the time')
      return integerOf(row, 'now')
    },
  }
}

/**
 * One write transaction. It takes the database's write lock before it reads, and nothing else runs
 * on this connection meanwhile since the work is synchronous. Single writes use one too: when libsql
 * finds the database busy in the middle of a statement, it leaves that statement's snapshot open,
 * and every later read sees the past.
 */
export function transaction<Result>(database: SqliteDatabase, work: () => Result): Promise<Result> {
  return whenFree(() => {
    database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      database.exec('COMMIT')
      return result
    } catch (error) {
      rollBack(database)
      throw error
    }
  })
}

/** Runs work again while another connection is writing. */
export async function whenFree<Result>(work: () => Result): Promise<Result> {
  try {
    return await retrying(retries, isBusy, async () => work())
  } catch (error) {
    if (!isWithoutTables(error)) throw error
    throw new Error('the tables are missing or not of this version: run migrate', { cause: error })
  }
}

function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // Some errors have rolled back already; the one that led here is what matters.
  }
}

/** Another connection holds the lock, and nothing of the statement or transaction was done. */
export function isBusy(error: unknown): boolean {
  const code = errorMember(error, 'code')
  const number = errorMember(error, 'errcode')
  return (
    (typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code)) ||
    (typeof number === 'number' && [5, 6].includes(number & 255))
  )
}

function isWithoutTables(error: unknown): boolean {
  return /no such table|no such column|has no column named/.test(
    String(errorMember(error, 'message')),
  )
}
