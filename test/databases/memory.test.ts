import { memory } from 'otpkit/databases/memory'
import { databaseConformance, testClock } from 'otpkit/testing'
import { describe, it } from 'vitest'

describe('memory', () => {
  const cases = databaseConformance(async () => {
    const clock = testClock()
    return { database: memory({ clock: clock.now }), advance: clock.advance }
  })
  for (const { name, run } of cases) it(name, run)
})
