import type { SqlSettings } from '../settings'
import { postgresChallengeFunctions } from './challenge-functions'
import { postgresChargeFunctions } from './charge-functions'
import { postgresLogFunctions } from './log-functions'

/** The statements that create what stands in a PostgreSQL database, in order. */
export function postgresSchema(settings: SqlSettings): readonly string[] {
  const { name, bareName } = settings
  return [
    `CREATE TABLE IF NOT EXISTS ${name('challenges')} (
  "expires_at" bigint NOT NULL,
  "attempts" integer NOT NULL,
  "attempts_left" integer NOT NULL,
  "id" text COLLATE "C" PRIMARY KEY,
  "digest" text COLLATE "C" NOT NULL,
  "data" text NOT NULL
)`,
    `CREATE INDEX IF NOT EXISTS ${bareName('challenges_expires_at')}
  ON ${name('challenges')} ("expires_at")`,
    // "entries" holds four numbers each: when, the first unit, the last unit, units of a charge.
    `CREATE TABLE IF NOT EXISTS ${name('charges')} (
  "expires_at" bigint NOT NULL,
  "kept_ms" bigint NOT NULL,
  "next_unit" bigint NOT NULL,
  "key" text COLLATE "C" PRIMARY KEY,
  "entries" bigint[] NOT NULL
) WITH (fillfactor = 80)`,
    `CREATE INDEX IF NOT EXISTS ${bareName('charges_expires_at')}
  ON ${name('charges')} ("expires_at")`,
    ...postgresChallengeFunctions(settings),
    ...postgresChargeFunctions(settings),
    ...postgresLogFunctions(settings),
  ]
}
