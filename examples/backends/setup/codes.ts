import { setTimeout as wait } from 'node:timers/promises'
import type { OtpDatabase } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { migrate, postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import { describeFault, type Log } from '../http/log'
import type { CodesPlace } from './environment'

/** Codes and limits, ready for use. */
export interface Codes {
  readonly database: OtpDatabase
  /** Lets go of the server, once it has answered what it was asked. */
  close(): Promise<void>
}

const patienceMs = 5_000

/**
 * Connects to the place. From then on a server that goes away is logged and waited for; meanwhile
 * every request that needs it is refused.
 *
 * @param startMs - How long the server may take until it is ready.
 * @throws `Error` with a message for the operator, when it cannot be used.
 */
export async function openCodes(place: CodesPlace, log: Log, startMs = patienceMs): Promise<Codes> {
  const onError = (error: unknown) =>
    log({ level: 'error', event: 'codes_connection_failed', fault: describeFault(error) })
  switch (place.name) {
    case 'memory':
      return { database: memory(), close: async () => {} }
    case 'Redis':
      return openRedis(place.url, onError, startMs)
    case 'PostgreSQL':
      return openPostgres(place.url, onError, startMs)
  }
}

// Each client is imported where it is chosen: nobody has to install the other one.

async function openRedis(
  url: string,
  onError: (error: unknown) => void,
  startMs: number,
): Promise<Codes> {
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
      database: redis(client),
      close: async () => (client.isReady ? client.close() : client.destroy()),
    }
  })
}

async function openPostgres(
  url: string,
  onError: (error: unknown) => void,
  startMs: number,
): Promise<Codes> {
  const { Pool } = await import('pg')
  return usable('DATABASE_URL: PostgreSQL', async () => {
    const pool = new Pool({
      connectionString: url,
      // Without these pg waits for ever.
      connectionTimeoutMillis: patienceMs,
      statement_timeout: patienceMs,
      query_timeout: patienceMs,
    })
    // A connection that breaks while idle would end the process.
    pool.on('error', onError)
    await within(startMs, migrate(pool), () => pool.end())
    return { database: postgres(pool), close: () => pool.end() }
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
async function usable(server: string, open: () => Promise<Codes>): Promise<Codes> {
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
