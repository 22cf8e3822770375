import { wrongOption } from './wrong-option'

// Clients of databases that look enough like a right one to be handed in. What they do with a
// statement differs, and some of the differences would switch limits off.

/** A client that is none of those wanted, told by its methods. */
export interface StrangeClient {
  /** For people: `a DataSource of TypeORM`. */
  readonly name: string
  is(client: object): boolean
}

/** What there is to give in place of one. */
export type Instead = readonly [client: StrangeClient, instead: string]

/** Throws a `TypeError` that names the client and what to give instead, where it is one of these. */
export function refuseStrangeClients(
  factory: string,
  option: string,
  client: unknown,
  strange: readonly Instead[],
): void {
  if (!canHaveMethods(client)) return
  const found = strange.find(([{ is }]) => is(client))
  if (found === undefined) return
  const [{ name }, instead] = found
  throw wrongOption(factory, option, `is ${name}: ${instead}`)
}

/** Whether a client has all of these methods. */
export function hasMethods(client: unknown, ...methods: readonly string[]): boolean {
  return (
    canHaveMethods(client) &&
    methods.every((method) => typeof Reflect.get(client, method) === 'function')
  )
}

/** An object or, as some clients are, a function with methods. */
export function canHaveMethods(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function client(name: string, ...methods: readonly string[]): StrangeClient {
  return { name, is: (value) => hasMethods(value, ...methods) }
}

export const typeorm = client('a DataSource of TypeORM', 'query', 'getRepository')
export const sequelize = client('Sequelize', 'query', 'define', 'getQueryInterface')
export const knex = client('Knex', 'raw', 'queryBuilder')
export const kysely = client('Kysely', 'executeQuery', 'selectFrom')
export const prisma = client('a client of Prisma', '$queryRawUnsafe')
export const pgPromise = client('a database of pg-promise', 'query', 'oneOrNone')
export const mongo: StrangeClient = {
  name: 'a client of MongoDB',
  is: (value) =>
    hasMethods(value, 'db', 'startSession') ||
    hasMethods(value, 'collection', 'command') ||
    hasMethods(value, 'model', 'startSession'),
}
export const supabase = client("Supabase's client of its HTTP API", 'from', 'rpc')
export const drizzle: StrangeClient = {
  name: 'a database of Drizzle',
  is: (value) =>
    canHaveMethods(Reflect.get(value, '$client')) && hasMethods(value, 'select', 'insert'),
}
/** postgres.js, and the SQL of Bun; neon() has the same method, and a query() too. */
export const unsafeSql: StrangeClient = {
  name: 'postgres.js or the SQL of Bun',
  is: (value) => hasMethods(value, 'unsafe') && !hasMethods(value, 'query'),
}
export const sqliteDatabase = client('a database of SQLite', 'prepare', 'exec')
export const mysqlClient: StrangeClient = {
  name: 'a client of MySQL',
  is: (value) =>
    hasMethods(value, 'query', 'getConnection') || hasMethods(value, 'query', 'execute', 'ping'),
}
export const postgresClient: StrangeClient = {
  name: 'a client of PostgreSQL',
  is: (value) => hasMethods(value, 'query', 'connect') && !hasMethods(value, 'execute'),
}
export const mariadbConnector = client('of the mariadb connector', 'query', 'batch', 'importFile')
export const planetScale: StrangeClient = {
  name: "PlanetScale's client of its HTTP API",
  is: (value) => hasMethods(value, 'execute', 'transaction') && !hasMethods(value, 'query'),
}
export const callbackSqlite = client('a database of sqlite3', 'each', 'parallelize')
export const sqlJs = client('a database of sql.js', 'prepare', 'getRowsModified')
export const d1 = client('a database of Cloudflare D1', 'prepare', 'batch')
export const libsqlHttp = client('a client of @libsql/client', 'execute', 'executeMultiple')
export const glide = client('a client of Valkey GLIDE', 'customCommand', 'invokeScript')
export const oldNodeRedis = client('a client of node-redis 3', 'internal_send_command')
