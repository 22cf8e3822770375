import { randomBytes } from 'node:crypto'
import { type OtpDatabase, OtpManager, type OtpManagerSettings } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { migrate, postgres } from 'otpkit/databases/postgres'
import { redis } from 'otpkit/databases/redis'
import pg from 'pg'
import { startPostgres } from '../test/servers/postgres'
import { startRedis } from '../test/servers/redis'
import { connectNodeRedis } from '../test/servers/redis-clients'
import {
  clientTime,
  printConditions,
  printLine,
  ratio,
  runRounds,
  type Way,
  warmUp,
} from './side-by-side'
import { ip } from './ways'

// `tsx bench/guard.ts redis | postgres | memory`: sends to one busy country whose people verify, with the
// guard and a cap on money and without, beside one command of the same client.

const number = (index: number) => `+9198${String(index % 1e8).padStart(8, '0')}`

type Options = Partial<OtpManagerSettings<'sms', 'login'>>

function guardedWay(name: string, database: OtpDatabase, options: Options): Way {
  const codes = new Map<string, string>()
  const otp = new OtpManager({
    secret: randomBytes(32),
    namespace: name.replaceAll(' ', '-'),
    database,
    countries: ['IN'],
    purposes: ['login'],
    lifetime: '10m',
    ...options,
    deliveries: {
      sms: {
        name: 'bench',
        reaches: ['phone'],
        deliver: async ({ to, code = '' }) => {
          codes.set(to, code)
          return { provider: 'bench' }
        },
      },
    },
  })
  return {
    name,
    steps: {
      send: async (index) => {
        const request = { to: number(index), channel: 'sms', purpose: 'login' } as const
        const sent = await otp.send({ ...request, ip: ip(index) })
        if (!sent.ok) throw new Error(`send: ${sent.reason}`)
      },
      right: async (index) => {
        const to = number(index)
        const code = codes.get(to) ?? ''
        codes.delete(to)
        const result = await otp.verify({ to, purpose: 'login', code, ip: ip(index) })
        if (!result.ok) throw new Error(`verify: ${result.reason}`)
      },
    },
  }
}

/** What is allowed changes no counting, so an endless burst can be measured. */
const guard = { mode: 'refuse', allow: { countries: ['IN'] } } as const
const spend = {
  perDay: 1e9,
  perCountryPerDay: 1e9,
  prices: { currency: 'EUR', perMessage: { sms: 0.05 } },
}
const variants: readonly (readonly [string, Options])[] = [
  ['without', {}],
  ['a country budget', { limits: { country: [{ max: 1e9, per: '1d' }] } }],
  ['guard', { guard }],
  ['money', { spend }],
  ['guard and money', { guard, spend }],
]

interface Place {
  readonly database: OtpDatabase
  floor(key: string): Promise<unknown>
  close(): Promise<unknown>
}

const places: Readonly<Record<string, () => Promise<Place>>> = {
  memory: async () => {
    const codes = new Map<string, string>()
    const floor = async (key: string) => codes.set(key, '123456')
    return { database: memory({ capacity: 10_000_000 }), floor, close: async () => undefined }
  },
  redis: async () => {
    const server = await startRedis()
    const { client, close } = await connectNodeRedis(server.url)
    const floor = (key: string) => client.set(`floor:${key}`, '123456', { EX: 300 })
    const end = async () => [await close(), await server.stop()]
    return { database: redis(client), floor, close: end }
  },
  postgres: async () => {
    const server = await startPostgres({ args: ['-c', 'fsync=on'] })
    const pool = new pg.Pool({ connectionString: server.url })
    await migrate(pool)
    await pool.query('CREATE TABLE floor (key text PRIMARY KEY, code text)')
    const text = 'INSERT INTO floor VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET code = $2'
    const floor = (key: string) => pool.query({ name: 'floor', text, values: [key, '123456'] })
    const end = async () => [await pool.end(), await server.stop()]
    return { database: postgres(pool), floor, close: end }
  },
}

const name = process.argv[2] ?? 'redis'
const open = places[name]
if (open === undefined) throw new Error(`the places are ${Object.keys(places).join(', ')}`)
const { database, floor, close } = await open()
try {
  const floorWay = { name: 'floor', steps: { send: (index: number) => floor(number(index)) } }
  const ways = variants.map(([label, options]) => guardedWay(label, database, options))
  printConditions(name)
  await warmUp([floorWay, ...ways])
  for (const inFlight of [64]) {
    const results = await runRounds([floorWay, ...ways], inFlight)
    const steps = ['send', 'right'] as const
    printLine(`\n${inFlight} in flight`, 'send', 'right')
    for (const way of ways) {
      const cells = steps.map((step) => ratio(results, `${way.name} ${step}`, 'floor send'))
      printLine(`${way.name} / floor`, ...cells)
      const times = steps.map((step) => clientTime(results, `${way.name} ${step}`))
      printLine(`${way.name}, client µs`, ...times)
    }
  }
  printConditions(name)
} finally {
  await close()
}
