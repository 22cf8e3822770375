import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findContradiction } from '../processes/checker'
import { expectSound } from '../processes/expect-sound'
import { hammer } from '../processes/hammer'
import { limiterModel, storeModel } from '../processes/models'
import { openMariadb, openPostgres, openSqliteFile } from '../stores/sql-databases'

const module = fileURLToPath(new URL('../processes/sql-subject.ts', import.meta.url))
const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)

/** What four processes see on an empty database. */
async function histories(
  subject: string,
  open: () => Promise<Opened>,
  calls: number,
  requests: number,
) {
  const { url, space = '', close } = await open()
  try {
    return await hammer({ module, subject, url, space, seed, calls, requests })
  } finally {
    await close()
  }
}

interface Opened {
  readonly url: string
  readonly space?: string
  close(): Promise<void>
}

async function postgres(): Promise<Opened> {
  const { connectionString, schema, close } = await openPostgres()
  return { url: connectionString, space: schema, close }
}

async function mariadb(): Promise<Opened> {
  const { uri, close } = await openMariadb()
  return { url: uri, close }
}

async function sqlite(): Promise<Opened> {
  const { path, close } = await openSqliteFile()
  return { url: path, close }
}

const answered = ({ outcome }: { readonly outcome?: unknown }) => outcome !== undefined

describe(`four processes on one SQL database (seed ${seed})`, () => {
  it.each([
    ['postgres', postgres, 1_000, 400],
    ['postgresAlone', postgres, 500, 300],
    ['mariadb', mariadb, 1_000, 300],
    ['sqlite', sqlite, 1_500, 400],
  ] as const)(
    'S43 every answer of %s, and of a manager over it, agrees with one order of all calls',
    async (subject, open, calls, requests) => {
      expectSound(await histories(subject, open, calls, requests), calls, requests)
    },
  )

  it.each(['selectThenUpdate', 'compareThenCharge'])(
    'the histories of %s, and of a locked read then an upsert, are rejected',
    async (subject) => {
      const { store, limiter } = await histories(subject, postgres, 1_000, 0)
      expect(findContradiction(store, storeModel)).toMatch(/no order of its \d+ calls agrees$/)
      // What the limiter refused to do has not happened.
      const carriedOut = limiter.filter(answered)
      expect(findContradiction(carriedOut, limiterModel)).toMatch(
        /no order of its \d+ calls agrees$/,
      )
    },
  )
})
