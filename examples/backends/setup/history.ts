import type { History } from 'otpkit'
import { memoryHistory } from 'otpkit/histories/memory'
import { migrate, postgresHistory } from 'otpkit/histories/postgres'
import { redisHistory } from 'otpkit/histories/redis'
import { describeFault, type Log } from '../http/log'
import { connectPostgres, connectRedis } from './connections'
import type { ServerPlace } from './environment'

/** What happened to codes, ready to be written and read. */
export interface OpenHistory {
  readonly history: History
  /** Writes what was recorded, and lets go of the server. */
  close(): Promise<void>
}

/**
 * Connects to the place, by connections of its own: a chart never keeps a code waiting.
 *
 * @throws `Error` with a message for the operator, when it cannot be used.
 */
export async function openHistory(place: ServerPlace, log: Log): Promise<OpenHistory> {
  const connecting = {
    onError: (error: unknown) =>
      log({ level: 'error', event: 'history_connection_failed', fault: describeFault(error) }),
  }
  const opened = (history: History, close: () => Promise<void>): OpenHistory => ({
    history,
    close: async () => {
      await history.flush().catch((error: unknown) => {
        log({ level: 'error', event: 'history_not_written', fault: describeFault(error) })
      })
      await close()
    },
  })
  switch (place.name) {
    case 'memory':
      return opened(memoryHistory(), async () => {})
    case 'Redis': {
      const { client, close } = await connectRedis(place.url, connecting)
      return opened(redisHistory(client), async () => close())
    }
    case 'PostgreSQL': {
      const { pool, close } = await connectPostgres(place.url, connecting, migrate, 2)
      return opened(postgresHistory(pool), close)
    }
  }
}
