import { migrate, postgresHistory } from 'otpkit/histories/postgres'
import pg from 'pg'
import { startPostgres } from '../test/servers/postgres'
import { fillHistory, pageQueries } from './history-fill'

// `tsx bench/history.ts [events]`: the queries of a page over a history in PostgreSQL, ten million
// events unless another number is given, with the plan of each.

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

try {
  await migrate(pool)
  const now = Date.now()
  const start = performance.now()
  await fillHistory(pool, schema, events, now)
  console.log(`${events} events, filled in ${((performance.now() - start) / 1_000).toFixed(0)} s`)
  const history = postgresHistory(spy, { schema })
  for (const [name, query] of pageQueries) await show(name, () => history.counts(query(now)))
  await show('newest events', () => history.events())
  await show('one person', () => history.events({ fingerprint: 'person-7' }))
} finally {
  await pool.end()
  await server.stop()
}
