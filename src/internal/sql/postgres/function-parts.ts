import type { SqlSettings, SqlTable } from '../settings'

/** The present in epoch milliseconds, for SQL: the instant of a test, or the server's clock. */
export function postgresPresent(instant: string, clock: string): string {
  return `coalesce(${instant}, floor(extract(epoch FROM ${clock}()) * 1000)::bigint)`
}

/**
 * Waits for keys of the limiter, in their order. An advisory lock exists before its row does, and a
 * refusal that took one has written nothing.
 */
export function postgresLocks(settings: SqlSettings, keys: string): string {
  const number = `hashtextextended('${settings.name('charges')}.' || log_key, 0)`
  return `PERFORM pg_advisory_xact_lock(${number}) FROM unnest(${keys}) AS log_key`
}

/**
 * A function that clients call. Each session keeps the plans of its statements: one made while the
 * table was empty would be a full scan until the table is analysed, had it not been forbidden. Row
 * by row along an index is also the one way to sweep some expired rows without reading them all.
 */
export function postgresFunction(signature: string, body: string): string {
  return definition(signature, 'SET enable_seqscan = off SET enable_bitmapscan = off ', body)
}

/** A function that only those functions call, and so runs under their settings. */
export function postgresPart(signature: string, body: string): string {
  return definition(signature, '', body)
}

/** The function that removes some expired rows and says how many. What is locked can wait. */
export function postgresSweep(settings: SqlSettings, table: SqlTable, key: string): string {
  const name = settings.name(table)
  return postgresFunction(
    `${settings.name(`sweep_${table}`)}(batch integer, test_instant bigint) RETURNS integer`,
    `
DECLARE
  present bigint := ${postgresPresent('test_instant', 'clock_timestamp')};
  removed integer;
BEGIN
  DELETE FROM ${name} WHERE ${key} = ANY (ARRAY(
    SELECT c.${key} FROM ${name} c WHERE c."expires_at" <= present
    ORDER BY c."expires_at" LIMIT batch FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END`,
  )
}

function definition(signature: string, settings: string, body: string): string {
  return `CREATE OR REPLACE FUNCTION ${signature}
LANGUAGE plpgsql ${settings}AS $otpkit$${body}
$otpkit$`
}
