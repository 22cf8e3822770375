import type { OtpDatabase } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { databaseConformance, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { brokenDatabaseLimits } from '../broken/database-limits'
import { brokenDatabases } from '../broken/databases'

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

describe('databaseConformance', () => {
  it('passes a sound database', async () => {
    for (const { run } of casesFor(sound)) await run()
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

  it.each([...brokenDatabases, ...brokenDatabaseLimits])(
    'finds out: $name',
    async ({ create, failedBy, saying }) => {
      expect(await failure(failedBy, create)).toMatch(saying)
    },
  )
})
