import type { RateLimiter } from '../../../rate-limiter'
import type { OtpStore } from '../../../store'
import { equal } from '../../equal'
import { type ChargeLog, cleared, refunded } from '../charge-log'
import { changedLogs, chargeRow, decide, logsOf } from '../charge-rows'
import { isRow, type SqliteDatabase, type SqliteStatement } from '../client'
import { decodeCharge, requestsByKey } from '../requests'
import { errorMember, retrying } from '../retry'
import type { SqlSettings, SqlTable } from '../settings'
import { sqliteSchema } from './schema'

// Some seconds in all, at up to 100 ms each: another process may be writing.
const retries = 80

// SQLite keeps time in whole milliseconds; julianday() shows them as a fraction of a day.
const databaseClock = `SELECT CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) AS now`

/** Challenges in SQLite. Every operation is over within one turn of the event loop. */
export function sqliteChallenges(database: SqliteDatabase, settings: SqlSettings): OtpStore {
  const table = settings.name('challenges')
  const statement = statementsOf(database)
  const present = () => settings.instant() ?? presentOf(statement(databaseClock))
  const put = `INSERT INTO ${table}
    ("id", "digest", "attempts", "attempts_left", "expires_at", "data")
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT ("id") DO UPDATE SET "digest" = excluded."digest",
      "attempts" = excluded."attempts", "attempts_left" = excluded."attempts_left",
      "expires_at" = excluded."expires_at", "data" = excluded."data"`
  const select = `SELECT "digest", "attempts", "attempts_left", "data", "expires_at"
    FROM ${table} WHERE "id" = ?`
  const charge = `UPDATE ${table} SET "attempts_left" = "attempts_left" - 1 WHERE "id" = ?`
  const remove = `DELETE FROM ${table} WHERE "id" = ? AND "digest" = ?`

  function living(id: string) {
    const row = statement(select).get(id)
    if (!isRow(row)) return null
    const remainingMs = Number(row.expires_at) - present()
    if (remainingMs <= 0) return null
    return {
      id,
      digest: String(row.digest),
      attempts: Number(row.attempts),
      attemptsLeft: Number(row.attempts_left),
      remainingMs,
      data: String(row.data),
    }
  }

  return {
    put: ({ id, digest, attempts, ttlMs, data }) =>
      transaction(database, () => {
        statement(put).run(id, digest, attempts, attempts, present() + ttlMs, data)
      }),

    get: (id) =>
      whenFree(() => {
        const found = living(id)
        if (found === null) return null
        const { digest, attemptsLeft, remainingMs, data } = found
        return { id, digest, attemptsLeft, remainingMs, data }
      }),

    attempt: (id, digests) =>
      transaction(database, () => {
        const found = living(id)
        if (found === null || found.attemptsLeft === 0) return { outcome: 'gone' }
        const { digest, attempts, data } = found
        const attemptsLeft = found.attemptsLeft - 1
        let matches = false
        for (const candidate of digests) matches = equal(digest, candidate) || matches
        if (!matches) {
          statement(charge).run(id)
          return { outcome: 'incorrect', attemptsLeft }
        }
        statement(remove).run(id, digest)
        return { outcome: 'verified', data, attemptsUsed: attempts - attemptsLeft }
      }),

    delete: (id, digest) =>
      transaction(database, () => {
        statement(remove).run(id, digest)
      }),
  }
}

/** Charges in SQLite. Every operation is over within one turn of the event loop. */
export function sqliteCharges(database: SqliteDatabase, settings: SqlSettings): RateLimiter {
  const table = settings.name('charges')
  const statement = statementsOf(database)
  const select = `SELECT "key", "entries", "next_unit", "kept_ms" FROM ${table} WHERE "key" = ?`
  const write = `INSERT INTO ${table} ("key", "next_unit", "kept_ms", "expires_at", "entries")
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT ("key") DO UPDATE SET "next_unit" = excluded."next_unit",
      "kept_ms" = excluded."kept_ms", "expires_at" = excluded."expires_at",
      "entries" = excluded."entries"`
  const remove = `DELETE FROM ${table} WHERE "key" = ?`

  function read(keys: readonly string[]): ReadonlyMap<string, ChargeLog> {
    return logsOf(keys.map((key) => statement(select).get(key)))
  }

  function keep(logs: ReadonlyMap<string, ChargeLog>): void {
    for (const [key, log] of logs) {
      if (log.entries.length === 0) statement(remove).run(key)
      else statement(write).run(...chargeRow(key, log))
    }
  }

  function change(keys: readonly string[], how: (log: ChargeLog) => ChargeLog): Promise<void> {
    return transaction(database, () => keep(changedLogs(keys, read(keys), how)))
  }

  return {
    take: async (limits) => {
      const requests = requestsByKey(limits)
      return transaction(database, () => {
        const now = settings.instant() ?? presentOf(statement(databaseClock))
        const { taken, changed } = decide(requests, read(requests.map(({ key }) => key)), now)
        keep(changed)
        return taken
      })
    },

    refund: (limits, charge) => {
      const units = decodeCharge(charge)
      return change(
        limits.map(({ key }) => key),
        (log) => refunded(log, units),
      )
    },

    clear: (keys, newest = Number.POSITIVE_INFINITY) => change(keys, (log) => cleared(log, newest)),
  }
}

/** Creates what is missing, holding the database's one write lock. */
export function migrateSqlite(database: SqliteDatabase, settings: SqlSettings): Promise<void> {
  return transaction(database, () => {
    for (const statement of sqliteSchema(settings)) database.exec(statement)
  })
}

/** Removes some expired rows and says how many. */
export function sweepSqlite(
  database: SqliteDatabase,
  settings: SqlSettings,
  table: SqlTable,
  batch: number,
): Promise<number> {
  const key = table === 'challenges' ? '"id"' : '"key"'
  return transaction(database, () => {
    const { changes } = database
      .prepare(
        `DELETE FROM ${settings.name(table)} WHERE ${key} IN (
          SELECT ${key} FROM ${settings.name(table)}
          WHERE "expires_at" <= ? ORDER BY "expires_at" LIMIT ?)`,
      )
      .run(settings.instant() ?? presentOf(database.prepare(databaseClock)), batch)
    return Number(changes)
  })
}

/** Prepares each statement once, when it is first needed: the tables may come later. */
function statementsOf(database: SqliteDatabase): (sql: string) => SqliteStatement {
  const statements = new Map<string, SqliteStatement>()
  return (sql) => {
    const statement = statements.get(sql) ?? database.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
}

/**
 * One write transaction. It takes the database's write lock before it reads, and nothing else runs
 * on this connection meanwhile since the work is synchronous. Single writes use one too: when libsql
 * finds the database busy in the middle of a statement, it leaves that statement's snapshot open,
 * and every later read sees the past.
 */
function transaction<Result>(database: SqliteDatabase, work: () => Result): Promise<Result> {
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

function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // Some errors have rolled back already; the one that led here is what matters.
  }
}

function whenFree<Result>(work: () => Result): Promise<Result> {
  return retrying(retries, isBusy, async () => work())
}

// Another connection holds the lock, and nothing of the statement or transaction was done.
function isBusy(error: unknown): boolean {
  const code = errorMember(error, 'code')
  const number = errorMember(error, 'errcode')
  return (
    (typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code)) ||
    (typeof number === 'number' && [5, 6].includes(number & 255))
  )
}

function presentOf(statement: SqliteStatement): number {
  const row = statement.get()
  if (!isRow(row)) throw new Error('the database did not tell the time')
  return Number(row.now)
}
