import type { HistoryCountsQuery } from 'otpkit'
import type pg from 'pg'

/** How long pieces are, and how many of them there are. */
const pieceKinds = [
  ['minute', 60_000, 7 * 1_440],
  ['hour', 3_600_000, 30 * 24],
  ['day', 86_400_000, 30],
] as const

/**
 * Fills the tables of a history as so many events of 30 days would have: single events of a twentieth
 * as many recipients, one of them about money, and their counts, which are fewer.
 */
export async function fillHistory(
  pool: pg.Pool,
  schema: string,
  events: number,
  now: number,
): Promise<void> {
  const month = 30 * 86_400_000
  const providers = `(ARRAY['twilio', 'vonage', 'msg91'])[1 + n % 3]`
  const countries = `(ARRAY['IN', 'BD', 'IR', 'DE'])[1 + n % 4]`
  const people = Math.ceil(events / 20)
  // Money was told of once, a fortnight ago, and nothing but messages came since.
  const type = `CASE n WHEN ${Math.floor(events / 2)} THEN 'spend' ELSE 'sent' END`
  await pool.query(
    `INSERT INTO "${schema}".otpkit_history_events ("at", "id", "fingerprint", "type", "event")
    SELECT ${now} - (${month} * (n::float8 / ${events}))::bigint, 'id-' || n, 'person-' || n % ${people}, ${type},
      json_build_object('type', ${type}, 'at', ${now}, 'channel', 'sms', 'provider', ${providers},
        'country', ${countries}, 'purpose', 'login', 'reference', md5(n::text))::text
    FROM generate_series(0, ${events - 1}) AS n`,
  )
  for (const [resolution, length, pieces] of pieceKinds) {
    await pool.query(
      `INSERT INTO "${schema}".otpkit_history_counts
      SELECT '${resolution}', (${Math.floor(now / length)} - p)::bigint * ${length},
        concat_ws(E'\\t', 'sent', 'sms', ${providers}, ${countries}, 'login', 'accepted',
          CASE n / 12 WHEN 0 THEN 'delivered' ELSE 'failed' END, '', '', '', '', '', '', '', ''),
        1, 1, 0
      FROM generate_series(0, ${pieces - 1}) AS p, generate_series(0, 23) AS n`,
    )
  }
  await pool.query(`ANALYZE "${schema}".otpkit_history_events, "${schema}".otpkit_history_counts`)
}

/** What else is counted of such a month: codes verified in ten buckets of time, refusals, failures. */
export async function fillOtherCounts(pool: pg.Pool, schema: string, now: number): Promise<void> {
  const routes = `(ARRAY['twilio', 'vonage', 'msg91'])[1 + n % 3], (ARRAY['IN', 'BD', 'IR', 'DE'])[1 + n % 4]`
  const names = [
    [`'verified', 'sms', ${routes}, 'login', '', '', '', '', '', '', '', '', '', 8 + n / 12`, 120],
    [`'incorrect', 'sms', '', (ARRAY['IN', 'BD', 'IR', 'DE'])[1 + n % 4], 'login'`, 4],
    [
      `'refused', 'sms', '', (ARRAY['IN', 'BD', 'IR', 'DE'])[1 + n % 4], 'login', '', '', '', '',
        'send', 'rate_limited', (ARRAY['cooldown', 'recipient', 'ip'])[1 + n % 3]`,
      12,
    ],
    [
      `'delivery_failed', 'sms', ${routes}, 'login', '', '',
        (ARRAY['opted_out', 'unavailable', 'misconfigured'])[1 + n / 12], 21400 + n`,
      36,
    ],
  ] as const
  for (const [resolution, length, pieces] of pieceKinds) {
    for (const [name, series] of names) {
      await pool.query(
        `INSERT INTO "${schema}".otpkit_history_counts
        SELECT '${resolution}', (${Math.floor(now / length)} - p)::bigint * ${length},
          named.name || repeat(E'\\t', 18 - length(regexp_replace(named.name, '[^\\t]', '', 'g'))),
          1, 0, 0
        FROM generate_series(0, ${pieces - 1}) AS p, generate_series(0, ${series - 1}) AS n,
          LATERAL (SELECT concat_ws(E'\\t', ${name}) AS name) AS named`,
      )
    }
  }
  await pool.query(`ANALYZE "${schema}".otpkit_history_counts`)
}

const hour = 3_600_000

/** Every query that a page about codes makes. */
export const pageQueries: readonly (readonly [string, (now: number) => HistoryCountsQuery])[] = [
  [
    'this hour',
    (now: number) => ({ from: now - hour, to: now, resolution: 'minute', by: ['type', 'status'] }),
  ],
  [
    'funnel of a day',
    (now: number) => ({
      from: now - 24 * hour,
      to: now,
      resolution: 'hour',
      by: ['type', 'channel', 'provider', 'country', 'status'],
    }),
  ],
  [
    'time to verify over a week',
    (now: number) => ({
      from: now - 168 * hour,
      to: now,
      resolution: 'hour',
      overTime: true,
      where: { type: 'verified' },
    }),
  ],
  [
    'failures of a month',
    (now: number) => ({
      from: now - 720 * hour,
      to: now,
      resolution: 'hour',
      by: ['kind', 'provider', 'providerCode'],
      where: { type: ['sent', 'delivery_failed'] },
    }),
  ],
  [
    'money by country and day',
    (now: number) => ({
      from: now - 720 * hour,
      to: now,
      resolution: 'day',
      by: ['country'],
      overTime: true,
    }),
  ],
]
