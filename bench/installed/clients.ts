// Every contender speaks to a server over the same client, set up as the guides of the library say.

export async function connectRedis(url: string) {
  const { createClient } = await import('redis')
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    commandOptions: { timeout: 0 },
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

export async function connectPostgres(url: string) {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString: url, max: 20 })
  pool.on('error', () => {})
  return pool
}

export async function connectMariadb(url: string) {
  const { createPool } = await import('mysql2/promise')
  return createPool({ uri: url, connectionLimit: 20 })
}

export async function openSqlite(path: string) {
  const { default: Database } = await import('libsql')
  const database = new Database(path)
  database.pragma('busy_timeout = 5000')
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  return database
}
