import { memoryHistory } from 'otpkit/histories/memory'
import { historyConformance, testClock } from 'otpkit/testing'
import { describe, it } from 'vitest'

describe('memoryHistory', () => {
  const cases = historyConformance(async () => {
    const { now } = testClock()
    const history = memoryHistory({ clock: now })
    return { history, other: history, now }
  })
  for (const { name, run } of cases) it(name, run)
})
