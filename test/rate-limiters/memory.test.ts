import { isOtpError, type Limit } from 'otpkit'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { rateLimiterConformance, testClock } from 'otpkit/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'

const limit = (key: string, windowMs = 60_000): Limit => ({ key, max: 5, windowMs })

/** A limiter with so much room, and its clock. */
function bounded(capacity: number) {
  const clock = testClock()
  return { clock, limiter: memoryRateLimiter({ capacity, clock: clock.now }) }
}

/** Whether a take is refused for want of room in the limiter itself. */
async function isFull(limiter: ReturnType<typeof memoryRateLimiter>, ...limits: Limit[]) {
  return limiter.take(limits).then(
    () => false,
    (error: unknown) => isOtpError(error) && error.code === 'capacity',
  )
}

describe('memoryRateLimiter', () => {
  const cases = rateLimiterConformance(async () => {
    const clock = testClock()
    return { rateLimiter: memoryRateLimiter({ clock: clock.now }), advance: clock.advance }
  })
  for (const { name, run } of cases) it(name, run)

  it('refuses limits that share a key but not a cost, and charges none', async () => {
    const limiter = memoryRateLimiter()
    const limits = [limit('b'), { ...limit('a'), cost: 2 }, limit('a', 1_000)]
    await expect(limiter.take(limits)).rejects.toThrow(TypeError)
    expect((await limiter.take([limit('b')])).used).toEqual([1])
  })

  it("does nothing with another limiter's charge, such as one from before a restart", async () => {
    const [limiter, other] = [memoryRateLimiter(), memoryRateLimiter()]
    await limiter.take([limit('a')])
    const taken = await other.take([limit('a')])
    await limiter.refund(['a'], taken.ok ? taken.charge : '')
    expect((await limiter.take([{ ...limit('a'), cost: 0 }])).used).toEqual([1])
  })
})

// What a charge is kept as depends on its instant, on how many came before it there, and on how many
// lengths of windows there are; what it counts for does not.
describe('a window of memoryRateLimiter is exact', () => {
  const many = Array.from({ length: 600 }, (_, place) => place)

  it.each([0, 0.25, 0.5, -7, 86_400_000, 1_800_000_000_000, 1e15])(
    'for 600 keys that are charged at %d',
    async (start) => {
      let now = start
      const limiter = memoryRateLimiter({ clock: () => now })
      const used = async (place: number) =>
        (await limiter.take([{ ...limit(`key-${place}`), cost: 0 }])).used
      const charges: string[] = []
      for (const place of many) {
        const taken = await limiter.take([limit(`key-${place}`)])
        charges.push(taken.ok ? taken.charge : '')
      }
      expect(new Set(charges).size).toBe(many.length)
      await limiter.refund(['key-0'], charges[1] ?? '')
      await limiter.refund(['key-1', 'key-2'], charges[1] ?? '')
      now = start + 59_999
      for (const place of many) expect(await used(place)).toEqual([place === 1 ? 0 : 1])
      now = start + 60_000
      for (const place of many) expect(await used(place)).toEqual([0])
    },
  )

  it('for 600 lengths of it, and for what is charged to them later', async () => {
    const { limiter, clock } = bounded(600)
    const at = (place: number, cost = 1) => ({ ...limit(`key-${place}`, 1_000 + place), cost })
    for (const place of many) await limiter.take([at(place)])
    clock.advance(999)
    for (const place of many) expect((await limiter.take([at(place)])).used).toEqual([2])
    for (const place of many) {
      clock.advance(1)
      expect((await limiter.take([at(place, 0)])).used).toEqual([1])
    }
  })
})

