import { connectIoRedis, connectNodeRedis } from './redis-clients'

/**
 * Clients for tests that break connections: each library as it is, and as the guide on Redis
 * recommends it. `resends` tells who sends a command again whose reply was lost.
 */
export const faultClients = [
  {
    name: 'node-redis',
    resends: false,
    connect: (url: string) => connectNodeRedis(url),
  },
  {
    name: 'node-redis as recommended',
    resends: false,
    connect: (url: string) => connectNodeRedis(url, { disableOfflineQueue: true }),
  },
  {
    name: 'ioredis',
    resends: true,
    connect: (url: string) => connectIoRedis(url),
  },
  {
    name: 'ioredis as recommended',
    resends: false,
    connect: (url: string) => connectIoRedis(url, { maxRetriesPerRequest: 0 }),
  },
]
