import { Redis } from 'ioredis'
import { locate } from './locate'
import { freePort, serverFolder } from './process'
import { startServer, type TestServer } from './server'

/**
 * Starts a Redis or Valkey server on loopback, without persistence. `args` are added to its
 * command line: `['--appendonly', 'yes']`.
 */
export async function startRedis(
  options: { readonly port?: number; readonly args?: readonly string[] } = {},
): Promise<TestServer> {
  const source = await locate({
    name: 'Redis',
    binaries: ['redis-server', 'valkey-server'],
    apt: 'redis-server',
    image: 'redis:7',
    variable: 'OTPKIT_TEST_REDIS_URL',
  })
  const port = options.port ?? (await freePort())
  const url = `redis://127.0.0.1:${port}`
  return startServer({
    source,
    url,
    port,
    folder: await serverFolder('redis'),
    settings: [
      ...(source.from === 'docker' ? ['redis-server'] : []),
      ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      // A full memory must refuse, not forget.
      ...['--maxmemory-policy', 'noeviction', '--repl-diskless-sync-delay', '0'],
      ...(options.args ?? []),
    ],
    ready: () => ready(url),
  })
}

/** Asks one command of the server at this address, over a connection of its own. */
export async function askRedis(
  url: string,
  command: string,
  ...args: (string | number)[]
): Promise<unknown> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null })
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.call(command, ...args)
  } finally {
    client.disconnect()
  }
}

async function ready(url: string): Promise<void> {
  const info = String(await askRedis(url, 'INFO', 'persistence'))
  if (/^loading:1/m.test(info)) throw new Error('still loading')
}