describe('the capacity of memoryRateLimiter', () => {
  it('S53 a full limiter refuses new keys, forgets none and charges none', async () => {
    const { limiter } = bounded(2)
    await limiter.take([limit('a')])
    await limiter.take([limit('b')])
    expect(await isFull(limiter, limit('a'), limit('c'))).toBe(true)
    expect((await limiter.take([limit('a'), limit('b')])).used).toEqual([2, 2])
  })

  it('windows over one key and keys that are only looked at need no more room', async () => {
    const { limiter } = bounded(1)
    expect(await isFull(limiter, limit('a'), limit('a', 1_000), limit('a', 10))).toBe(false)
    expect(await isFull(limiter, limit('a'), { ...limit('b'), cost: 0 })).toBe(false)
    expect(await isFull(limiter, { ...limit('c'), cost: 0 })).toBe(false)
  })

  it('keeps nothing for a key that was looked at, refunded or cleared', async () => {
    const { limiter } = bounded(1)
    for (let count = 0; count < 10; count += 1) {
      await limiter.take([{ ...limit(`looked-${count}`), cost: 0 }])
      const refunded = limit(`refunded-${count}`)
      const taken = await limiter.take([refunded])
      await limiter.refund([refunded.key], taken.ok ? taken.charge : '')
      await limiter.take([limit(`cleared-${count}`)])
      await limiter.clear([`cleared-${count}`])
      await limiter.take([limit(`newest-${count}`)])
      await limiter.clear([`newest-${count}`], 1)
    }
    expect(await isFull(limiter, limit('a'))).toBe(false)
  })

  it('what has aged out of its longest window makes room, and nothing else does', async () => {
    const { limiter, clock } = bounded(1)
    await limiter.take([limit('a', 1_000), limit('a', 9_000)])
    clock.advance(8_999)
    expect(await isFull(limiter, limit('b'))).toBe(true)
    clock.advance(1)
    expect(await isFull(limiter, limit('b'))).toBe(false)
  })

  it('old keys go as others come, so that a limiter in use never fills up', async () => {
    const { limiter, clock } = bounded(400)
    for (let count = 0; count < 5_000; count += 1) {
      expect(await isFull(limiter, limit(`key-${count}`, 200))).toBe(false)
      clock.advance(1)
    }
  })

  it('a key in steady use keeps counting right, however long', async () => {
    const { limiter, clock } = bounded(1)
    for (let count = 0; count < 2_000; count += 1) {
      const { ok, used } = await limiter.take([{ key: 'a', max: 50, windowMs: 1_000 }])
      expect({ ok, used }).toEqual({ ok: true, used: [Math.min(count + 1, 50)] })
      clock.advance(20)
    }
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d as one', (capacity) => {
    expect(() => memoryRateLimiter({ capacity })).toThrow(TypeError)
  })
})

describe('the clock of memoryRateLimiter', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it("S50 a step of the host's clock neither empties nor prolongs a window", async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const limiter = memoryRateLimiter()
    await limiter.take([limit('a')])
    for (const stepMs of [3_600_000, -7_200_000]) {
      vi.setSystemTime(Date.now() + stepMs)
      const { used } = await limiter.take([{ ...limit('a'), cost: 0 }])
      expect(used).toEqual([1])
    }
  })

  it('a clock that is set back brings no charge to life', async () => {
    let now = 1_700_000_000_000
    const limiter = memoryRateLimiter({ clock: () => now })
    const minute = { key: 'a', max: 9, windowMs: 60_000 }
    const limits = [minute, { ...minute, windowMs: 3_600_000 }]
    for (const pauseMs of [0, 50_000, 11_000, -31_000]) {
      now += pauseMs
      await limiter.take(limits)
    }
    expect(await limiter.take(limits)).toMatchObject({ used: [4, 5] })
  })

  it('a clock that is set back does not disturb the order of the log', async () => {
    let now = 100_000
    const limiter = memoryRateLimiter({ clock: () => now })
    await limiter.take([limit('a')])
    now = 10_000
    expect((await limiter.take([limit('a')])).used).toEqual([2])
    now = 160_000
    expect((await limiter.take([limit('a')])).used).toEqual([1])
  })
})
