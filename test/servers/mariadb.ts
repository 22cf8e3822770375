import { execFile } from 'node:child_process'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { findBinary, locate } from './locate'
import { freePort, serverFolder } from './process'
import { startServer, type TestServer } from './server'

const run = promisify(execFile)

/**
 * Starts a MariaDB or MySQL server on loopback that never waits for the disk, with an
 * empty database `otpkit`. `args` are added to its command line.
 */
export async function startMariadb(
  options: { readonly args?: readonly string[] } = {},
): Promise<TestServer> {
  const source = await locate({
    name: 'MariaDB',
    binaries: ['mariadbd', 'mysqld'],
    apt: 'mariadb-server',
    image: 'mariadb:11',
    variable: 'OTPKIT_TEST_MARIADB_URL',
  })
  const folder = await serverFolder('mariadb')
  const data = join(folder.path, 'data')
  // A server that starts removes the temporary tables of every other one that shares its folder.
  const local = ['--no-defaults', `--datadir=${data}`, `--tmpdir=${folder.path}`]
  if (process.getuid?.() === 0) local.push('--user=root')
  if (source.from === 'binary') await initialise(source.path, local)
  const port = await freePort()
  return startServer({
    source,
    url: `mysql://root@127.0.0.1:${port}/otpkit`,
    port,
    folder,
    localSettings: [...local, `--socket=${join(folder.path, 'socket')}`, '--pid-file=server.pid'],
    containerEnv: ['MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1'],
    settings: [
      ...[`--port=${port}`, '--bind-address=127.0.0.1', '--max-connections=300'],
      // Commits reach the operating system, so a killed server forgets none of them.
      ...['--innodb-flush-log-at-trx-commit=2', ...(options.args ?? [])],
    ],
    ready: () => createDatabase(port),
  })
}

async function initialise(server: string, local: readonly string[]): Promise<void> {
  const installer = await findBinary({ binaries: ['mariadb-install-db'] })
  if (basename(server) === 'mysqld' || installer === undefined) {
    await run(server, [...local, '--initialize-insecure'])
    return
  }
  const plain = ['--auth-root-authentication-method=normal', '--skip-test-db']
  await run(installer, [...local, ...plain])
}

async function createDatabase(port: number): Promise<void> {
  const connection = await createConnection({ host: '127.0.0.1', port, user: 'root' })
  try {
    await connection.query('CREATE DATABASE IF NOT EXISTS otpkit')
  } finally {
    await connection.end()
  }
}
