import type { OtpDatabase, Policy } from 'otpkit'
import { expect } from 'vitest'
import { ownName } from '../servers/shared'

const hourMs = 3_600_000

const guessing: Policy = {
  limits: [
    { key: 0, max: 100, windowMs: hourMs },
    { key: 1, max: 60, windowMs: hourMs },
  ],
  forgiveness: { key: 2, max: 10, windowMs: hourMs },
}

const messaging: Policy = {
  limits: [
    { key: 0, max: 100, windowMs: hourMs, cost: 0, refuses: true },
    { key: 1, max: 3, windowMs: hourMs },
    { key: 1, max: 1, windowMs: hourMs, from: 50 },
    { key: 2, max: 300, windowMs: hourMs, plus: { key: 0, times: 2, windowMs: hourMs } },
  ],
  mostUsed: 5,
}

/** Every operation of a database with every outcome, each checked. */
export async function everyOperation(database: OtpDatabase): Promise<void> {
  const name = ownName('person')
  const [ledger, messages, address, forgiven] = ['f', 'm', 'v', 'g'].map((kind) => kind + name)
  const keys = [ledger ?? '', address ?? '', forgiven ?? '']
  const challenge = { id: name, digest: 'right', attempts: 5, ttlMs: 60_000, data: 'data' }
  const beginning = {
    policy: messaging,
    keys: [ledger ?? '', messages ?? '', address ?? ''],
    challenge,
  }
  const settle = async (digest: string, call: string, mostUsed = 50) => {
    const submission = { policy: guessing, keys, id: name, digests: [digest], mostUsed, call }
    const { taken, attempt } = await database.settle(submission)
    return [attempt?.outcome, ...taken.used]
  }

  expect(await database.begin(beginning)).toMatchObject({
    taken: { ok: true, used: [0, 1, 1, 1] },
    standing: null,
    put: true,
  })
  expect(await database.begin(beginning)).toMatchObject({
    taken: { ok: true, used: [0, 2, 2, 2] },
    standing: { id: name, digest: 'right', attempts: 5, attemptsLeft: 5, data: 'data' },
    put: false,
  })
  expect(await database.begin({ ...beginning, replaces: 'right' })).toMatchObject({ put: true })
  expect(await database.begin(beginning)).toMatchObject({ taken: { ok: false, index: 1 } })
  expect(await settle('wrong', 'one')).toEqual(['incorrect', 1, 4])
  expect(await settle('wrong', 'two', 1)).toEqual(['gone', 1, 5])
  expect(await settle('right', 'three')).toEqual(['verified', 1, 6])
  expect(await settle('right', 'three')).toEqual(['verified', 0, 6])
  expect(await settle('right', 'four')).toEqual(['used', 0, 7])
  expect(await settle('wrong', 'five')).toEqual(['gone', 0, 8])
  expect(await database.get(name)).toMatchObject({ attempts: 5, attemptsLeft: 0, used: true })
  await database.delete(name, 'right')
  expect(await database.get(name)).toBeNull()

  await database.put(challenge)
  expect(await database.attempt(name, ['wrong'])).toMatchObject({
    outcome: 'incorrect',
    attemptsLeft: 4,
  })
  expect(await database.attempt(name, ['wrong', 'right'])).toMatchObject({
    outcome: 'verified',
    attemptsUsed: 2,
  })
  expect(await database.attempt(name, ['right'])).toEqual({ outcome: 'used' })

  const limit = { key: `t${name}`, max: 400, windowMs: hourMs }
  for (const _ of [1, 2, 3]) await database.take([{ ...limit, cost: 60 }])
  const taken = await database.take([limit])
  expect(taken.used).toEqual([181])
  if (taken.ok) await database.refund([limit.key], taken.charge)
  await database.clear([limit.key], 1)
  expect((await database.take([{ ...limit, cost: 0 }])).used).toEqual([120])
  expect(await database.take([{ ...limit, cost: 300 }])).toMatchObject({ ok: false, index: 0 })
  await database.clear([limit.key])
  expect((await database.take([{ ...limit, cost: 0 }])).used).toEqual([0])
}
