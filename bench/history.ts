import { OtpManager } from 'otpkit'
import { createDashboard } from 'otpkit/dashboard'
import { memory } from 'otpkit/databases/memory'
import { migrate, postgresHistory } from 'otpkit/histories/postgres'
import { capturedDelivery } from 'otpkit/testing'
import pg from 'pg'
import { startPostgres } from '../test/servers/postgres'
import { fillHistory, fillOtherCounts, pageQueries } from './history-fill'

// `tsx bench/history.ts [events]`: the queries of a page over a history in PostgreSQL, ten million
// events unless another number is given, with the plan of each, and how long
// each panel of the dashboard takes, all at once and one by one.

const panels = [
  'about',
  'summary',
  'funnel',
  'times',
  'failures',
  'refusals',
  'money',
  'providers',
  'countries',
  'guard',
  'feed',
]
/** Nobody is looked for here. */
const otp = new OtpManager({
  secret: 'a-secret-for-benchmarks-only-0123456789',
  database: memory(),
  deliveries: { email: capturedDelivery() },
  purposes: ['login'],
})
const events = Number(process.argv[2] ?? 10_000_000)
const schema = 'public'
const server = await startPostgres()
const pool = new pg.Pool({ connectionString: server.url })
const plans: string[] = []
const spy = {
  query: async (text: string, values: (string | number | null)[] = []) => {
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ${text}`, values)
    plans.push(rows.map((row) => `    ${row['QUERY PLAN']}`).join('\n'))
    return pool.query(text, values)
  },
}

async function show(name: string, query: () => Promise<readonly unknown[]>): Promise<void> {
  plans.length = 0
  await query()
  const start = performance.now()
  const rows = await query()
  // Once for its plan and once for its rows.
  const elapsed = (performance.now() - start) / 2
  console.log(`${name}: ${elapsed.toFixed(1)} ms, ${rows.length} rows\n${plans.at(-1)}`)
}

/** Panels of the dashboard over the same rows, without the plans. */
async function showPanels(now: number): Promise<void> {
  const dashboard = createDashboard({
    otp,
    history: postgresHistory(pool, { schema }),
    authorize: () => ({ name: 'bench' }),
    clock: () => now,
  })
  const ask = async (path: string): Promise<number> => {
    const start = performance.now()
    const answer = await dashboard(new Request(`http://localhost/data/${path}`))
    if (answer.status !== 200) throw new Error(await answer.text())
    await answer.text()
    return performance.now() - start
  }
  for (const range of ['hour', 'day', 'week', 'month'] as const) {
    for (const panel of panels) {
      const path = panel === 'feed' ? panel : `${panel}?range=${range}`
      await ask(path)
      const times = [await ask(path), await ask(path), await ask(path)].sort((a, b) => a - b)
      console.log(`panel ${panel}, ${range}: ${times[1]?.toFixed(0)} ms`)
    }
    const together = await Promise.all(
      panels.map((panel) => ask(panel === 'feed' ? panel : `${panel}?range=${range}`)),
    )
    console.log(`all panels at once: the last after ${Math.max(...together).toFixed(0)} ms`)
  }
}

try {
  await migrate(pool)
  const now = Date.now()
  const start = performance.now()
  await fillHistory(pool, schema, events, now)
  console.log(`${events} events, filled in ${((performance.now() - start) / 1_000).toFixed(0)} s`)
  const history = postgresHistory(spy, { schema })
  for (const [name, query] of pageQueries) await show(name, () => history.counts(query(now)))
  await show('newest events', () => history.events())
  await show('newest of money', () => history.events({ type: ['spend', 'suspected'] }))
  await show('one person', () => history.events({ fingerprint: 'person-7' }))
  await fillOtherCounts(pool, schema, now)
  await showPanels(now)
} finally {
  await pool.end()
  await server.stop()
}
