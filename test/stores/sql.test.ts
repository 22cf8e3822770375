import { storeConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { databases, type TestDatabase } from './sql-databases'

for (const [name, open] of Object.entries(databases)) {
  describe(`the SQL store on ${name}`, () => {
    let database: TestDatabase
    // One for all cases, which share the tables: a sweep that one of them began may end in the next.
    const clock = testClock()
    beforeAll(async () => {
      database = await open()
    })
    afterAll(() => database.close())

    const cases = storeConformance(async () => ({
      store: database.store({ clock: clock.now }),
      advance: clock.advance,
    }))
    for (const { name, run } of cases) it(name, run)
  })
}
