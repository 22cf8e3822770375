import { isOtpError, usedMs } from 'otpkit'
import { memoryStore } from 'otpkit/stores/memory'
import { storeConformance, testClock } from 'otpkit/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'

const challenge = (id: string, ttlMs = 60_000) => ({
  id,
  digest: `digest-of-${id}`,
  attempts: 3,
  ttlMs,
  data: `data of ${id}`,
})

describe('memoryStore', () => {
  const cases = storeConformance(async () => {
    const clock = testClock()
    return { store: memoryStore({ clock: clock.now }), advance: clock.advance }
  })
  for (const { name, run } of cases) it(name, run)
})

describe('the capacity of memoryStore', () => {
  it('S53 a full store refuses a new challenge and forgets no living one', async () => {
    const store = memoryStore({ capacity: 2 })
    await store.put(challenge('a'))
    await store.put(challenge('b'))
    const error = await store.put(challenge('c')).catch((error: unknown) => error)
    expect(isOtpError(error) && error.code).toBe('capacity')
    expect(String(error)).not.toContain('digest')
    expect(await store.get('a')).toMatchObject({ digest: 'digest-of-a' })
    expect(await store.get('b')).toMatchObject({ digest: 'digest-of-b' })
    expect(await store.get('c')).toBeNull()
  })

  it('a full store still replaces a challenge that it has', async () => {
    const store = memoryStore({ capacity: 1 })
    await store.put(challenge('a'))
    await store.put({ ...challenge('a'), digest: 'successor' })
    expect(await store.get('a')).toMatchObject({ digest: 'successor' })
  })

  it('what is consumed, deleted or expired makes room', async () => {
    const clock = testClock()
    const store = memoryStore({ capacity: 1, clock: clock.now })
    await store.put(challenge('consumed'))
    await store.attempt('consumed', ['digest-of-consumed'])
    clock.advance(usedMs)
    await store.put(challenge('deleted'))
    await store.delete('deleted', 'digest-of-deleted')
    await store.put(challenge('expired'))
    clock.advance(60_000)
    await store.put(challenge('last'))
    expect(await store.get('last')).not.toBeNull()
  })

  it('expired challenges go as others come, so that a store in use never fills up', async () => {
    const clock = testClock()
    const store = memoryStore({ capacity: 400, clock: clock.now })
    for (let count = 0; count < 5_000; count += 1) {
      await store.put(challenge(`id-${count}`, 200))
      clock.advance(1)
    }
    expect(await store.get('id-4999')).not.toBeNull()
  })

  it('a store full of long and short lives finds the expired ones', async () => {
    const clock = testClock()
    const store = memoryStore({ capacity: 1_000, clock: clock.now })
    for (let count = 0; count < 1_000; count += 1) {
      await store.put(challenge(`old-${count}`, count === 999 ? 10 : 60_000))
    }
    clock.advance(10)
    let refused = 0
    while (
      await store.put(challenge('new')).then(
        () => false,
        () => true,
      )
    )
      refused += 1
    expect(refused).toBeLessThan(10)
    expect(await store.get('old-998')).not.toBeNull()
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d as one', (capacity) => {
    expect(() => memoryStore({ capacity })).toThrow(TypeError)
  })
})

describe('the clock of memoryStore', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it("S50 a step of the host's clock neither ends nor extends a life", async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const store = memoryStore()
    await store.put(challenge('a'))
    for (const stepMs of [3_600_000, -7_200_000]) {
      vi.setSystemTime(Date.now() + stepMs)
      const found = await store.get('a')
      expect(found?.remainingMs).toBeGreaterThan(30_000)
      expect(found?.remainingMs).toBeLessThanOrEqual(60_000)
    }
  })

  it('remainingMs is a whole number', async () => {
    const store = memoryStore()
    await store.put(challenge('a'))
    expect(Number.isInteger((await store.get('a'))?.remainingMs)).toBe(true)
  })
})
