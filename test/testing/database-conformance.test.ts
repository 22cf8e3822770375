import type { OtpDatabase } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { databaseConformance, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { turns } from '../../src/testing/conformance'
import { withSeed } from '../../src/testing/random'
import { brokenDatabaseCalls } from '../broken/database-calls'
import { brokenDatabaseLimits } from '../broken/database-limits'
import { brokenDatabases } from '../broken/databases'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
const random = 'a random course of calls is answered as the model answers it'
const sound = (clock: () => number) => memory({ clock })

function casesFor(create: (clock: () => number) => OtpDatabase, options?: { seed: number }) {
  return databaseConformance(async () => {
    const clock = testClock()
    return { database: create(clock.now), advance: clock.advance }
  }, options)
}

/** What this case says of the database. */
async function failure(
  name: string,
  create: (clock: () => number) => OtpDatabase,
  options?: { seed: number },
): Promise<string> {
  const found = casesFor(create, options).find((named) => named.name === name)
  if (found === undefined) return 'there is no such case'
  return found.run().then(() => 'it passes', String)
}

/** As over a network: each call arrives a random while later, and so does its answer. */
function overtaking(database: OtpDatabase, below: (bound: number) => number): OtpDatabase {
  const hop = () => turns(below(8))
  const later =
    <Input extends unknown[], Output>(call: (...input: Input) => Promise<Output>) =>
    async (...input: Input): Promise<Output> => {
      await hop()
      const output = await call(...input)
      await hop()
      return output
    }
  return {
    put: later(database.put),
    get: later(database.get),
    attempt: later(database.attempt),
    delete: later(database.delete),
    take: later(database.take),
    refund: later(database.refund),
    clear: later(database.clear),
    begin: later(database.begin),
    settle: later(database.settle),
  }
}

describe('databaseConformance', () => {
  it('passes a sound database', async () => {
    for (const { run } of casesFor(sound)) await run()
  })

  it('passes a sound database whose calls and answers overtake each other', async () => {
    await withSeed(seed, async (below) => {
      for (let round = 0; round < 5; round += 1) {
        const cases = casesFor((clock) => overtaking(memory({ clock }), below), { seed })
        for (const { run } of cases) await run()
      }
    })
  })

  it('names every case once', () => {
    const names = casesFor(sound).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('repeats a random course when it is given the seed that the failure named', async () => {
    for (const { create } of brokenDatabases.filter(({ name }) => /not charged$/.test(name))) {
      const first = await failure(random, create)
      const seed = Number(/\(seed (\d+)\)$/.exec(first)?.[1])
      // Ids and digests are drawn anew.
      const where = (text: string) => /in step \d+|after step \d+/.exec(text)?.[0]
      expect(where(await failure(random, create, { seed }))).toBe(where(first))
    }
  })

  it('closes what it was given, whether the case holds or not', async () => {
    for (const database of [memory(), { ...memory(), get: async () => null }]) {
      let open = 0
      const create = async () => {
        open += 1
        return {
          database,
          advance: () => {},
          close: async () => {
            open -= 1
          },
        }
      }
      for (const { run } of databaseConformance(create)) await run().catch(() => {})
      expect(open).toBe(0)
    }
  })

  it.each([...brokenDatabases, ...brokenDatabaseCalls, ...brokenDatabaseLimits])(
    'finds out: $name',
    async ({ create, failedBy, saying }) => {
      expect(await failure(failedBy, create)).toMatch(saying)
    },
  )
})
