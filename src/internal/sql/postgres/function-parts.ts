import type { SqlSettings, SqlTable } from '../settings'

/** What the definitions of functions call things. */
export interface PostgresNames {
  /** A table or function, always with its schema: functions look for nothing anywhere else. */
  name(plain: string): string
  /** What the locks of keys are named after, as a literal. */
  readonly lockSpace: string
}

/** Names for definitions. Those without a schema are for `format`, which is given one. */
export function postgresNames({ schema, bareName }: SqlSettings): PostgresNames {
  const qualifier = schema === undefined ? '%1$I' : `"${schema}"`
  const literal = schema === undefined ? '%1$L' : `'${schema}'`
  return {
    name: (plain) => `${qualifier}.${bareName(plain)}`,
    lockSpace: `${literal} || '.${bareName('charges')}.'`,
  }
}

/** The present in epoch milliseconds: the instant of a test, or the server's clock. */
export const present = `coalesce(test_instant,
    floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)`

/**
 * Waits for the subjects of keys, in an order that is everybody's. A subject is a key without its first
 * character, so that the several logs of a recipient are one lock. An advisory lock exists before its
 * row does, and a refusal that took one has written nothing.
 */
export function keyLocks({ lockSpace }: PostgresNames): string {
  return `PERFORM pg_advisory_xact_lock(l."hash") FROM (
    SELECT DISTINCT hashtextextended(${lockSpace} || substr(k."key", 2), 0) AS "hash"
      FROM unnest(log_keys) AS k ("key") ORDER BY "hash") AS l`
}

/** The logs of an array of keys, NULL where there is none: always by the index, one by one. */
export function logsOf({ name }: PostgresNames, keys: string): string {
  return `ARRAY(SELECT (SELECT c FROM ${name('charges')} c WHERE c."key" = k."key")
    FROM unnest(${keys}) AS k ("key"))`
}

/**
 * A function that clients call. It looks for functions and operators in `pg_catalog` alone: any
 * other place may be one where somebody else can create what fits a call better.
 *
 * Each session keeps the plans of its statements: one made while the table was empty would be a
 * full scan until the table is analysed, had it not been forbidden, and one plan for all values is
 * enough. Row by row along an index is also the one way to sweep some expired rows without reading
 * them all.
 */
export function postgresFunction(signature: string, body: string): string {
  const settings = [
    'SET search_path = pg_catalog, pg_temp',
    'SET plan_cache_mode = force_generic_plan',
    'SET enable_seqscan = off',
    'SET enable_bitmapscan = off',
  ]
  return definition(signature, settings, body)
}

/** A function that only those functions call, and so runs under their settings. */
export function postgresPart(signature: string, body: string): string {
  return definition(signature, [], body)
}

/** The function that removes some expired rows and says how many. What is locked can wait. */
export function postgresSweep({ name }: PostgresNames, table: SqlTable, key: string): string {
  return postgresFunction(
    `${name(`sweep_${table}`)}(batch integer, test_instant bigint, OUT answer text)`,
    `
DECLARE
  present bigint := ${present};
  removed integer;
BEGIN
  DELETE FROM ${name(table)} d WHERE d.${key} = ANY (ARRAY(
    SELECT c.${key} FROM ${name(table)} c WHERE c."expires_at" <= present
    ORDER BY c."expires_at" LIMIT batch FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS removed = ROW_COUNT;
  answer := ARRAY[removed]::text;
END`,
  )
}

function definition(signature: string, settings: readonly string[], body: string): string {
  return `CREATE OR REPLACE FUNCTION ${signature}
${['LANGUAGE plpgsql', ...settings].join('\n')}
AS $otpkit$${body}
$otpkit$`
}
