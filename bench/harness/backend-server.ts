import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { startMariadb } from '../../test/servers/mariadb'
import { startPostgres } from '../../test/servers/postgres'
import { askRedis, startRedis } from '../../test/servers/redis'
import type { Backend, Place } from '../protocol'
import { commandOf, parentOf } from './processor-time'

/** A backend of this run's own, with nothing in it. */
export interface BackendServer {
  readonly place: Place
  /** What it is, with its version. */
  readonly version: string
  /** Where a program listens, so that something can stand before it. */
  readonly port?: number
  /** The processes that do its work; none where they are out of sight. */
  readonly pids: readonly number[]
  /** Bytes that it keeps; `undefined` where only the client's process knows. */
  bytes(): Promise<number | undefined>
  /** Keys or rows that it keeps; `undefined` where only the client's process knows. */
  entries(): Promise<number | undefined>
  stop(): Promise<void>
}

/** Starts it with the settings of a server that may lose nothing when the power fails. */
export function startBackend(backend: Backend): Promise<BackendServer> {
  return starters[backend]()
}

const starters: Record<Backend, () => Promise<BackendServer>> = {
  memory: async () => ({
    place: { backend: 'memory', url: '' },
    version: 'this process',
    pids: [],
    bytes: async () => undefined,
    entries: async () => undefined,
    stop: async () => {},
  }),

  async redis() {
    const server = await startRedis()
    const info = async (section: string, name: string) => {
      const text = String(await askRedis(server.url, 'INFO', section))
      return new RegExp(`^${name}:(.*)`, 'm').exec(text)?.[1]?.trim() ?? ''
    }
    return {
      place: { backend: 'redis', url: server.url },
      version: `Redis ${await info('server', 'redis_version')}`,
      port: server.port,
      pids: await seen(Number(await info('server', 'process_id')), /redis|valkey/),
      bytes: async () => Number(await info('memory', 'used_memory')),
      entries: async () => Number(await askRedis(server.url, 'DBSIZE')),
      stop: server.stop,
    }
  },

  async postgres() {
    const safe = ['fsync=on', 'full_page_writes=on'].flatMap((setting) => ['-c', setting])
    const server = await startPostgres({ args: safe })
    const ask = async (sql: string) => {
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      try {
        const { rows } = await client.query(sql)
        return rows[0]?.answer
      } finally {
        await client.end()
      }
    }
    const tables = `SELECT coalesce(sum(pg_total_relation_size(relid)), 0) AS answer
      FROM pg_stat_user_tables`
    return {
      place: { backend: 'postgres', url: server.url },
      version: `PostgreSQL ${String(await ask(`SELECT current_setting('server_version') AS answer`)).split(' ')[0]}`,
      port: server.port,
      pids: await postmaster(server.url),
      bytes: async () => Number(await ask(tables)),
      async entries() {
        const counted = `SELECT coalesce(sum((xpath('/row/c/text()', query_to_xml(
          format('SELECT count(*) AS c FROM %I', relname), false, true, '')))[1]::text::bigint), 0)
          AS answer FROM pg_stat_user_tables`
        return Number(await ask(counted))
      },
      stop: server.stop,
    }
  },

  async mariadb() {
    const server = await startMariadb({ args: ['--innodb-flush-log-at-trx-commit=1'] })
    const ask = async (sql: string) => {
      const connection = await createConnection(server.url)
      try {
        const [rows] = await connection.query(sql)
        return Array.isArray(rows) ? Object.values(Object(rows[0]))[0] : undefined
      } finally {
        await connection.end()
      }
    }
    return {
      place: { backend: 'mariadb', url: server.url },
      version: `MariaDB ${String(await ask('SELECT VERSION()')).split('-')[0]}`,
      port: server.port,
      pids: [],
      bytes: async () => {
        const tables = "information_schema.tables WHERE table_schema = 'otpkit'"
        const names = await ask(`SELECT group_concat(table_name) FROM ${tables}`)
        // The server guesses sizes, and looks again when it has time.
        if (names) await ask(`ANALYZE TABLE ${names}`)
        return Number(
          await ask(`SELECT coalesce(sum(data_length + index_length), 0) FROM ${tables}`),
        )
      },
      entries: async () => undefined,
      stop: server.stop,
    }
  },

  async sqlite() {
    const folder = await mkdtemp(join(tmpdir(), 'otpkit-bench-sqlite-'))
    const path = join(folder, 'bench.db')
    const size = (file: string) =>
      stat(file).then(
        (found) => found.size,
        () => 0,
      )
    return {
      place: { backend: 'sqlite', url: path },
      version: 'SQLite of libsql',
      pids: [],
      bytes: async () => (await size(path)) + (await size(`${path}-wal`)),
      entries: async () => undefined,
      stop: () => rm(folder, { recursive: true, force: true }),
    }
  },
}

// In a container the number is another one, or somebody else's.
async function seen(pid: number, name: RegExp): Promise<number[]> {
  return name.test(await commandOf(pid)) ? [pid] : []
}

async function postmaster(url: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
    return await seen(await parentOf(Number(rows[0]?.pid)).catch(() => 0), /postgres/)
  } finally {
    await client.end()
  }
}
