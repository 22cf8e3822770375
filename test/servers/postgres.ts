import { execFile } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { locate, postgresFolders } from './locate'
import { type Account, freePort, serverFolder } from './process'
import { startServer, type TestServer } from './server'
import { unprivileged } from './unprivileged'

const run = promisify(execFile)

/**
 * Starts a PostgreSQL server on loopback that never waits for the disk. `args` are added
 * to its command line: `['-c', 'timezone=Asia/Kolkata']`.
 */
export async function startPostgres(
  options: { readonly args?: readonly string[] } = {},
): Promise<TestServer> {
  const source = await locate({
    name: 'PostgreSQL',
    binaries: ['postgres'],
    folders: await postgresFolders(),
    apt: 'postgresql',
    image: 'postgres:16',
    variable: 'OTPKIT_TEST_POSTGRES_URL',
  })
  const account = source.from === 'binary' ? await unprivileged() : undefined
  const folder = await serverFolder('postgres', account)
  const data = join(folder.path, 'data')
  if (source.from === 'binary') await initialise(source.path, data, account)
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  return startServer({
    source,
    url,
    port,
    folder,
    ...(account !== undefined && { account }),
    // An immediate shutdown: it recovers like a crash, and leaves no shared memory behind.
    signal: 'QUIT',
    localSettings: ['-D', data, '-k', folder.path],
    containerEnv: ['POSTGRES_HOST_AUTH_METHOD=trust'],
    settings: [
      ...['-p', String(port), '-h', '127.0.0.1', '-c', 'max_connections=300'],
      // Commits reach the operating system, so a killed server forgets none of them.
      ...['-c', 'fsync=off', '-c', 'full_page_writes=off'],
      ...(options.args ?? []),
    ],
    ready: () => connects(url),
  })
}

// `postgres` in the PATH may be a link: `initdb` stands beside the real program.
async function initialise(postgres: string, data: string, account?: Account): Promise<void> {
  const initdb = join(dirname(await realpath(postgres)), 'initdb')
  const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C']
  await run(initdb, [...args, '--no-sync'], { cwd: dirname(data), ...account })
}

/** Throws until the server answers. */
export async function connects(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
  } finally {
    await client.end().catch(() => {})
  }
}
