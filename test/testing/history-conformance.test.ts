import type { History } from 'otpkit'
import { historyConformance, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { brokenHistories, onPlace } from '../broken/histories'

type Create = (clock: () => number) => readonly [History, History]

function casesFor(create: Create) {
  return historyConformance(async () => {
    const { now } = testClock()
    const [history, other] = create(now)
    return { history, other, now }
  })
}

/** What this case says of the history. */
async function failure(name: string, create: Create): Promise<string> {
  const found = casesFor(create).find((named) => named.name === name)
  if (found === undefined) return 'there is no such case'
  return found.run().then(() => 'it passes', String)
}

describe('historyConformance', () => {
  it('passes two sound histories of one place', async () => {
    for (const { run } of casesFor(onPlace(() => ({})))) await run()
  })

  it('names every case once', () => {
    const names = casesFor(onPlace(() => ({}))).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(brokenHistories)('finds out: $name', async ({ create, failedBy, saying }) => {
    expect(await failure(failedBy, create)).toMatch(saying)
  })
})
