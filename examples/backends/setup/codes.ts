import type { OtpDatabase } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { migrate, postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import { describeFault, type Log } from '../http/log'
import { type Connecting, connectPostgres, connectRedis } from './connections'
import type { ServerPlace } from './environment'

/** Codes and limits, ready for use. */
export interface Codes {
  readonly database: OtpDatabase
  /** Lets go of the server, once it has answered what it was asked. */
  close(): Promise<void>
}

/**
 * Connects to the place. From then on a server that goes away is logged and waited for; meanwhile
 * every request that needs it is refused.
 *
 * @param startMs - How long the server may take until it is ready.
 * @throws `Error` with a message for the operator, when it cannot be used.
 */
export async function openCodes(place: ServerPlace, log: Log, startMs?: number): Promise<Codes> {
  const connecting: Connecting = {
    onError: (error) =>
      log({ level: 'error', event: 'codes_connection_failed', fault: describeFault(error) }),
    ...(startMs !== undefined && { startMs }),
  }
  switch (place.name) {
    case 'memory':
      return { database: memory(), close: async () => {} }
    case 'Redis': {
      const { client, close } = await connectRedis(place.url, connecting)
      return { database: redis(client), close }
    }
    case 'PostgreSQL': {
      const { pool, close } = await connectPostgres(place.url, connecting, migrate)
      return { database: postgres(pool), close }
    }
  }
}
