import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { locateProgram } from './locate'
import { connects } from './postgres'
import { freePort, serverFolder } from './process'
import { startServer, type TestServer } from './server'
import { unprivileged } from './unprivileged'

/**
 * Starts PgBouncer in front of the PostgreSQL at this address, in transaction mode unless told
 * otherwise, with fewer connections to it than its clients have.
 */
export async function startPgbouncer(
  postgresUrl: string,
  mode: 'transaction' | 'session' | 'statement' = 'transaction',
): Promise<TestServer> {
  const path = await locateProgram({
    name: 'PgBouncer',
    binaries: ['pgbouncer'],
    apt: 'pgbouncer',
    variable: 'PATH',
  })
  const account = await unprivileged()
  const folder = await serverFolder('pgbouncer', account)
  const port = await freePort()
  const target = new URL(postgresUrl)
  const user = decodeURIComponent(target.username)
  const users = join(folder.path, 'users.txt')
  const settings = join(folder.path, 'pgbouncer.ini')
  await writeFile(users, `"${user}" ""\n`)
  await writeFile(
    settings,
    `[databases]
${target.pathname.slice(1)} = user=${user} host=${target.hostname} port=${target.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
auth_file = ${users}
pool_mode = ${mode}
default_pool_size = ${mode === 'session' ? 40 : 4}
max_client_conn = 200
`,
  )
  await Promise.all([chmod(users, 0o644), chmod(settings, 0o644)])
  const url = Object.assign(new URL(postgresUrl), { host: `127.0.0.1:${port}` }).href
  return startServer({
    source: { from: 'binary', path },
    url,
    port,
    folder,
    ...(account !== undefined && { account }),
    settings: [settings],
    ready: () => connects(url),
  })
}
