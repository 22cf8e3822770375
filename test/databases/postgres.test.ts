import { postgres } from 'otpkit/databases/postgres'
import { databaseConformance, testClock } from 'otpkit/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openSchema } from './own-schema'
import { unbatched } from './unbatched'

// One schema and one clock for all cases, which share the tables: a sweep that one of them began may
// end in the next.

describe.each([
  ['a pool of pg', postgres],
  ['a pool of pg, every step alone', unbatched],
])('postgres, over %s', (_, make) => {
  let opened: Awaited<ReturnType<typeof openSchema>>
  const clock = testClock()
  beforeAll(async () => {
    opened = await openSchema()
  })
  afterAll(() => opened.close())

  const cases = databaseConformance(async () => ({
    database: make(opened.pool, { schema: opened.schema, clock: clock.now }),
    advance: clock.advance,
  }))
  for (const { name, run } of cases) it(name, run)
})

describe('postgres, over one client of pg, with columns of one’s own in its tables', () => {
  let opened: Awaited<ReturnType<typeof openSchema>>
  let client: pg.Client
  const clock = testClock()
  beforeAll(async () => {
    opened = await openSchema()
    const { pool, schema } = opened
    const added = 'ADD "made_at" timestamptz NOT NULL DEFAULT now(), ADD "note" text'
    await pool.query(`ALTER TABLE "${schema}".otpkit_challenges ${added}`)
    await pool.query(`ALTER TABLE "${schema}".otpkit_charges ${added}`)
    client = new pg.Client({ connectionString: opened.connectionString })
    await client.connect()
  })
  afterAll(async () => {
    await client.end()
    await opened.close()
  })

  const cases = databaseConformance(async () => ({
    database: postgres(client, { schema: opened.schema, clock: clock.now }),
    advance: clock.advance,
  }))
  for (const { name, run } of cases) it(name, run)
})
