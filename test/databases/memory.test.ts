import { isOtpError, type Policy } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { databaseConformance, testClock } from 'otpkit/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'

const policy: Policy = {
  limits: [
    { key: 0, max: 9, windowMs: 60_000 },
    { key: 1, max: 9, windowMs: 60_000 },
  ],
}

const challenge = (id: string) => ({
  id,
  digest: `digest-of-${id}`,
  attempts: 3,
  ttlMs: 60_000,
  data: `data of ${id}`,
})

const begin = (database: ReturnType<typeof memory>, id: string, ...keys: string[]) =>
  database.begin({ policy, keys, challenge: challenge(id) })

const settle = (database: ReturnType<typeof memory>, id: string, ...keys: string[]) =>
  database.settle({
    policy,
    keys,
    id,
    digests: [`digest-of-${id}`],
    mostUsed: 9,
    call: 'a-call',
  })

async function units(database: ReturnType<typeof memory>, ...keys: string[]) {
  const looks = keys.map((key) => ({ key, max: 9, windowMs: 60_000, cost: 0 }))
  return (await database.take(looks)).used
}

async function isFull(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => false,
    (error: unknown) => isOtpError(error) && error.code === 'capacity',
  )
}

describe('memory', () => {
  const cases = databaseConformance(async () => {
    const clock = testClock()
    return { database: memory({ clock: clock.now }), advance: clock.advance }
  })
  for (const { name, run } of cases) it(name, run)

  it('refuses a policy that names a key which the call does not bring', async () => {
    const database = memory()
    await expect(begin(database, 'a', 'one')).rejects.toThrow(TypeError)
    await expect(settle(database, 'a', 'one')).rejects.toThrow(TypeError)
    expect(await units(database, 'one')).toEqual([0])
  })
})

it('a call that is sent again is accepted again', async () => {
  const database = memory()
  await begin(database, 'a', 'one', 'two')
  const first = await settle(database, 'a', 'one', 'two')
  expect(first).toMatchObject({ taken: { ok: true }, attempt: { outcome: 'verified' } })
  expect(await settle(database, 'a', 'one', 'two')).toEqual(first)
})

