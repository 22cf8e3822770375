import type { OtpDatabase } from 'otpkit'
import { describe, expect, it } from 'vitest'
import { joined } from '../../src/core/joined'
import { type BrokenDatabase, brokenDatabases } from '../broken/database-clients'
import { memoryDatabase, memoryPair, type PlaceKind } from './places'
import { promisesOver } from './promises'

/** Managers over the same places, but through a client that is broken. */
function through(kind: PlaceKind, { change }: BrokenDatabase): PlaceKind {
  return {
    ...kind,
    client: (places) => {
      const onFault = async () => {}
      const far: OtpDatabase = places.database ?? joined({ ...places, onFault })
      return { database: { ...far, ...change(far) } }
    },
  }
}

const kinds = [memoryDatabase, memoryPair]
// The same orders in every run: a subject that is broken must not slip through by luck.
const seed = Number(process.env.OTPKIT_SEED ?? 7)

describe(`what managers promise (OTPKIT_SEED=${seed})`, () => {
  it.each(
    brokenDatabases.flatMap((broken) =>
      Object.entries(broken.breaks).map(([promise, saying]) => ({ broken, promise, saying })),
    ),
  )('is broken by $broken.name: $promise', async ({ broken, promise, saying }) => {
    const kind = kinds.find((place) => promise in promisesOver(place)) ?? memoryDatabase
    const check = promisesOver(kind)[promise]
    const failure = check?.({ kind: through(kind, broken), seed })
    await expect(failure).rejects.toThrow(saying)
  })

  it('is broken in each of its parts by somebody', () => {
    const promises = new Set(kinds.flatMap((kind) => Object.keys(promisesOver(kind))))
    const broken = new Set(brokenDatabases.flatMap(({ breaks }) => Object.keys(breaks)))
    expect([...broken].sort()).toEqual([...promises].sort())
  })
})
