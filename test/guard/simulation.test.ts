import { redis } from 'otpkit/databases/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectNodeRedis } from '../servers/redis-clients'
import { ownName, redisUrl } from '../servers/shared'
import {
  type Attacker,
  burst,
  late,
  oneOperator,
  slowAndDistributed,
  verifying,
  verifyingInOneBlock,
} from './attackers'
import { mostOf } from './bounds'
import { price } from './figures'
import { attacked, linesOf, ordinaryMonth } from './scenarios'
import { type Report, type Scenario, simulate } from './simulation'

// The tables of docs/guard.md are made with GUARD_DAYS=30, which takes a quarter of an hour.
const fullDays = Number(process.env.GUARD_DAYS ?? 0)
const isFull = fullDays > 0
const seed = Number(process.env.OTPKIT_SEED ?? 314_159)
const perDay = isFull ? 1_000 : 300
const long = 1_800_000

async function run(scenario: Scenario): Promise<Report> {
  const report = await simulate(scenario)
  for (const line of linesOf(report)) console.info(line)
  return report
}

function expectBounds({ loot }: Report, attackers: readonly Attacker[], people: number) {
  for (const [place, { asked, byDay }] of loot.entries()) {
    const most = mostOf(attackers[place], people)
    expect(Math.max(...byDay)).toBeLessThanOrEqual(most)
    // An attack that never got going would prove nothing.
    expect(asked).toBeGreaterThan(byDay.length * most)
    expect(Math.min(...byDay)).toBeGreaterThan(0)
  }
}

describe(`the guard, simulated (OTPKIT_SEED=${seed})`, () => {
  it.each(isFull ? [0.4, 0.6, 0.75, 0.85] : [0.4])(
    'refuses at most one of a thousand honest messages where %d of the people verify',
    async (conversion) => {
      const days = isFull ? fullDays : 3
      const { met, refused } = await run(ordinaryMonth({ seed, conversion, perDay, days }))
      expect(met.verified).toBeGreaterThan(days * perDay * conversion * 0.9)
      expect(refused.all).toBeLessThanOrEqual(0.001)
    },
    long,
  )

  // What nobody can tell from an attack at once costs people something: the docs say how much.
  const hard = [
    { app: { conversion: 0.4, knownShare: 0 }, most: 0.05 },
    { app: { conversion: 0.75, knownShare: 0 }, most: 0.001 },
    { app: { conversion: 0.75, onTelevision: 5_000 }, most: 0.05 },
  ]
  it.each(isFull ? hard : [])(
    'refuses few more of $app',
    async ({ app, most }) => {
      const { refused } = await run(ordinaryMonth({ seed, perDay, days: fullDays, ...app }))
      expect(refused.all).toBeLessThanOrEqual(most)
    },
    long,
  )

  const attackers = [
    slowAndDistributed(5 * perDay),
    burst(2_000),
    oneOperator(3 * perDay),
    verifying(4 * perDay, 0.3),
    late(verifyingInOneBlock(4 * perDay, 0.1)),
  ]
  const more = [
    slowAndDistributed(2.5 * perDay),
    slowAndDistributed(15 * perDay),
    slowAndDistributed(100 * perDay),
    verifying(4 * perDay, 0.1),
    late(verifying(4 * perDay, 0.1)),
    verifyingInOneBlock(4 * perDay, 0.1),
    late(verifyingInOneBlock(4 * perDay, 0.1)),
    verifyingInOneBlock(4 * perDay, 0.2),
  ]
  it(
    'bounds what each kind of attacker gets in a day',
    async () => {
      const all = isFull ? [...attackers, ...more] : attackers
      const days = Math.max(fullDays, 2 * all.length)
      const scenario = attacked({ seed, conversion: 0.75, perDay, days }, all)
      expectBounds(await run(scenario), all, perDay)
    },
    long,
  )

  it.each(isFull ? [5, 100] : [])(
    'refuses new customers whose country is attacked with %d times as many messages',
    async (times) => {
      const app = { seed, conversion: 0.75, perDay, days: fullDays }
      const { refused } = await run(attacked(app, [slowAndDistributed(times * perDay)]))
      expect(refused.all).toBeLessThanOrEqual(0.25)
    },
    long,
  )

  it(
    'lets every honest person through behind a captcha, whatever the attack',
    async () => {
      const attacks = [slowAndDistributed(5 * perDay)]
      const app = { seed, conversion: 0.75, perDay, days: isFull ? fullDays : 2 }
      const { met, refused } = await run(attacked({ ...app, mode: 'challenge' }, attacks))
      expect(met.challenged).toBeGreaterThan(0)
      expect(refused.all).toBeLessThanOrEqual(0.001)
    },
    long,
  )
})

describe(`caps on money, simulated (OTPKIT_SEED=${seed})`, () => {
  it(
    'hold in record mode, which refuses nothing else',
    async () => {
      const most = 2 * perDay
      const attacks = [slowAndDistributed(5 * perDay)]
      const scenario = attacked(
        { seed, conversion: 0.75, perDay, days: 2, mode: 'record' },
        attacks,
      )
      const prices = { currency: 'USD', perMessage: { sms: price } }
      const settings = { ...scenario.settings, spend: { perDay: most * price, prices } }
      const { mostPaid, refused } = await run({ ...scenario, settings, watched: 1 })
      expect(mostPaid).toBe(most)
      expect(refused.all).toBe(0)
    },
    long,
  )
})

describe(`the guard, simulated on Redis (OTPKIT_SEED=${seed})`, () => {
  let connection: Awaited<ReturnType<typeof connectNodeRedis>>
  beforeAll(async () => {
    connection = await connectNodeRedis(await redisUrl())
  })
  afterAll(() => connection.close())

  it('refuses the same attacks, and nobody else', async () => {
    const prefix = ownName('guard')
    const attackers = [burst(100), slowAndDistributed(1_000)]
    const app = { seed, conversion: 0.75, perDay: 100, days: 4 }
    const report = await run({
      ...attacked(app, attackers),
      watched: 2,
      database: (clock) => redis(connection.client, { clock, prefix }),
    })
    expectBounds(report, attackers, app.perDay)
  }, 300_000)
})
