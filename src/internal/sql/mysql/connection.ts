import { hasMethods } from '../../strange-clients'
import { within } from '../../within'
import { whySilent } from '../../workerd'
import type { MysqlClient, MysqlConnection, SqlRow, SqlValue } from '../client'
import { errorMember, retrying } from '../retry'
import { integerOf, rowOf } from '../rows'
import { inTurn } from '../turns'

const retries = 12
/** Longer than the server itself waits for a lock, which it then says. */
const longestMs = 60_000

// UTC, because the hour that a time zone repeats in autumn would run twice.
const databaseClock = `TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000`

/** The present as an expression, with one parameter: the instant that replaces it, or `NULL`. */
export const present = `COALESCE(?, ${databaseClock})`

/**
 * Runs work on a connection that nobody else uses meanwhile, again after a deadlock. mysql2 itself
 * waits for ever: a connection that is silent for too long is closed, and its transaction with it.
 */
export function onConnection<Result>(
  client: MysqlClient,
  work: (connection: MysqlConnection) => Promise<Result>,
  limitMs = longestMs,
): Promise<Result> {
  let inUse: MysqlConnection | undefined
  const run = async (connection: MysqlConnection) => {
    inUse = connection
    try {
      return await work(connection)
    } finally {
      inUse = undefined
    }
  }
  const answer = retrying(retries, isRolledBack, async () => {
    if (!('getConnection' in client)) return inTurn(client, () => run(client))
    const connection = await client.getConnection()
    if (!hasMethods(connection, 'query', 'execute', 'release')) {
      throw new Error('the pool gave no connection, unlike one of mysql2/promise')
    }
    try {
      return await run(connection)
    } finally {
      connection.release()
    }
  })
  const late = () => {
    destroy(inUse)
    return new Error(`MySQL did not answer within ${limitMs} ms${whySilent('')}`)
  }
  return within(limitMs, answer, late).catch((error: unknown) => {
    throw isWithoutTables(error)
      ? new Error('the tables are missing or not of this version: run migrate', { cause: error })
      : error
  })
}

function destroy(connection: MysqlConnection | undefined): void {
  try {
    connection?.destroy()
  } catch {
    // One that another request of a worker has opened cannot even be closed.
  }
}

/** What a transaction came to, and whether its writes shall stand. */
export interface Transacted<Result> {
  readonly result: Result
  readonly commit: boolean
}

/**
 * One transaction, rolled back when the work fails. Everything runs in one, a single statement too:
 * where the session has no autocommit it would see the past, and never be committed.
 */
export function transaction<Result>(
  client: MysqlClient,
  work: (connection: MysqlConnection) => Promise<Transacted<Result>>,
): Promise<Result> {
  return onConnection(client, async (connection) => {
    await begin(connection)
    try {
      const { result, commit } = await work(connection)
      await connection.query(commit ? 'COMMIT' : 'ROLLBACK')
      return result
    } catch (error) {
      await rollBack(connection)
      throw error
    }
  })
}

/** Begins a transaction. One that has only read until now ends here, and its snapshot with it. */
export async function begin(connection: MysqlConnection): Promise<void> {
  await connection.query('START TRANSACTION')
}

/** Runs one statement that writes, in a transaction of its own; says how many rows it changed. */
export function write(client: MysqlClient, sql: string, values: SqlValue[]): Promise<number> {
  return transaction(client, async (connection) => {
    const result = firstOf(await connection.execute(sql, values))
    return { result: integerOf(rowOf(result), 'affectedRows'), commit: true }
  })
}

/**
 * Runs a prepared statement and gives its rows. Those that find several have a LIMIT, since a
 * session may have one of its own for statements that have none.
 */
export async function rowsOf(
  connection: MysqlConnection,
  sql: string,
  values: SqlValue[],
): Promise<readonly SqlRow[]> {
  const rows = firstOf(await connection.execute(sql, values))
  if (!Array.isArray(rows)) {
    throw new Error('the client answered a query with no rows, unlike one of mysql2/promise')
  }
  return rows.map(rowOf)
}

// Rows or counts, with what describes them behind.
function firstOf(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer[0]
  throw new Error('the client answered with no [rows, fields], unlike one of mysql2/promise')
}

/** `(?, ?)`, `(?, ?)` and so on. */
export function list(placeholder: string, count: number): string {
  return Array<string>(count).fill(placeholder).join(', ')
}

async function rollBack(connection: MysqlConnection): Promise<void> {
  try {
    await connection.query('ROLLBACK')
  } catch {
    // Whoever used it next would be inside this transaction; the server ends it with the connection.
    connection.destroy()
  }
}

// Deadlock (1213), and a row that changed behind MariaDB's snapshot (1020). Both have been rolled
// back whole. A lock wait that timed out (1205) has cost too much time to be tried again.
function isRolledBack(error: unknown): boolean {
  const number = errorMember(error, 'errno')
  return number === 1213 || number === 1020
}

// No such table (1146), no such column (1054).
function isWithoutTables(error: unknown): boolean {
  const number = errorMember(error, 'errno')
  return number === 1146 || number === 1054
}
