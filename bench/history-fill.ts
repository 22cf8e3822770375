import type { HistoryCountsQuery } from 'otpkit'
import type pg from 'pg'

/**
 * Fills the tables of a history as so many events of 30 days would have: single events of a twentieth
 * as many recipients, and their counts, which are fewer.
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
  await pool.query(
    `INSERT INTO "${schema}".otpkit_history_events ("at", "id", "fingerprint", "event")
    SELECT ${now} - (${month} * (n::float8 / ${events}))::bigint, 'id-' || n, 'person-' || n % ${people},
      json_build_object('type', 'sent', 'at', ${now}, 'channel', 'sms', 'provider', ${providers},
        'country', ${countries}, 'purpose', 'login', 'reference', md5(n::text))::text
    FROM generate_series(0, ${events - 1}) AS n`,
  )
  for (const [resolution, length, pieces] of [
    ['minute', 60_000, 7 * 1_440],
    ['hour', 3_600_000, 30 * 24],
    ['day', 86_400_000, 30],
  ] as const) {
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
