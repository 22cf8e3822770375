import { postgresHistory } from 'otpkit/histories/postgres'
import { historyConformance, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openHistories } from './own-schema'

describe('postgresHistory', () => {
  let opened: Awaited<ReturnType<typeof openHistories>>
  beforeAll(async () => {
    opened = await openHistories()
  })
  afterAll(() => opened.close())

  const cases = historyConformance(async () => {
    const { now } = testClock()
    const options = { schema: await opened.schema(), clock: now }
    const open = () => postgresHistory(opened.pool, options)
    return { history: open(), other: open(), now }
  })
  for (const { name, run } of cases) it(name, run)
})
