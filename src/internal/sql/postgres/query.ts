import { within } from '../../within'
import { whySilent } from '../../workerd'
import { isRow, type PostgresClient, type SqlRow, type SqlValue } from '../client'
import { errorMember, retrying } from '../retry'
import { inTurn } from '../turns'

const retries = 12

/**
 * Stands at the end of every call. A cache in front of PostgreSQL, such as Hyperdrive's, answers a
 * SELECT again by itself, and cannot know what a function of ours does; what asks for the time it
 * leaves alone.
 */
export const uncached = 'WHERE pg_catalog.now() IS NOT NULL'

/** Runs one statement and gives its rows; `again` is what it is given once it was rolled back. */
export type PostgresQuery = (
  text: string,
  values: SqlValue[],
  again?: SqlValue[],
) => Promise<readonly SqlRow[]>

/** How statements are sent. */
export interface PostgresSending {
  /** Whether clients of `pg` prepare each statement once a connection. */
  readonly prepare?: boolean
  /** How long to wait for an answer. */
  readonly timeoutMs: number
}

/** The part of a client of `pg` that is called to prepare a statement on its connection. */
interface PreparingClient {
  query(statement: { name: string; text: string; values: SqlValue[] }): Promise<unknown>
}

/**
 * Statements on this client, each its own transaction. Serialisation failures and deadlocks, which
 * have rolled it back, are tried again.
 */
export function postgresQuery(
  client: PostgresClient,
  { prepare = true, timeoutMs }: PostgresSending,
): PostgresQuery {
  const run = runner(client, prepare)
  const late = () => {
    const why = whySilent('; a Client of pg must be connected first, with connect()')
    return new Error(`PostgreSQL did not answer within ${timeoutMs} ms${why}`)
  }
  return async (text, values, again = values) => {
    const answer = retrying(retries, isRolledBack, (failures) =>
      run(text, failures === 0 ? values : again),
    )
    return rowsOf(await within(timeoutMs, answer, late))
  }
}

/** Calls of the functions that `migrate` creates; says so where they are missing or not allowed. */
export function postgresCalls(client: PostgresClient, sending: PostgresSending): PostgresQuery {
  const query = postgresQuery(client, sending)
  return (text, values, again) =>
    query(text, values, again).catch((error: unknown) => {
      const problem = problemOf(errorMember(error, 'code'))
      throw problem === undefined ? error : new Error(problem, { cause: error })
    })
}

// Taken for no rows, an answer of another shape would switch limits off.
function rowsOf(result: unknown): readonly SqlRow[] {
  if (isRow(result) && Array.isArray(result.rows)) return result.rows
  throw new Error(
    Array.isArray(result)
      ? 'the client answered with bare rows: query() must give { rows }, as { query: async (text, values) => ({ rows: await … }) } does'
      : 'the client answered with no rows: query() must give { rows }, the rows of the result as objects',
  )
}

function runner(client: PostgresClient, prepare: boolean) {
  const plain = (text: string, values: SqlValue[]): Promise<unknown> => client.query(text, values)
  if (!isOfPg(client)) return plain
  let prepares = prepare
  const run = async (text: string, values: SqlValue[]): Promise<unknown> => {
    if (!prepares) return plain(text, values)
    try {
      return await client.query({ name: statementName(text), text, values })
    } catch (error) {
      if (!isOfAnotherConnection(error)) throw error
      prepares = false
      return plain(text, values)
    }
  }
  // Of these only a pool counts its clients. A client itself takes one statement at a time.
  if ('totalCount' in client) return run
  return (text: string, values: SqlValue[]) => inTurn(client, () => run(text, values))
}

// What can connect is a pool or client of pg, whose query() takes a name too. What has a query()
// alone may be PGlite or somebody's wrapper, and take nothing but text and values.
function isOfPg(client: PostgresClient): client is PostgresClient & PreparingClient {
  return 'connect' in client && typeof client.connect === 'function'
}

const names = new Map<string, string>()

/** A name that follows from the text, since a connection may meet two copies of this library. */
function statementName(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    let [high, low] = [0x811c9dc5, 0x01000193]
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      high = Math.imul(high ^ code, 0x01000193)
      low = Math.imul(low + code, 0x85ebca6b)
    }
    name = `otpkit_${(high >>> 0).toString(36)}${(low >>> 0).toString(36)}`
    names.set(text, name)
  }
  return name
}

// A row that was not there when it was looked for is one more of these (23505): our statements have no
// other keys that could stand twice.
function isRolledBack(error: unknown): boolean {
  const code = errorMember(error, 'code')
  return code === '40001' || code === '40P01' || code === '23505'
}

// No such prepared statement (26000), or there is one of that name already (42P05): behind a pooler
// each transaction may have another connection of the server. Both prove that nothing was executed.
function isOfAnotherConnection(error: unknown): boolean {
  const code = errorMember(error, 'code')
  return code === '26000' || code === '42P05'
}

function problemOf(code: unknown): string | undefined {
  switch (code) {
    // No such function, table, column or schema.
    case '42883':
    case '42P01':
    case '42703':
    case '3F000':
      return 'the tables or functions are missing or not of this version: run migrate'
    case '42501':
      return 'this role may not use the tables or functions: it must own them, or be granted them'
    default:
      return undefined
  }
}
