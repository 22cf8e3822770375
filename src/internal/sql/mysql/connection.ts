import {
  isRow,
  type MysqlClient,
  type MysqlConnection,
  type SqlRow,
  type SqlValue,
} from '../client'
import { errorMember, retrying } from '../retry'
import { inTurn } from '../turns'

const retries = 12

/** Runs work on a connection that nobody else uses meanwhile, again after a deadlock. */
export function onConnection<Result>(
  client: MysqlClient,
  work: (connection: MysqlConnection) => Promise<Result>,
): Promise<Result> {
  return retrying(retries, isRolledBack, async () => {
    if (!('getConnection' in client)) return inTurn(client, () => work(client))
    const connection = await client.getConnection()
    try {
      return await work(connection)
    } finally {
      connection.release()
    }
  })
}

/** What a transaction came to, and whether its writes shall stand. */
export interface Transacted<Result> {
  readonly result: Result
  readonly commit: boolean
}

/** One transaction, rolled back when the work fails. */
export function transaction<Result>(
  client: MysqlClient,
  work: (connection: MysqlConnection) => Promise<Transacted<Result>>,
): Promise<Result> {
  return onConnection(client, async (connection) => {
    await connection.query('START TRANSACTION')
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

/** Runs a prepared statement and gives its rows. */
export async function rowsOf(
  connection: MysqlConnection,
  sql: string,
  values: SqlValue[],
): Promise<readonly SqlRow[]> {
  const [rows] = await connection.execute(sql, values)
  // Taken for no rows it would say that nothing is there.
  if (!Array.isArray(rows)) throw new Error('the database answered a query with no rows')
  return rows.filter(isRow)
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
