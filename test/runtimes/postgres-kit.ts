import { postgres } from 'otpkit/databases/postgres'
import { databaseConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openSchema } from '../databases/own-schema'

describe('a pool of pg', () => {
  let opened: Awaited<ReturnType<typeof openSchema>>
  const clock = testClock()
  beforeAll(async () => {
    // A worker opens six connections at once, and no more.
    opened = await openSchema({ max: 5 })
  })
  afterAll(() => opened.close())

  const cases = databaseConformance(async () => ({
    database: postgres(opened.pool, { schema: opened.schema, clock: clock.now }),
    advance: clock.advance,
  }))
  for (const { name, run } of cases) it(name, run)
})
