import { postgresHistory } from 'otpkit/histories/postgres'
import { expect, it } from 'vitest'
import { fillHistory, pageQueries } from '../../bench/history-fill'
import { openHistories } from './own-schema'

it('every query of a page reads 200,000 rows by an index, and none of its writes reads all', async () => {
  const opened = await openHistories()
  const plans: string[] = []
  try {
    const { pool } = opened
    const schema = await opened.schema()
    const now = Date.now()
    await fillHistory(pool, schema, 200_000, now)
    const spy = {
      query: async (text: string, values: (string | number | null)[] = []) => {
        const { rows } = await pool.query(`EXPLAIN ${text}`, values)
        plans.push(rows.map((row) => String(row['QUERY PLAN'])).join('\n'))
        return pool.query(text, values)
      },
    }
    const history = postgresHistory(spy, { schema })
    for (const [, query] of pageQueries) {
      const wanted = query(now)
      const from = Math.max(wanted.from, now - 24 * 3_600_000)
      await history.counts({ ...wanted, from })
    }
    expect(await history.events()).toHaveLength(200)
    expect(await history.events({ fingerprint: 'person-7' })).toHaveLength(20)
    expect(await history.events({ fingerprint: 'person-7', before: now - 86_400_000 })).not.toEqual(
      [],
    )
    expect(await history.events({ type: ['spend', 'suspected'] })).toMatchObject([
      { type: 'spend' },
    ])
    expect(plans.at(-1)).toMatch(/Index Scan (Backward )?using otpkit_history_events_type_at/)
    expect(await history.events({ fingerprint: 'person-7', type: 'spend' })).toEqual([])
    await history.forget('person-7')
    expect(plans).toHaveLength(pageQueries.length + 6)
    for (const plan of plans) {
      expect(plan).toMatch(/(Index|Bitmap Index) (Only )?Scan/)
      expect(plan).not.toMatch(/Seq Scan on otpkit_history_(events|counts)/)
    }
  } finally {
    await opened.close()
  }
})
