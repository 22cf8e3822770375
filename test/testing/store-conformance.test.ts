import type { OtpStore } from 'otpkit'
import { memoryStore } from 'otpkit/stores/memory'
import { storeConformance, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { brokenStores } from '../broken/stores'
import { onTable } from '../broken/table'

function casesFor(create: (clock: () => number) => OtpStore) {
  return storeConformance(async () => {
    const clock = testClock()
    return { store: create(clock.now), advance: clock.advance }
  })
}

/** What this case says of the store. */
async function failure(name: string, create: (clock: () => number) => OtpStore): Promise<string> {
  const found = casesFor(create).find((named) => named.name === name)
  if (found === undefined) return 'there is no such case'
  return found.run().then(() => 'it passes', String)
}

describe('storeConformance', () => {
  it('passes sound stores', async () => {
    for (const create of [(clock: () => number) => memoryStore({ clock }), onTable(() => ({}))]) {
      for (const { run } of casesFor(create)) await run()
    }
  })

  it('names every case once', () => {
    const names = casesFor(onTable(() => ({}))).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('closes what it was given, whether the case holds or not', async () => {
    for (const store of [memoryStore(), { ...memoryStore(), get: async () => null }]) {
      let open = 0
      const create = async () => {
        open += 1
        return {
          store,
          advance: () => {},
          close: async () => {
            open -= 1
          },
        }
      }
      for (const { run } of storeConformance(create)) await run().catch(() => {})
      expect(open).toBe(0)
    }
  })

  it.each(brokenStores)('finds out: $name', async ({ create, failedBy, saying }) => {
    expect(await failure(failedBy, create)).toMatch(saying)
  })
})
