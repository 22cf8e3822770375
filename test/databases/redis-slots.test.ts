import type { Policy } from 'otpkit'
import { redis } from 'otpkit/databases/redis'
import { testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPerson, newSubmission } from '../../src/testing/database-samples'
import { opaque } from '../../src/testing/random'
import { startRedis } from '../servers/redis'
import { connectIoRedis } from '../servers/redis-clients'
import type { TestServer } from '../servers/server'
import { ownName } from '../servers/shared'

const minute = 60_000
/** A ledger, messages, an address and a budget for everybody, in three slots. */
const policy: Policy = {
  limits: [
    { key: 0, max: 9, windowMs: 10 * minute },
    { key: 1, max: 2, windowMs: 3 * minute },
    { key: 2, max: 2, windowMs: minute },
    { key: 3, max: 2, windowMs: 2 * minute },
    { key: 1, max: 5, windowMs: 5 * minute },
  ],
}

describe('redis over several slots of a cluster', () => {
  // A server of its own: a script that another test made the shared one forget is sent twice.
  let server: TestServer
  let connection: Awaited<ReturnType<typeof connectIoRedis>>
  beforeAll(async () => {
    server = await startRedis()
    connection = await connectIoRedis(server.url)
  })
  afterAll(async () => {
    await connection.close()
    await server.stop()
  })

  // One server behind what looks like a cluster client: what is sent, and what fails, is seen.
  function fresh() {
    const { client } = connection
    const sent: string[][] = []
    const fault = new Error('Connection is closed.')
    let failing: { slot: string; when: 'before' | 'after'; skip: number } | undefined
    const failsNow = (slot: string, when: 'before' | 'after') => {
      if (failing?.slot !== slot || failing.when !== when) return false
      const { skip } = failing
      failing = skip > 0 ? { ...failing, skip: skip - 1 } : undefined
      return skip === 0
    }
    const call =
      (method: 'eval' | 'evalsha') =>
      async (text: string, count: number, ...rest: string[]) => {
        const slots = rest.slice(0, count).map((key) => /\{(.*)\}/.exec(key)?.[1] ?? '')
        const [slot = ''] = slots
        expect(slots.every((other) => other === slot)).toBe(true)
        sent.push([slot, ...rest.slice(count)])
        if (failsNow(slot, 'before')) throw fault
        const reply = await client[method](text, count, ...rest)
        if (failsNow(slot, 'after')) throw fault
        return reply
      }
    const clock = testClock()
    const clusterClient = { isCluster: true, eval: call('eval'), evalsha: call('evalsha') }
    const database = redis(clusterClient, { prefix: ownName('slots'), clock: clock.now })
    const person = newPerson()
    const tail = person.key('').slice(-22)
    const keys = [person.key('f'), person.key('m'), 'iAddress', 'bEverybody']
    const challenge = person.challenge()
    const units = async () => {
      const looks = keys.map((key) => ({ key, max: 9, windowMs: 10 * minute, cost: 0 }))
      return (await database.take(looks)).used
    }
    const begin = () => database.begin({ policy, keys, challenge: person.challenge() })
    const settle = (digest: string, call = opaque()) =>
      database.settle(newSubmission(person, challenge, { policy, keys, digests: [digest], call }))
    /** The slots that a call has asked, those of one round trip together. */
    const slotsOf = async (asked: () => Promise<unknown>) => {
      await asked()
      sent.length = 0
      const result = await asked()
      return { result, slots: sent.map(([slot]) => (slot === tail ? 'person' : slot)) }
    }
    const fill = async (key: string, times: number) => {
      for (let count = 0; count < times; count += 1) {
        await database.take([{ key, max: 9, windowMs: 10 * minute }])
      }
    }
    return {
      ...{ database, person, keys, challenge, clock, sent, fault, units, begin, settle, fill },
      slotsOf,
      /** A next script of this slot is a fault, before it runs or once it has. */
      failNext: (slot: string, when: 'before' | 'after', skip = 0) => {
        failing = { slot, when, skip }
      },
      tail,
    }
  }

  it("charges what is not the recipient's first, and the recipient's with the challenge", async () => {
    const { slotsOf, begin, settle, units, challenge, database, clock } = fresh()
    expect((await slotsOf(begin)).slots).toEqual(['Address', 'Everybody', 'person'])
    expect(await units()).toEqual([2, 2, 2, 2])
    clock.advance(3 * minute)
    await database.put(challenge)
    const { result, slots } = await slotsOf(() => settle(opaque()))
    expect(slots).toEqual(['Address', 'Everybody', 'person'])
    expect(result).toMatchObject({
      taken: { ok: true, used: [4, 2, 2, 2, 4] },
      attempt: { outcome: 'incorrect', attemptsLeft: 1 },
    })
  })

  it('answers as one step would: used and the wait, in the order of the limits', async () => {
    const { begin, clock } = fresh()
    expect(await begin()).toMatchObject({
      taken: { ok: true, used: [1, 1, 1, 1, 1], retryAfterMs: 0 },
    })
    clock.advance(1_000)
    expect(await begin()).toMatchObject({
      taken: { ok: true, used: [2, 2, 2, 2, 2], retryAfterMs: 3 * minute - 1_000 },
    })
    expect(await begin()).toEqual({
      taken: { ok: false, index: 1, retryAfterMs: 3 * minute - 1_000, used: [2, 2, 2, 2, 2] },
      standing: null,
      put: false,
    })
    clock.advance(minute)
    expect(await begin()).toMatchObject({
      taken: { ok: false, index: 1, retryAfterMs: 2 * minute - 1_000, used: [2, 2, 0, 2, 2] },
    })
  })

  it.each([
    ['the recipient refuses', { m: 2 }, 1, 180_000],
    ['an address refuses', { i: 2 }, 2, 60_000],
    ['an address and the budget refuse', { i: 2, b: 2 }, 3, 120_000],
    ['all refuse', { m: 2, i: 2, b: 2 }, 1, 180_000],
  ] as const)('charges all or none: %s', async (_, filled, index, retryAfterMs) => {
    const { database, begin, settle, fill, keys, units, challenge } = fresh()
    await database.put(challenge)
    const full = keys.map(
      (key) => Object.entries(filled).find(([letter]) => key[0] === letter)?.[1] ?? 0,
    )
    for (const [place, key] of keys.entries()) await fill(key, full[place] ?? 0)
    const used = [...full, full[1]]
    const refused = { ok: false, index, retryAfterMs, used }
    expect(await begin()).toEqual({ taken: refused, standing: null, put: false })
    expect(await settle(challenge.digest)).toEqual({ taken: refused })
    expect(await units()).toEqual(full)
    expect(await database.get(challenge.id)).toMatchObject({ attemptsLeft: 3 })
  })

  it("only asks the recipient's after a refusal, while it gives back the others'", async () => {
    const { database, settle, fill, slotsOf, sent, challenge, tail } = fresh()
    await database.put(challenge)
    await fill('iAddress', 2)
    const { slots } = await slotsOf(() => settle(challenge.digest))
    expect(slots.slice(0, 2)).toEqual(['Address', 'Everybody'])
    expect(slots.slice(2).sort()).toEqual(['Everybody', 'person'])
    // No name for a charge: nothing can be charged.
    expect(sent.find(([slot]) => slot === tail)?.[2]).toBe('')
  })

  it('charges nothing, and gives nothing back, where the gate refuses', async () => {
    const { database, person, keys, fill, sent, units, tail } = fresh()
    const gated = { ...policy, gate: 3 }
    const begin = () =>
      database.begin({ policy: gated, keys, challenge: person.challenge(), costs: [1, 1, 1, 1] })
    await fill('iAddress', 1)
    await fill('bEverybody', 2)
    sent.length = 0
    expect((await begin()).taken).toEqual({
      ...{ ok: false, index: 3, retryAfterMs: 2 * minute },
      used: [0, 0, 1, 2, 0],
    })
    expect(sent.map(([slot]) => slot)).toEqual(['Everybody', 'Address', tail])
    // The names of charges, of which there is one.
    expect(sent.map(([, , charge]) => charge === '')).toEqual([false, true, true])
    expect(await units()).toEqual([0, 0, 1, 2])
  })

  it('answers a call again from a full address, and gives back what that was charged', async () => {
    const { database, settle, fill, units, challenge } = fresh()
    await database.put(challenge)
    const verified = { outcome: 'verified', attemptsUsed: 1, remainingMs: challenge.ttlMs }
    expect((await settle(challenge.digest, 'a-call')).attempt).toMatchObject(verified)
    expect(await settle(challenge.digest, 'a-call')).toMatchObject({
      taken: { ok: true, used: [0, 1, 1, 1, 1] },
      attempt: verified,
    })
    await fill('iAddress', 1)
    expect(await settle(challenge.digest, 'a-call')).toMatchObject({
      taken: { ok: true, used: [0, 1, 2, 1, 1] },
      attempt: verified,
    })
    expect(await units()).toEqual([0, 1, 2, 1])
    expect(await settle(challenge.digest)).toMatchObject({ taken: { ok: false, index: 2 } })
  })

  it('keeps a repeated success though nothing can be given back', async () => {
    const { database, settle, challenge, failNext, units } = fresh()
    await database.put(challenge)
    await settle(challenge.digest, 'a-call')
    // What charges it passes, what gives it back does not.
    failNext('Address', 'before', 1)
    expect((await settle(challenge.digest, 'a-call')).attempt?.outcome).toBe('verified')
    expect(await units()).toEqual([0, 1, 2, 1])
    // Now the address is full, and what the budget was charged is given back.
    failNext('Everybody', 'before', 1)
    expect((await settle(challenge.digest, 'a-call')).attempt?.outcome).toBe('verified')
    expect(await units()).toEqual([0, 1, 2, 2])
    expect((await settle(challenge.digest)).taken.ok).toBe(false)
  })

  it.each(['before', 'after'] as const)(
    "gives back what was charged before a fault (%s the script) that came before the recipient's",
    async (when) => {
      const { database, begin, settle, challenge, failNext, fault, units, sent, tail } = fresh()
      await database.put(challenge)
      await begin()
      for (const call of [begin, () => settle(challenge.digest)]) {
        const before = await units()
        sent.length = 0
        failNext('Everybody', when)
        await expect(call()).rejects.toBe(fault)
        expect(sent.map(([slot]) => slot)).not.toContain(tail)
        expect(await units()).toEqual(before)
      }
      expect((await settle(challenge.digest)).attempt?.outcome).toBe('verified')
    },
  )

  it("S46 leaves the charges after a fault of the recipient's, which may have been carried out", async () => {
    const { database, settle, challenge, failNext, fault, units, tail } = fresh()
    await database.put(challenge)
    failNext(tail, 'after')
    await expect(settle(opaque())).rejects.toBe(fault)
    expect(await units()).toEqual([1, 1, 1, 1])
    expect(await database.get(challenge.id)).toMatchObject({ attemptsLeft: 2 })
  })

  it('refuses policies that one step could not decide', async () => {
    const { database, keys, person } = fresh()
    const window = { max: 9, windowMs: minute }
    const apart: readonly Policy[] = [
      {
        limits: [
          { key: 0, ...window },
          { key: 2, ...window, from: 1 },
        ],
      },
      { limits: [{ key: 0, ...window, plus: { key: 2, times: 1, windowMs: minute } }] },
      { limits: [{ key: 0, ...window }], forgiveness: { key: 3, ...window } },
    ]
    for (const wrong of apart) {
      const beginning = { policy: wrong, keys, challenge: person.challenge() }
      await expect(database.begin(beginning)).rejects.toThrow(
        new TypeError('`from`, `plus` and `forgiveness` need keys of the same subject'),
      )
    }
    const missing: Policy = {
      limits: [
        { key: 0, ...window },
        { key: 4, ...window },
      ],
    }
    await expect(
      database.begin({ policy: missing, keys, challenge: person.challenge() }),
    ).rejects.toThrow(new TypeError('a policy names a key that its call does not bring'))
  })
})
