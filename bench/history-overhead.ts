import { randomBytes } from 'node:crypto'
import { type History, type OtpDatabase, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { redis } from 'otpkit/databases/redis'
import { memoryHistory } from 'otpkit/histories/memory'
import { redisHistory } from 'otpkit/histories/redis'
import { startRedis } from '../test/servers/redis'
import { connectNodeRedis } from '../test/servers/redis-clients'

// `tsx bench/history-overhead.ts`: what a history takes from sends and verifications, as the ratio of
// their rates with and without it, round by round in turn. Nobody listens to the one without.

process.env.NODE_ENV = 'test'

const inFlight = 64
const pairs = Number(process.argv[2] ?? 4_000)
const rounds = 7

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? 0

/** Sends and verifications a second; the history is written too. */
async function rate(database: OtpDatabase, history?: History): Promise<number> {
  const codes = new Map<string, string>()
  const otp = new OtpManager({
    secret: randomBytes(32),
    database,
    deliveries: {
      sms: {
        name: 'bench',
        reaches: ['phone'],
        deliver: async ({ to, code = '' }) => {
          codes.set(to, code)
          return { provider: 'bench', messageId: to }
        },
      },
    },
    countries: ['IN'],
    purposes: ['login'],
  })
  if (history !== undefined) otp.subscribe(history.record)
  let next = 0
  const worker = async () => {
    while (next < pairs) {
      const index = next
      next += 1
      const to = `+91987${String(index).padStart(7, '0')}`
      const ip = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
      const sent = await otp.send({ to, channel: 'sms', purpose: 'login', ip })
      const result = await otp.verify({ to, purpose: 'login', code: codes.get(to) ?? '', ip })
      if (!sent.ok || !result.ok) throw new Error('refused')
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: inFlight }, worker))
  await history?.flush()
  return (2 * pairs * 1_000) / (performance.now() - start)
}

async function compare(name: string, database: () => OtpDatabase, history: () => History) {
  const ratios: number[] = []
  const rates: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const without = await rate(database())
    const kept = history()
    const listened = await rate(database(), kept)
    const now = Date.now()
    const range = { from: now - 3_600_000, to: now, resolution: 'hour' } as const
    const rows = await kept.counts({ ...range, by: ['type'] })
    const lost = rows.find(({ type }) => type === 'dropped')?.count ?? 0
    if (lost > 0) console.log(`${name}: ${lost} dropped`)
    // The first round warms the machine up.
    if (round > 0) {
      ratios.push(listened / without)
      rates.push(without)
    }
  }
  console.log(
    `${name.padEnd(8)} ratio ${median(ratios).toFixed(3)}   ${median(rates).toFixed(0)} a second without`,
  )
}

await compare(
  'memory',
  () => memory(),
  () => memoryHistory(),
)
const server = await startRedis()
const connected = await connectNodeRedis(server.url)
let spaces = 0
const prefix = () => {
  spaces += 1
  return `bench${spaces}`
}
try {
  await compare(
    'redis',
    () => redis(connected.client, { prefix: prefix() }),
    () => redisHistory(connected.client, { prefix: prefix() }),
  )
} finally {
  await connected.close()
  await server.stop()
}
