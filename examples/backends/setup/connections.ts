import { setTimeout as wait } from 'node:timers/promises'
import type { Pool } from 'pg'

const patienceMs = 5_000

/** How a connection is watched, and how long its server may take until it is ready. */
export interface Connecting {
  onError(error: unknown): void
  /** @defaultValue 5 seconds */
  readonly startMs?: number
}

// Each client is imported where it is chosen: nobody has to install the other one.

/**
 * Connects to Redis. From then on a server that goes away is told of and waited for; meanwhile every
 * command is refused at once.
 *
 * @throws `Error` with a message for the operator, when it cannot be used.
 */
export async function connectRedis(url: string, { onError, startMs = patienceMs }: Connecting) {
  const { createClient } = await import('redis')
  return usable('REDIS_URL: Redis', async () => {
    let hasConnected = false
    const client = createClient({
      url,
      // While there is no connection, requests are refused at once instead of after a wait.
      disableOfflineQueue: true,
      socket: {
        reconnectStrategy: (retries) => hasConnected && Math.min(50 * 2 ** retries, 2_000),
      },
    })
    // An error that nobody listens to would end the process. The first connection's is thrown.
    client.on('error', (error) => {
      if (hasConnected) onError(error)
    })
    await within(startMs, client.connect(), () => client.destroy())
    hasConnected = true
    return {
      client,
      close: async () => (client.isReady ? client.close() : client.destroy()),
    }
  })
}

/**
 * A pool of connections to PostgreSQL, with the tables that `migrate` makes.
 *
 * @param max - Most connections.
 * @throws `Error` with a message for the operator, when it cannot be used.
 */
export async function connectPostgres(
  url: string,
  { onError, startMs = patienceMs }: Connecting,
  migrate: (pool: Pool) => Promise<void>,
  max = 10,
) {
  const { Pool } = await import('pg')
  return usable('DATABASE_URL: PostgreSQL', async () => {
    const pool = new Pool({
      connectionString: url,
      max,
      // Without these pg waits for ever.
      connectionTimeoutMillis: patienceMs,
      statement_timeout: patienceMs,
      query_timeout: patienceMs,
    })
    // A connection that breaks while idle would end the process.
    pool.on('error', onError)
    await within(startMs, migrate(pool), () => pool.end())
    return { pool, close: () => pool.end() }
  })
}

/** Gives up on what is too late or fails. */
async function within(ms: number, begun: Promise<unknown>, giveUp: () => unknown): Promise<void> {
  const late = wait(ms, undefined, { ref: false }).then(() => {
    throw Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })
  })
  try {
    await Promise.race([begun, late])
  } catch (error) {
    giveUp()
    throw error
  }
}

/** Of an error no more than its code: a message, or a cause, may quote the address and password. */
async function usable<Connection>(
  server: string,
  open: () => Promise<Connection>,
): Promise<Connection> {
  try {
    return await open()
  } catch (error) {
    const code = codeOf(error)
    throw new Error(
      `${server} cannot be used${code === undefined ? '' : ` (${code})`}. ` +
        'Is it up, and are its address, name and password right?',
    )
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code: unknown = Reflect.get(error, 'code')
  // Redis has its codes in front of its messages: WRONGPASS, NOAUTH.
  return typeof code === 'string' ? code : /^[A-Z]{2,}\b/.exec(error.message)?.[0]
}
