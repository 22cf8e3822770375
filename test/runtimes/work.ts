import { type Delivery, OtpManager } from 'otpkit'
import { alarms, createDashboard } from 'otpkit/dashboard'
import { memory } from 'otpkit/databases/memory'
import { mysql } from 'otpkit/databases/mysql'
import { postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import { sqlite } from 'otpkit/databases/sqlite'
import { fallback } from 'otpkit/deliveries/fallback'
import { resendEmail } from 'otpkit/deliveries/resend'
import { fromEnvironment } from 'otpkit/from-environment'
import { memoryHistory } from 'otpkit/histories/memory'
import { postgresHistory } from 'otpkit/histories/postgres'
import { redisHistory } from 'otpkit/histories/redis'
import { toNodeHandler } from 'otpkit/http'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { mysqlRateLimiter } from 'otpkit/rate-limiters/mysql'
import { postgresRateLimiter } from 'otpkit/rate-limiters/postgres'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { sqliteRateLimiter } from 'otpkit/rate-limiters/sqlite'
import { createReceipts } from 'otpkit/receipts'
import { twilioReceipts } from 'otpkit/receipts/twilio'
import { kratosHook } from 'otpkit/receivers/kratos'
import { logtoHook } from 'otpkit/receivers/logto'
import { supabaseEmailHook, supabaseSmsHook } from 'otpkit/receivers/supabase'
import { memoryStore } from 'otpkit/stores/memory'
import { mysqlStore } from 'otpkit/stores/mysql'
import { postgresStore } from 'otpkit/stores/postgres'
import { redisStore } from 'otpkit/stores/redis'
import { sqliteStore } from 'otpkit/stores/sqlite'

// What every runtime does: all is made at the top of the module, where edge runtimes allow no
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

const secret = 'a-secret-for-tests-only-0123456789abcdef'
const database = memory()
const managerOf = (email: Delivery) =>
  new OtpManager({
    secret,
    database,
    deliveries: { email },
    purposes: ['login'],
    limits: { cooldown: false },
  })

const manager = managerOf({
  name: 'none',
  reaches: ['email'],
  deliver: async () => ({ provider: 'none' }),
})
const receipts = createReceipts(manager, {
  origin: 'https://otp.example.com',
  readers: { twilio: twilioReceipts({ authToken: 'token' }) },
})

/** Never asked: that they are made is what is tested. */
export const made = {
  memory: database,
  memoryStore: memoryStore(),
  memoryRateLimiter: memoryRateLimiter(),
  redis: redis(redisClient),
  redisStore: redisStore(redisClient),
  redisRateLimiter: redisRateLimiter(redisClient),
  postgres: postgres(postgresClient),
  postgresStore: postgresStore(postgresClient),
  postgresRateLimiter: postgresRateLimiter(postgresClient),
  mysql: mysql(mysqlClient),
  mysqlStore: mysqlStore(mysqlClient),
  mysqlRateLimiter: mysqlRateLimiter(mysqlClient),
  sqlite: sqlite(sqliteClient),
  sqliteStore: sqliteStore(sqliteClient),
  sqliteRateLimiter: sqliteRateLimiter(sqliteClient),
  memoryHistory: memoryHistory(),
  redisHistory: redisHistory(redisClient),
  postgresHistory: postgresHistory(postgresClient),
  createDashboard: createDashboard({
    otp: manager,
    history: memoryHistory(),
    authorize: () => ({ name: 'nobody' }),
  }),
  alarms: alarms(memoryHistory(), {}, () => {}),
  createReceipts: receipts,
  toNodeHandler: toNodeHandler(receipts),
  kratosHook: kratosHook(manager, {
    secret,
    channel: 'email',
    purpose: { login_code_valid: 'login' },
  }),
  logtoHook: logtoHook(manager, { secret, channel: 'email', purpose: { SignIn: 'login' } }),
  supabaseSmsHook: supabaseSmsHook(manager, {
    secret: 'v1,whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
    channel: 'email',
    purpose: { sign_in: 'login' },
  }),
  supabaseEmailHook: supabaseEmailHook(manager, {
    secret: 'v1,whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
    channel: 'email',
    purpose: { signup: 'login' },
  }),
  fromEnvironment: fromEnvironment({
    OTP_SECRET: secret,
    EMAIL_PROVIDER: 'resend',
    EMAIL_FROM: 'otp@acme.example',
    RESEND_API_KEY: 'key',
  }),
  OtpManager: manager,
}

/** What came of `exchange`. */
export interface Exchanged {
  readonly sent: boolean
  readonly wrong: boolean
  /** Of 20 calls at once with the right code. */
  readonly verified: number
  /** Whether the second route took over from one that nobody listens at, and from one that refuses. */
  readonly afterUnreachable: boolean
  readonly afterRefusal: boolean
}

const login = { channel: 'email', purpose: 'login', ip: null } as const

/** Sends a code over HTTP to the provider, verifies it, and sends by a second route. */
export async function exchange(provider: string, unreachable: string): Promise<Exchanged> {
  const mail = (baseUrl: string) =>
    resendEmail({ apiKey: 'key', from: 'otp@acme.example', baseUrl })
  const otp = managerOf(mail(provider))
  const to = 'person@example.com'
  const sent = await otp.send({ ...login, to })
  const { code } = await (await fetch(`${provider}/code`)).json()
  const other = (code.startsWith('1') ? '2' : '1') + code.slice(1)
  const wrong = await otp.verify({ to, purpose: 'login', ip: null, code: other })
  const all = await Promise.all(
    Array.from({ length: 20 }, () => otp.verify({ to, purpose: 'login', ip: null, code })),
  )
  const movesOn = async (name: string, first: string) => {
    const routed = managerOf(fallback(mail(first), mail(provider)))
    const answer = await routed.send({ ...login, to: `${name}@example.com` })
    return answer.ok && answer.delivery === 'accepted'
  }
  return {
    sent: sent.ok,
    wrong: wrong.ok,
    verified: all.filter(({ ok }) => ok).length,
    afterUnreachable: await movesOn('unreachable', unreachable),
    afterRefusal: await movesOn('refusal', `${provider}/refuses`),
  }
}
