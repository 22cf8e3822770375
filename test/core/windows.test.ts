import { type LimitOption, type LimitOptions, OtpManager, type OtpPlaces } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { seededIntegers } from '../../src/testing/random'
import { phone, secret } from '../fixture'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** A handle that nobody was given. */
const nothing = 'A'.repeat(44)
const perMs = { '1m': minute, '1h': hour, '1d': day } as const

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)

const places: Readonly<Record<string, Open>> = {
  'a database': (clock) => ({ database: memory({ clock }) }),
  'a store and a limiter': (clock) => ({
    store: memoryStore({ clock }),
    rateLimiter: memoryRateLimiter({ clock }),
  }),
}

type Open = (clock: () => number) => OtpPlaces
type Windows = readonly { readonly max: number; readonly per: keyof typeof perMs }[]

/** Two purposes with limits of their own, and whether the first is asked for before the second. */
function backend(open: Open, limits: readonly [LimitOptions, LimitOptions]) {
  const { now, advance } = testClock()
  const none = { cooldown: false, recipient: [], ip: [], verifyIp: [] } as const
  const otp = new OtpManager({
    ...open(now),
    secret,
    deliveries: { sms: capturedDelivery({ reaches: ['phone'] }) },
    countries: ['IN'],
    purposes: {
      one: { limits: { ...none, ...limits[0] } },
      other: { limits: { ...none, ...limits[1] } },
    },
    // A message each, however many.
    bind: 'challenge',
  })
  return { otp, now, advance }
}

/** What any limit must say: it has room in its windows for one more of what was let through. */
function hasRoom(windows: Windows, accepted: readonly number[], now: number): boolean {
  return windows.every(
    ({ max, per }) => accepted.filter((at) => now - at < perMs[per]).length < max,
  )
}

const pairs: readonly (readonly [Windows, Windows])[] = [
  [[{ max: 5, per: '1h' }], [{ max: 10, per: '1d' }]],
  [[{ max: 10, per: '1d' }], [{ max: 5, per: '1h' }]],
  [
    [
      { max: 2, per: '1m' },
      { max: 9, per: '1h' },
    ],
    [{ max: 12, per: '1d' }],
  ],
  [[], [{ max: 7, per: '1d' }]],
]

/** At 10 a day the messages count that another purpose sent at 5 an hour, before or after. */
async function noEleventh(open: Open): Promise<void> {
  const [hourly, daily] = [
    { recipient: [{ max: 5, per: '1h' }] },
    { recipient: [{ max: 10, per: '1d' }] },
  ] as const
  for (const order of ['one', 'other'] as const) {
    const { otp, advance } = backend(open, [hourly, daily])
    const send = (purpose: 'one' | 'other') =>
      otp.send({ to: phone, channel: 'sms', purpose, ip: null })
    for (let round = 0; round < 2; round += 1) {
      for (let message = 0; message < 5; message += 1) {
        expect(await send(order)).toMatchObject({ ok: true })
      }
      advance(hour)
    }
    advance(2 * hour)
    expect(await send('other')).toMatchObject({ limit: 'recipient', retryAfterMs: 20 * hour })
    expect(await send('one')).toMatchObject({ ok: true })
  }
}

describe.each(Object.entries(places))(`over %s (OTPKIT_SEED=${seed})`, (_, open) => {
  it('purposes at 5 an hour and 10 a day let no 11th message of a day through at 10 a day', () =>
    noEleventh(open))

  it.each(['recipient', 'ip', 'verifyIp'] as const)(
    'whichever purpose charged, each counts all of it: %s',
    async (limit) => {
      // A purpose without any limit of an address charges it nothing.
      const kinds = pairs.filter(([one]) => limit === 'recipient' || one.length > 0)
      for (const [index, windows] of kinds.entries()) {
        const asLimits = (of: Windows): LimitOptions => ({
          [limit]: of satisfies readonly LimitOption[],
        })
        const { otp, now, advance } = backend(open, [asLimits(windows[0]), asLimits(windows[1])])
        const below = seededIntegers(seed + index)
        const accepted: number[] = []
        for (let step = 0; step < 150; step += 1) {
          const which = below(2)
          const purpose = which === 0 ? 'one' : 'other'
          const answer =
            limit === 'verifyIp'
              ? await otp.verify({
                  challengeId: nothing,
                  purpose,
                  code: '000000',
                  ip: '203.0.113.7',
                })
              : await otp.send({ to: phone, channel: 'sms', purpose, ip: '203.0.113.7' })
          const isAccepted = answer.ok || answer.reason === 'expired'
          const expected = hasRoom(windows[which] ?? [], accepted, now())
          expect(isAccepted, `step ${step} of pair ${index}: ${purpose}`).toBe(expected)
          if (isAccepted) accepted.push(now())
          const waits = [0, 1, 20_000, minute, 11 * minute, hour - 1, hour, 5 * hour]
          advance(waits[below(waits.length)] ?? 0)
        }
        expect(accepted.length).toBeGreaterThan(10)
      }
    },
  )

  it('S36 one network of IPv6 is ten times what one connection is', async () => {
    for (const [limit, each] of [
      ['ip', 5],
      ['verifyIp', 30],
    ] as const) {
      const { otp, advance } = backend(open, [{ [limit]: [{ max: each, per: '1m' }] }, {}])
      const ask = async (subnet: number, network = 'aaaa') => {
        const ip = `2001:db8:${network}:${subnet.toString(16)}::1`
        const answer =
          limit === 'ip'
            ? await otp.send({ to: phone, channel: 'sms', purpose: 'one', ip })
            : await otp.verify({ challengeId: nothing, purpose: 'one', code: '000000', ip })
        return answer.ok || answer.reason === 'expired'
      }
      const accepted = async (subnets: number, times: number) => {
        let count = 0
        for (let subnet = 0; subnet < subnets; subnet += 1) {
          for (let time = 0; time < times; time += 1) if (await ask(subnet)) count += 1
        }
        return count
      }
      expect(await accepted(1, 2 * each), 'of one /64').toBe(each)
      expect(await accepted(12, each), 'of the rest of its /48').toBe(9 * each)
      expect(await ask(500)).toBe(false)
      expect(await ask(0, 'aaab'), 'of the next /48').toBe(true)
      advance(minute)
      expect(await accepted(100, 1), 'one each of a hundred /64').toBe(Math.min(100, 10 * each))
    }
  })
})

it('a database that is not told how long a log is needed lets an 11th message through', async () => {
  await expect(
    noEleventh((clock) => {
      const database = memory({ clock })
      return {
        database: {
          ...database,
          begin: (beginning) => {
            const [first, ...others] = beginning.policy.limits
            const bounded = others.filter(({ max, from }) => max < 1e6 && from === undefined)
            return database.begin({ ...beginning, policy: { limits: [first, ...bounded] } })
          },
        },
      }
    }),
  ).rejects.toThrow(/recipient/)
})
