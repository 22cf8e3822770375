import Database from 'libsql'
import { memory } from 'otpkit/databases/memory'
import { memoryHistory } from 'otpkit/histories/memory'
import { type byOptions, route } from './factory-calls'
import { createFixture } from './fixture'

export const { otp: manager } = createFixture()
const redis = { eval: async () => 1, evalSha: async () => 1 }
const postgres = { query: async () => ({ rows: [] }) }
const mysql = { getConnection: async () => Promise.reject(new Error('no server')) }
const sqlite = new Database(':memory:')
const history = memoryHistory()
const dashboardOptions = { history, authorize: () => false } as const

/** Right calls of every other factory that takes options, which are the last of what is given here. */
export const byClient: typeof byOptions = {
  'databases/memory': { memory: [{}] },
  'databases/redis': { redis: [redis, {}] },
  'databases/postgres': { postgres: [postgres, {}] },
  'databases/mysql': { mysql: [mysql, {}] },
  'databases/sqlite': { sqlite: [sqlite, {}] },
  'stores/memory': { memoryStore: [{}] },
  'stores/redis': { redisStore: [redis, {}] },
  'stores/postgres': { postgresStore: [postgres, {}] },
  'stores/mysql': { mysqlStore: [mysql, {}] },
  'stores/sqlite': { sqliteStore: [sqlite, {}] },
  'rate-limiters/memory': { memoryRateLimiter: [{}] },
  'rate-limiters/redis': { redisRateLimiter: [redis, {}] },
  'rate-limiters/postgres': { postgresRateLimiter: [postgres, {}] },
  'rate-limiters/mysql': { mysqlRateLimiter: [mysql, {}] },
  'rate-limiters/sqlite': { sqliteRateLimiter: [sqlite, {}] },
  'histories/memory': { memoryHistory: [{}] },
  'histories/redis': { redisHistory: [redis, {}] },
  'histories/postgres': { postgresHistory: [postgres, {}] },
  'deliveries/with-circuit-breaker': { withCircuitBreaker: [route, {}] },
  'deliveries/with-retry': { withRetry: [route, {}] },
  'dashboard/create-dashboard': { createDashboard: [{ ...dashboardOptions, otp: manager }] },
  'from-environment': { fromEnvironment: [{}, {}] },
  'testing/captured-delivery': { capturedDelivery: [{}] },
  'testing/lagging': { lagging: [memory(), { seed: 1 }] },
  'testing/database-conformance': { databaseConformance: [async () => ({}), {}] },
  'testing/rate-limiter-conformance': { rateLimiterConformance: [async () => ({}), {}] },
}