describe('the capacity of memory', () => {
  it('S53 a begin that finds it full charges nothing and puts nothing', async () => {
    const database = memory({ capacity: 2 })
    await begin(database, 'a', 'one', 'two')
    expect(await isFull(begin(database, 'b', 'one', 'three'))).toBe(true)
    expect(await database.get('b')).toBeNull()
    await begin(database, 'b', 'one', 'two')
    expect(await isFull(begin(database, 'c', 'one', 'two'))).toBe(true)
    expect(await units(database, 'one', 'two', 'three')).toEqual([2, 2, 0])
    expect(await database.get('a')).toMatchObject({ digest: 'digest-of-a' })
  })

  it('S53 a settle that finds it full charges nothing and compares nothing', async () => {
    const database = memory({ capacity: 2 })
    await begin(database, 'a', 'one', 'two')
    expect(await isFull(settle(database, 'a', 'one', 'three'))).toBe(true)
    expect(await isFull(settle(database, 'a', 'three', 'two'))).toBe(true)
    expect(await units(database, 'one', 'two', 'three')).toEqual([1, 1, 0])
    expect(await database.get('a')).toMatchObject({ attemptsLeft: 3 })
    expect(await settle(database, 'a', 'one', 'two')).toMatchObject({
      attempt: { outcome: 'verified' },
    })
  })

  it('a full one still refuses, replaces and yields', async () => {
    const database = memory({ capacity: 2 })
    await begin(database, 'a', 'one', 'two')
    await begin(database, 'b', 'one', 'two')
    expect(await begin(database, 'a', 'one', 'two')).toMatchObject({ standing: { id: 'a' } })
    expect(
      await database.begin({
        policy,
        keys: ['one', 'two'],
        challenge: challenge('a'),
        replaces: 'digest-of-a',
      }),
    ).toMatchObject({ put: true })
    for (let count = 4; count < 9; count += 1) await begin(database, 'a', 'one', 'two')
    expect(await begin(database, 'c', 'one', 'two')).toMatchObject({ taken: { ok: false } })
  })

  it('S53 counts the log in which a success would forgive', async () => {
    const forgiving = { ...policy, forgiveness: { key: 2, max: 9, windowMs: 60_000 } }
    const guess = (database: ReturnType<typeof memory>, id: string) =>
      database.settle({
        policy: forgiving,
        keys: ['one', 'two', 'forgiven'],
        id,
        digests: [`digest-of-${id}`],
        mostUsed: 9,
        call: 'a-call',
      })
    const [full, roomy] = [memory({ capacity: 2 }), memory({ capacity: 3 })]
    for (const database of [full, roomy]) await begin(database, 'a', 'one', 'two')
    expect(await isFull(guess(full, 'a'))).toBe(true)
    expect(await full.get('a')).toMatchObject({ attemptsLeft: 3 })
    expect(await guess(roomy, 'a')).toMatchObject({ attempt: { outcome: 'verified' } })
  })

  it('S53 counts that log where it is all that would be added', async () => {
    const database = memory({ capacity: 1 })
    await database.put(challenge('a'))
    await database.take([{ key: 'one', max: 9, windowMs: 60_000 }])
    const guess = database.settle({
      policy: {
        limits: [policy.limits[0]],
        forgiveness: { key: 1, max: 9, windowMs: 60_000 },
      },
      keys: ['one', 'forgiven'],
      id: 'a',
      digests: [],
      mostUsed: 9,
      call: 'a-call',
    })
    expect(await isFull(guess)).toBe(true)
  })

  it('is not needed by a begin that may not put', async () => {
    const database = memory({ capacity: 2 })
    await begin(database, 'a', 'one', 'two')
    await begin(database, 'b', 'one', 'two')
    const begun = await database.begin({
      policy: { ...policy, mostUsed: 1 },
      keys: ['one', 'two'],
      challenge: challenge('c'),
    })
    expect(begun).toMatchObject({ taken: { ok: true }, standing: null, put: false })
  })

  it('is found behind what is alive, once what is dead goes', async () => {
    const clock = testClock()
    const database = memory({ capacity: 101, clock: clock.now })
    for (let count = 0; count < 100; count += 1) await database.put(challenge(`long ${count}`))
    await database.put({ ...challenge('short'), ttlMs: 1_000 })
    clock.advance(1_000)
    await database.put(challenge('next'))
    expect(await isFull(database.put(challenge('too many')))).toBe(true)
    expect(await database.get('next')).toMatchObject({ digest: 'digest-of-next' })
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d as one', (capacity) => {
    expect(() => memory({ capacity })).toThrow(
      new TypeError('otpkit: memory: option `capacity` must be a whole number of 1 or more'),
    )
  })
})

describe('the construction of memory', () => {
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  it('draws, reads and starts nothing, as edge runtimes ask of a module', async () => {
    const random = vi.spyOn(crypto, 'getRandomValues')
    const clock = vi.spyOn(performance, 'now')
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'setImmediate'] })
    const database = memory()
    expect(random).not.toHaveBeenCalled()
    expect(clock).not.toHaveBeenCalled()
    await database.refund(['one'], '1')
    await begin(database, 'a', 'one', 'two')
    expect(random).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses a clock that says %d', async (time) => {
    const database = memory({ clock: () => time })
    await expect(begin(database, 'a', 'one', 'two')).rejects.toThrow(
      new TypeError('otpkit: memory: option `clock` must return milliseconds'),
    )
  })

  it("S50 a step of the host's clock changes no life and no window", async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const database = memory()
    await begin(database, 'a', 'one', 'two')
    for (const stepMs of [3_600_000, -7_200_000]) {
      vi.setSystemTime(Date.now() + stepMs)
      expect((await database.get('a'))?.remainingMs).toBeGreaterThan(30_000)
      expect(await units(database, 'one', 'two')).toEqual([1, 1])
    }
  })
})
