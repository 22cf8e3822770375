import type { History } from 'otpkit'
import { postgresHistory, sweep } from 'otpkit/histories/postgres'
import { redisHistory } from 'otpkit/histories/redis'
import { memoryHistoryPlace } from 'otpkit/internal/history/memory'
import { historyIn } from 'otpkit/internal/history/recorder'
import { historySettings } from 'otpkit/internal/history/settings'
import { testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectNodeRedis } from '../servers/redis-clients'
import { ownName, redisUrl } from '../servers/shared'
import { openHistories } from './own-schema'

const day = 86_400_000

let opened: Awaited<ReturnType<typeof openHistories>>
let redis: Awaited<ReturnType<typeof connectNodeRedis>>
beforeAll(async () => {
  opened = await openHistories()
  redis = await connectNodeRedis(await redisUrl())
})
afterAll(async () => {
  await opened.close()
  await redis.close()
})

async function expired(history: History, at: number): Promise<number | undefined> {
  const range = { from: at - day, to: at + day, resolution: 'day' } as const
  const [row] = await history.counts({ ...range, where: { type: 'expired' } })
  return row?.count
}

describe('a batch whose answer was lost', () => {
  it('is not added twice by PostgreSQL', async () => {
    const schema = await opened.schema()
    let losses = 0
    const client = {
      query: async (text: string, values?: (string | number | null)[]) => {
        const answer = await opened.pool.query(text, values)
        if (/history_write/.test(text) && losses < 2) {
          losses += 1
          throw new Error('connection lost')
        }
        return answer
      },
    }
    const { now } = testClock()
    const history = postgresHistory(client, { schema, clock: now })
    history.record({ type: 'expired', at: now() })
    await expect(history.flush()).rejects.toThrow('connection lost')
    history.record({ type: 'expired', at: now() })
    await expect(history.flush()).rejects.toThrow('connection lost')
    await history.flush()
    expect(losses).toBe(2)
    expect(await expired(history, now())).toBe(2)
    expect(await history.events()).toHaveLength(2)
  })

  it('is not added twice by Redis', async () => {
    let losses = 0
    const lose = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
      const found = await answer
      if (String(found) === 'written' && losses < 1) {
        losses += 1
        throw new Error('connection lost')
      }
      return found
    }
    type Run = { keys: string[]; arguments: string[] }
    const client = {
      eval: (script: string, run: Run) => lose(redis.client.eval(script, run)),
      evalSha: (sha1: string, run: Run) => lose(redis.client.evalSha(sha1, run)),
    }
    const { now } = testClock(Date.now())
    const history = redisHistory(client, { prefix: ownName('lost'), clock: now })
    history.record({ type: 'expired', at: now() })
    await expect(history.flush()).rejects.toThrow('connection lost')
    await history.flush()
    expect(losses).toBe(1)
    expect(await expired(history, now())).toBe(1)
  })
})

describe('a place that fails', () => {
  it('is no matter of whoever records, and gets all that was kept meanwhile', async () => {
    const { now } = testClock()
    const settings = historySettings('history', { clock: now })
    const place = memoryHistoryPlace(100, settings.retention)
    let isDown = true
    const history = historyIn(
      {
        ...place,
        write: async (batch) => {
          if (isDown) throw new Error('down')
          return place.write(batch)
        },
      },
      settings,
    )
    for (let index = 0; index < 12_000; index += 1) history.record({ type: 'expired', at: now() })
    await expect(history.flush()).rejects.toThrow('down')
    await expect(history.counts({ from: 0, to: now(), resolution: 'day' })).rejects.toThrow('down')
    isDown = false
    await history.flush()
    const rows = await history.counts({ from: 0, to: now(), resolution: 'day', by: ['type'] })
    const counted = Object.fromEntries(rows.map(({ type, count }) => [type, count]))
    expect(Object.keys(counted).sort()).toEqual(['dropped', 'expired'])
    expect(Number(counted.expired) + Number(counted.dropped)).toBe(12_000)
  })

  it('says that migrate is missing', async () => {
    const history = postgresHistory(opened.pool, { prefix: 'nobody_' })
    history.record({ type: 'expired' })
    await expect(history.flush()).rejects.toThrow('run migrate')
  })
})

describe('what is kept no longer', () => {
  it('goes from PostgreSQL with a sweep, and a late receipt does not begin it anew', async () => {
    const schema = await opened.schema()
    const clock = testClock(Date.now() - 10 * day)
    const history = postgresHistory(opened.pool, { schema, clock: clock.now })
    const sentAt = clock.now()
    const message = { messageKey: 'key', provider: 'acme' }
    history.record({ type: 'sent', at: sentAt, ...{ ...message, delivery: 'accepted' } })
    await history.flush()
    // Minutes, and the join, are past their end by now.
    expect(await sweep(opened.pool, { schema })).toBe(3)
    clock.advance(10 * day)
    history.record({ type: 'receipt', at: sentAt, ...{ ...message, status: 'delivered' } })
    await history.flush()
    const query = { from: sentAt - day, to: sentAt + day, by: ['type'] } as const
    expect(await history.counts({ ...query, resolution: 'minute' })).toEqual([])
    expect(await history.counts({ ...query, resolution: 'day' })).toHaveLength(2)
  })
})
