import { type OtpDatabase, OtpManager, type Policy } from 'otpkit'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { secret } from '../fixture'
import { createModel } from '../model/database'
import { createWorld } from '../model/world'

const minute = 60_000
const day = 1_440 * minute

/** What the logs of a kind are about, by the first character of their keys. */
const kinds = {
  f: 'failures of a recipient',
  m: 'messages to a recipient',
  c: 'messages of a challenge',
  i: 'messages of an address',
  j: 'messages of a network',
  v: 'guesses of an address',
  w: 'guesses of a network',
} as const
const kindOf = new Map<string, string>(Object.entries(kinds))

/** A database that tells how many challenges and logs it was made to keep, and for how long. */
function counting() {
  const model = createModel(createWorld(1))
  const keys = new Set<string>()
  const ids = new Set<string>()
  const longestMs = new Map<string, number>()
  const note = ({ limits }: Policy, called: readonly string[]) => {
    for (const { key, windowMs } of limits) {
      const name = called[key] ?? ''
      keys.add(name)
      longestMs.set(name, Math.max(longestMs.get(name) ?? 0, windowMs))
    }
  }
  const database: OtpDatabase = {
    ...model.database,
    begin: async (beginning) => {
      note(beginning.policy, beginning.keys)
      const begun = await model.database.begin(beginning)
      if (begun.put) ids.add(beginning.challenge.id)
      return begun
    },
    settle: (submission) => {
      note(submission.policy, submission.keys)
      return model.database.settle(submission)
    },
  }
  /** Logs and charges of each kind that are not empty, and for how long they are kept. */
  const kept = () => {
    const counts: Record<string, { logs: number; charges: number; forMs: number }> = {}
    for (const key of keys) {
      const charges = model.units(key)
      if (charges === 0) continue
      const kind = kindOf.get(key.charAt(0)) ?? key
      const { logs, charges: before, forMs } = counts[kind] ?? { logs: 0, charges: 0, forMs: 0 }
      counts[kind] = {
        logs: logs + 1,
        charges: before + charges,
        forMs: Math.max(forMs, longestMs.get(key) ?? 0),
      }
    }
    return { challenges: ids.size, logs: counts }
  }
  return { database, kept }
}

/** A minute of a stranger's, who asks for codes of ever new numbers and guesses at each of them. */
async function minuteOf(addresses: readonly string[], isGuessing: 'at codes' | 'at nothing') {
  const { database, kept } = counting()
  const otp = new OtpManager({
    database,
    secret,
    deliveries: { sms: capturedDelivery({ reaches: ['phone'] }) },
    countries: ['IN'],
    purposes: ['login'],
  })
  for (let number = 0; number < 120; number += 1) {
    const ip = addresses[number % addresses.length] ?? null
    const to = `+9198765${String(43_210 + number)}`
    if (isGuessing === 'at codes') {
      await otp.send({ to, channel: 'sms', purpose: 'login', ip, deliver: false })
    }
    for (const code of ['000000', '000001', '000002']) {
      await otp.verify({ to, purpose: 'login', code, ip })
    }
  }
  return kept()
}

const subnets = (count: number) =>
  Array.from({ length: count }, (_, subnet) => `2001:db8:aaaa:${subnet.toString(16)}::1`)

describe('what a stranger can make a server keep in a minute', () => {
  it('from one address: 5 challenges, 5 ledgers for 180 days, 5 logs for a day', async () => {
    expect(await minuteOf(['203.0.113.7'], 'at codes')).toEqual({
      challenges: 5,
      logs: {
        [kinds.f]: { logs: 5, charges: 15, forMs: 180 * day },
        [kinds.m]: { logs: 5, charges: 5, forMs: day },
        [kinds.i]: { logs: 1, charges: 5, forMs: minute },
        [kinds.v]: { logs: 1, charges: 30, forMs: minute },
      },
    })
  })

  it('from one /64 of IPv6: the same, and two logs of its /48 for a minute', async () => {
    const { challenges, logs } = await minuteOf(subnets(1), 'at codes')
    expect(challenges).toBe(5)
    expect(logs).toMatchObject({
      [kinds.f]: { logs: 5, charges: 15 },
      [kinds.m]: { logs: 5 },
      [kinds.j]: { logs: 1, charges: 5, forMs: minute },
      [kinds.w]: { logs: 1, charges: 30, forMs: minute },
    })
  })

  it('from a /48 of IPv6, however many /64 it has: ten times as much', async () => {
    const { challenges, logs } = await minuteOf(subnets(120), 'at codes')
    expect(challenges).toBe(50)
    expect(logs).toMatchObject({
      [kinds.f]: { logs: 50, charges: 150, forMs: 180 * day },
      [kinds.m]: { logs: 50, charges: 50, forMs: day },
      [kinds.i]: { logs: 50, charges: 50, forMs: minute },
      [kinds.j]: { logs: 1, charges: 50, forMs: minute },
      [kinds.v]: { logs: 100, charges: 300, forMs: minute },
      [kinds.w]: { logs: 1, charges: 300, forMs: minute },
    })
  })

  it('by guesses at nothing: the logs of the addresses alone, for a minute', async () => {
    expect(await minuteOf(['203.0.113.7'], 'at nothing')).toEqual({
      challenges: 0,
      logs: { [kinds.v]: { logs: 1, charges: 30, forMs: minute } },
    })
    expect(await minuteOf(subnets(120), 'at nothing')).toEqual({
      challenges: 0,
      logs: {
        [kinds.v]: { logs: 100, charges: 300, forMs: minute },
        [kinds.w]: { logs: 1, charges: 300, forMs: minute },
      },
    })
  })
})
