import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { eventually, freePort, serverFolder } from './process'
import { startServer, type TestServer } from './server'

const run = promisify(execFile)

/** A server that follows a primary until it is promoted. */
export interface PostgresReplica extends TestServer {
  /** Waits until it has everything that the primary has written. */
  caughtUp(): Promise<void>
  /** Makes it a primary, once it has applied all it was sent. */
  promote(): Promise<void>
}

/**
 * Starts a replica of a primary that `startPostgres` started, from the same programs. It hears of
 * the primary through this port.
 */
export async function startPostgresReplica(
  primary: TestServer,
  link: number,
): Promise<PostgresReplica> {
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const backup = ['-h', '127.0.0.1', '-p', String(link), '-U', 'postgres', '--write-recovery-conf']
  const fast = ['--checkpoint=fast', '--no-sync']
  const settings = ['-p', String(port), '-h', '127.0.0.1', '-c', 'max_connections=300']
  const common = { url, port, signal: 'QUIT', ready: () => ask(url, 'SELECT 1').then(() => {}) }
  const { programs, data } = await ask(
    primary.url,
    `SELECT current_setting('data_directory') AS data,
      (SELECT setting FROM pg_config WHERE name = 'BINDIR') AS programs`,
  )
  const owner = await stat(String(data)).catch(() => undefined)
  const start = async () => {
    // Data that this machine cannot see are in a container, where the replica then goes too.
    if (owner === undefined) {
      const container = `otpkit-test-${primary.port}`
      const inspected = await run('docker', ['inspect', '-f', '{{.Config.Image}}', container])
      const copy = ['gosu', 'postgres', 'pg_basebackup', '-D', '"$PGDATA"', ...backup, ...fast]
      return startServer({
        ...common,
        source: { from: 'docker', image: inspected.stdout.trim() },
        folder: await serverFolder('postgres-replica'),
        settings: [
          ...['bash', '-c', `${copy.join(' ')} && exec docker-entrypoint.sh "$@"`, 'bash'],
          ...['postgres', ...settings],
        ],
      })
    }
    const account = process.getuid?.() === 0 ? { uid: owner.uid, gid: owner.gid } : undefined
    const folder = await serverFolder('postgres-replica', account)
    const copied = join(folder.path, 'data')
    const program = join(String(programs), 'pg_basebackup')
    await run(program, ['-D', copied, ...backup, ...fast], { cwd: folder.path, ...account })
    return startServer({
      ...common,
      source: { from: 'binary', path: join(String(programs), 'postgres') },
      folder,
      ...(account !== undefined && { account }),
      localSettings: ['-D', copied, '-k', folder.path],
      settings: [...settings, '-c', 'fsync=off'],
    })
  }
  return {
    ...(await start()),
    async caughtUp() {
      const { written } = await ask(primary.url, 'SELECT pg_current_wal_lsn() AS written')
      await eventually(async () => {
        const replayed = `SELECT pg_last_wal_replay_lsn() >= '${written}'::pg_lsn AS replayed`
        if ((await ask(url, replayed)).replayed !== true) throw new Error('it is behind')
      })
    },
    async promote() {
      const { promoted } = await ask(url, 'SELECT pg_promote() AS promoted')
      if (promoted !== true) throw new Error('the replica was not promoted')
    },
  }
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query(sql)
    return rows[0] ?? {}
  } finally {
    await client.end()
  }
}
