import { type Delivery, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { mysql } from 'otpkit/databases/mysql'
import { postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import { sqlite } from 'otpkit/databases/sqlite'
import { fallback } from 'otpkit/deliveries/fallback'
import { resendEmail } from 'otpkit/deliveries/resend'
import { mysqlRateLimiter } from 'otpkit/rate-limiters/mysql'
import { postgresRateLimiter } from 'otpkit/rate-limiters/postgres'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { sqliteRateLimiter } from 'otpkit/rate-limiters/sqlite'
import { mysqlStore } from 'otpkit/stores/mysql'
import { postgresStore } from 'otpkit/stores/postgres'
import { redisStore } from 'otpkit/stores/redis'
import { sqliteStore } from 'otpkit/stores/sqlite'

// What a worker does: everything is made at the top of the module, where edge runtimes allow no
// random numbers and no timers, and the provider is called over HTTP.

const never = async (): Promise<never> => {
  throw new Error('nobody asks this client')
}
const redisClient = { eval: never, evalSha: never }
const postgresClient = { query: never }
const mysqlClient = { execute: never, query: never, getConnection: never }
const sqliteClient = {
  exec: () => {},
  prepare: () => ({ run: () => ({ changes: 0 }), get: () => ({ word: 'otpkit' }), all: () => [] }),
}

/** Never asked: that they are made is what is tested. */
export const made = [
  redis(redisClient),
  redisStore(redisClient),
  redisRateLimiter(redisClient),
  postgres(postgresClient),
  postgresStore(postgresClient),
  postgresRateLimiter(postgresClient),
  mysql(mysqlClient),
  mysqlStore(mysqlClient),
  mysqlRateLimiter(mysqlClient),
  sqlite(sqliteClient),
  sqliteStore(sqliteClient),
  sqliteRateLimiter(sqliteClient),
]

const secret = 'a-secret-for-tests-only-0123456789abcdef'
const database = memory()

/** Sends a code over HTTP to the server at this address and verifies it. */
export async function exchange(provider: string, unreachable: string): Promise<unknown> {
  const mail = (baseUrl: string): Delivery =>
    resendEmail({ apiKey: 'key', from: 'otp@acme.example', baseUrl })
  const manager = (delivery: Delivery) =>
    new OtpManager({
      secret,
      database,
      deliveries: { email: delivery },
      purposes: ['login'],
      limits: { cooldown: false },
    })
  const otp = manager(mail(provider))
  const to = 'person@example.com'
  const sent = await otp.send({ to, channel: 'email', purpose: 'login', ip: null })
  const { code } = (await (await fetch(`${provider}/code`)).json()) as { code: string }
  const wrong = await otp.verify({ to, purpose: 'login', ip: null, code: other(code) })
  const all = await Promise.all(
    Array.from({ length: 20 }, () => otp.verify({ to, purpose: 'login', ip: null, code })),
  )
  const routed = await manager(fallback(mail(unreachable), mail(provider))).send({
    to: 'other@example.com',
    channel: 'email',
    purpose: 'login',
    ip: null,
  })
  return {
    sent: sent.ok,
    wrong: wrong.ok,
    verified: all.filter(({ ok }) => ok).length,
    failover: routed.ok && routed.delivery === 'accepted',
  }
}

function other(code: string): string {
  return (code.startsWith('1') ? '2' : '1') + code.slice(1)
}
