import { memoryHistory } from 'otpkit/histories/memory'
import { historyConformance, testClock } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'

describe('memoryHistory', () => {
  const cases = historyConformance(async () => {
    const { now } = testClock()
    const history = memoryHistory({ clock: now })
    return { history, other: history, now }
  })
  for (const { name, run } of cases) it(name, run)
})

describe('what is no fingerprint', () => {
  it.each(['', undefined, null, 5])('%j removes nothing, and is told so', async (odd) => {
    const { now } = testClock()
    const history = memoryHistory({ clock: now })
    history.record({ type: 'fault', at: now() })
    const text = 'otpkit: forget: `fingerprint` must be that of a recipient'
    await expect(history.forget(odd as never)).rejects.toThrow(text)
    expect(await history.events()).toHaveLength(1)
  })
})

it.each([{ by: 'type' }, { where: { type: 5 } }, { where: { type: ['sent', null] } }])(
  'counts of %j are a TypeError that says so',
  async (odd) => {
    const query = { from: 0, to: 1, resolution: 'day', ...odd }
    const [name] = Object.keys(odd)
    const counted = memoryHistory().counts(query as never)
    await expect(counted).rejects.toThrow(`otpkit: counts: \`${name}\` must`)
  },
)
