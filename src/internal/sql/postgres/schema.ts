import type { SqlSettings } from '../settings'
import { postgresChallengeFunctions } from './challenge-functions'
import { postgresChargeFunctions } from './charge-functions'
import { postgresNames } from './function-parts'
import { postgresLogFunctions } from './log-functions'
import { postgresRights } from './rights'
import { postgresStepFunctions } from './step-functions'

/** The statements that create what stands in a PostgreSQL database, in order. */
export function postgresSchema(settings: SqlSettings): readonly string[] {
  const { name, bareName } = settings
  const names = postgresNames(settings)
  const functions = [
    ...postgresLogFunctions(names),
    ...postgresChallengeFunctions(names),
    ...postgresChargeFunctions(names),
    ...postgresStepFunctions(names),
  ]
  return [
    // What a used challenge keeps: attempts in all, the life that was left, and whose call it was.
    // Each row is written again by every guess, many of a page at once where calls share a query: half
    // of the page is room for that, or the indexes would be written too.
    `CREATE TABLE IF NOT EXISTS ${name('challenges')} (
  "expires_at" bigint NOT NULL,
  "attempts" integer NOT NULL,
  "attempts_left" integer NOT NULL,
  "id" text COLLATE "C" PRIMARY KEY,
  "digest" text COLLATE "C" NOT NULL,
  "data" text NOT NULL,
  "used_attempts" integer NOT NULL DEFAULT 0,
  "used_remaining_ms" bigint NOT NULL DEFAULT 0,
  "used_call" text COLLATE "C" NOT NULL DEFAULT ''
) WITH (fillfactor = 50)`,
    `CREATE INDEX IF NOT EXISTS ${bareName('challenges_expires_at')}
  ON ${name('challenges')} ("expires_at")`,
    // log-functions.ts says what a log is.
    `CREATE TABLE IF NOT EXISTS ${name('charges')} (
  "expires_at" bigint NOT NULL,
  "kept_ms" bigint NOT NULL,
  "next_unit" bigint NOT NULL,
  "key" text COLLATE "C" PRIMARY KEY,
  "times" bigint[] NOT NULL,
  "entries" bigint[] NOT NULL
) WITH (fillfactor = 80)`,
    `CREATE INDEX IF NOT EXISTS ${bareName('charges_expires_at')}
  ON ${name('charges')} ("expires_at")`,
    fastCompression(settings),
    ...definitionsIn(settings, functions),
    postgresRights(settings, ['challenges', 'charges'], functions),
  ]
}

/**
 * A busy log is longer than what PostgreSQL keeps as it is, and compressing it as by default takes
 * longer than the whole step. Servers before 14, and some that somebody built, have nothing faster. An
 * ALTER waits for everybody who uses the table, so it is made once.
 */
function fastCompression({ name }: SqlSettings): string {
  const columns = ['times', 'entries'].map((column) => `ALTER "${column}" SET COMPRESSION lz4`)
  return `DO $compression$
BEGIN
  IF (SELECT 'lz4' = ANY (s.enumvals) FROM pg_catalog.pg_settings s
      WHERE s.name = 'default_toast_compression')
    AND (SELECT pg_catalog.to_jsonb(a) ->> 'attcompression' = '' FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = '${name('charges')}'::pg_catalog.regclass AND a.attname = 'entries') THEN
    EXECUTE 'ALTER TABLE ${name('charges')} ${columns.join(', ')}';
  END IF;
END
$compression$`
}

/** Definitions as statements that know the schema, be it the one in which they are run. */
export function definitionsIn(
  { schema }: SqlSettings,
  definitions: readonly string[],
): readonly string[] {
  return schema === undefined ? [inCurrentSchema(definitions)] : definitions
}

function inCurrentSchema(definitions: readonly string[]): string {
  const statements = definitions.map(
    (definition) =>
      `EXECUTE pg_catalog.format($format$${definition}$format$, pg_catalog.current_schema());`,
  )
  return `DO $do$
BEGIN
${statements.join('\n')}
END
$do$`
}
