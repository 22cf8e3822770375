import { storeConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { databases, type TestDatabase } from './sql-databases'

for (const [name, open] of Object.entries(databases)) {
  describe(`the SQL store on ${name}`, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await open()
    })
    afterAll(() => database.close())

    const cases = storeConformance(async () => {
      const clock = testClock()
      return { store: database.store({ clock: clock.now }), advance: clock.advance }
    })
    for (const { name, run } of cases) it(name, run)
  })
}
