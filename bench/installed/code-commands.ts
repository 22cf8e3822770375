import type { Place } from '../protocol'
import { connectMariadb, connectPostgres, connectRedis, openSqlite } from './clients'
import { noBackend } from './contender'

/** Keeping one short text under a key for five minutes, each in one command. */
export interface CodeCommands {
  save(key: string, digest: string): Promise<unknown>
  /** Whether it was this text. Then it is removed, in the same command: nobody else gets a yes. */
  take(key: string, digest: string): Promise<boolean>
  close(): Promise<void>
}

const lifeMs = 300_000

/** Opens the place and prepares it. */
export async function codeCommands(place: Place, table: string): Promise<CodeCommands> {
  switch (place.backend) {
    case 'memory':
      return inMemory()
    case 'redis':
      return inRedis(place.url, table)
    case 'postgres':
      return inPostgres(place.url, table)
    case 'mariadb':
      return inMariadb(place.url, table)
    case 'sqlite':
      return inSqlite(place.url, table)
    default:
      return noBackend(place)
  }
}

function inMemory(): CodeCommands {
  const codes = new Map<string, { digest: string; expiresAt: number }>()
  return {
    save: async (key, digest) => codes.set(key, { digest, expiresAt: performance.now() + lifeMs }),
    async take(key, digest) {
      const kept = codes.get(key)
      if (kept === undefined || kept.expiresAt <= performance.now()) return false
      return kept.digest === digest && codes.delete(key)
    },
    close: async () => {},
  }
}

async function inRedis(url: string, table: string): Promise<CodeCommands> {
  const client = await connectRedis(url)
  const save = await client.scriptLoad(
    `return redis.call('SET', KEYS[1], ARGV[1], 'PX', ${lifeMs})`,
  )
  const take = await client.scriptLoad(
    `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`,
  )
  const run = (sha1: string, key: string, digest: string) =>
    client.evalSha(sha1, { keys: [`${table}:${key}`], arguments: [digest] })
  return {
    save: (key, digest) => run(save, key, digest),
    take: async (key, digest) => (await run(take, key, digest)) === 1,
    close: async () => client.destroy(),
  }
}

async function inPostgres(url: string, table: string): Promise<CodeCommands> {
  const pool = await connectPostgres(url)
  await pool.query(
    `CREATE TABLE IF NOT EXISTS ${table}
      (key text PRIMARY KEY, digest text NOT NULL, expires_at timestamptz NOT NULL)`,
  )
  const save = `INSERT INTO ${table} VALUES ($1, $2, now() + interval '5 minutes')
    ON CONFLICT (key) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at`
  const take = `DELETE FROM ${table} WHERE key = $1 AND digest = $2 AND expires_at > now()`
  return {
    save: (key, digest) => pool.query({ name: `${table}-save`, text: save, values: [key, digest] }),
    async take(key, digest) {
      const taken = { name: `${table}-take`, text: take, values: [key, digest] }
      return (await pool.query(taken)).rowCount === 1
    },
    close: () => pool.end(),
  }
}

async function inMariadb(url: string, table: string): Promise<CodeCommands> {
  const pool = await connectMariadb(url)
  await pool.query(
    `CREATE TABLE IF NOT EXISTS ${table}
      (id varchar(64) PRIMARY KEY, digest varchar(64) NOT NULL, expires_at datetime(3) NOT NULL)`,
  )
  const save = `INSERT INTO ${table} VALUES (?, ?, now(3) + INTERVAL 5 MINUTE)
    ON DUPLICATE KEY UPDATE digest = VALUES(digest), expires_at = VALUES(expires_at)`
  const take = `DELETE FROM ${table} WHERE id = ? AND digest = ? AND expires_at > now(3)`
  return {
    save: (key, digest) => pool.execute(save, [key, digest]),
    async take(key, digest) {
      const [header] = await pool.execute(take, [key, digest])
      return 'affectedRows' in header && header.affectedRows === 1
    },
    close: () => pool.end(),
  }
}

async function inSqlite(path: string, table: string): Promise<CodeCommands> {
  const database = await openSqlite(path)
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${table}
      (key TEXT PRIMARY KEY, digest TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID`,
  )
  const save = database.prepare(`INSERT INTO ${table} VALUES (?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at`)
  const take = database.prepare(
    `DELETE FROM ${table} WHERE key = ? AND digest = ? AND expires_at > ?`,
  )
  return {
    save: async (key, digest) => save.run(key, digest, Date.now() + lifeMs),
    take: async (key, digest) => take.run(key, digest, Date.now()).changes === 1,
    close: async () => void database.close(),
  }
}
