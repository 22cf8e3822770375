import { startMariadb } from './mariadb'
import { startPostgres } from './postgres'
import { startRedis } from './redis'
import { startRedisCluster } from './redis-cluster'

/** A kind of server. */
export type ServerKind = 'redis' | 'redis-cluster' | 'postgres' | 'mariadb'

/** A server that several test files use. */
export interface SharedServer {
  readonly urls: readonly string[]
  stop(): Promise<void>
}

/** Uses the server that an environment variable names, else starts one; says which. */
export async function openServer(kind: ServerKind): Promise<SharedServer> {
  const { variable, start } = kinds[kind]
  const given = process.env[variable]
  if (given !== undefined && given !== '') {
    console.log(`Tests use the ${kind} of ${variable}.`)
    return { urls: given.split(','), stop: async () => {} }
  }
  const server = await start()
  console.log(`Tests use a ${kind} of their own: ${server.urls.join(' ')}`)
  return server
}

const kinds: Record<ServerKind, { variable: string; start(): Promise<SharedServer> }> = {
  redis: { variable: 'OTPKIT_TEST_REDIS_URL', start: async () => single(await startRedis()) },
  'redis-cluster': { variable: 'OTPKIT_TEST_REDIS_CLUSTER_URLS', start: startRedisCluster },
  postgres: {
    variable: 'OTPKIT_TEST_POSTGRES_URL',
    start: async () => single(await startPostgres()),
  },
  mariadb: { variable: 'OTPKIT_TEST_MARIADB_URL', start: async () => single(await startMariadb()) },
}

function single(server: { readonly url: string; stop(): Promise<void> }): SharedServer {
  return { urls: [server.url], stop: server.stop }
}
