import { type PostgresNames, postgresFunction, postgresNames } from '../sql/postgres/function-parts'
import { postgresRights } from '../sql/postgres/rights'
import { definitionsIn } from '../sql/postgres/schema'
import type { SqlSettings } from '../sql/settings'

const tables = ['history_counts', 'history_events', 'history_joins', 'history_batches'] as const

/** The statements that create what a history stands in, in order. */
export function postgresHistorySchema(settings: SqlSettings): readonly string[] {
  const { name, bareName } = settings
  const functions = historyFunctions(postgresNames(settings))
  return [
    // "series" holds the values of all dimensions, with tabs between.
    `CREATE TABLE IF NOT EXISTS ${name('history_counts')} (
  "resolution" text COLLATE "C" NOT NULL,
  "at" bigint NOT NULL,
  "series" text COLLATE "C" NOT NULL,
  "count" bigint NOT NULL,
  "segments" bigint NOT NULL,
  "millionths" bigint NOT NULL,
  PRIMARY KEY ("resolution", "at", "series")
) WITH (fillfactor = 80)`,
    `CREATE TABLE IF NOT EXISTS ${name('history_events')} (
  "at" bigint NOT NULL,
  "id" text COLLATE "C" PRIMARY KEY,
  "fingerprint" text COLLATE "C" NOT NULL,
  "type" text COLLATE "C" NOT NULL,
  "event" text NOT NULL
)`,
    `CREATE INDEX IF NOT EXISTS ${bareName('history_events_at')}
  ON ${name('history_events')} ("at")`,
    `CREATE INDEX IF NOT EXISTS ${bareName('history_events_fingerprint_at')}
  ON ${name('history_events')} ("fingerprint", "at")`,
    `CREATE INDEX IF NOT EXISTS ${bareName('history_events_type_at')}
  ON ${name('history_events')} ("type", "at")`,
    `CREATE TABLE IF NOT EXISTS ${name('history_joins')} (
  "expires_at" bigint NOT NULL,
  "version" integer NOT NULL,
  "key" text COLLATE "C" PRIMARY KEY,
  "fingerprint" text COLLATE "C" NOT NULL,
  "state" text NOT NULL
) WITH (fillfactor = 80)`,
    `CREATE INDEX IF NOT EXISTS ${bareName('history_joins_expires_at')}
  ON ${name('history_joins')} ("expires_at")`,
    `CREATE INDEX IF NOT EXISTS ${bareName('history_joins_fingerprint')}
  ON ${name('history_joins')} ("fingerprint") WHERE "fingerprint" <> ''`,
    `CREATE TABLE IF NOT EXISTS ${name('history_batches')} (
  "at" bigint NOT NULL,
  "id" text COLLATE "C" PRIMARY KEY
)`,
    `CREATE INDEX IF NOT EXISTS ${bareName('history_batches_at')}
  ON ${name('history_batches')} ("at")`,
    ...definitionsIn(settings, functions),
    postgresRights(settings, tables, functions),
  ]
}

// One batch at a time, of all processes: they add to the same rows, and would wait for each other
// in circles.
function historyFunctions({ name, lockSpace }: PostgresNames): readonly string[] {
  const [counts, events, joins, batches] = tables.map(name)
  return [
    postgresFunction(
      `${name('history_write')}(batch_id text, payload text, written_at bigint, joins_until bigint,
  OUT answer text)`,
      `
DECLARE
  batch jsonb := payload::jsonb;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(${lockSpace} || 'history', 0));
  IF EXISTS (SELECT FROM ${batches} b WHERE b."id" = batch_id) THEN
    answer := 'written';
    RETURN;
  END IF;
  IF EXISTS (
    SELECT FROM jsonb_to_recordset(batch->'joins') AS w ("key" text, "version" integer)
      LEFT JOIN ${joins} j ON j."key" = w."key" COLLATE "C"
      WHERE coalesce(j."version", 0) <> w."version"
  ) THEN
    answer := 'changed';
    RETURN;
  END IF;
  INSERT INTO ${batches} ("at", "id") VALUES (written_at, batch_id);
  INSERT INTO ${joins} AS j ("expires_at", "version", "key", "fingerprint", "state")
    SELECT joins_until, w."version" + 1, w."key", w."fingerprint", w."state"
      FROM jsonb_to_recordset(batch->'joins')
        AS w ("key" text, "version" integer, "fingerprint" text, "state" text)
    ON CONFLICT ("key") DO UPDATE SET "expires_at" = excluded."expires_at",
      "version" = excluded."version", "fingerprint" = excluded."fingerprint",
      "state" = excluded."state";
  INSERT INTO ${counts} AS c ("resolution", "at", "series", "count", "segments", "millionths")
    SELECT w."resolution", w."at", w."name", w."count", w."segments", w."millionths"
      FROM jsonb_to_recordset(batch->'counts') AS w ("resolution" text, "at" bigint, "name" text,
        "count" bigint, "segments" bigint, "millionths" bigint)
    ON CONFLICT ("resolution", "at", "series") DO UPDATE SET
      "count" = c."count" + excluded."count", "segments" = c."segments" + excluded."segments",
      "millionths" = c."millionths" + excluded."millionths";
  INSERT INTO ${events} AS e ("at", "id", "fingerprint", "type", "event")
    SELECT w."at", w."id", w."fingerprint", w."type", w."text"
      FROM jsonb_to_recordset(batch->'events')
        AS w ("at" bigint, "id" text, "fingerprint" text, "type" text, "text" text)
    ON CONFLICT ("id") DO UPDATE SET "fingerprint" = excluded."fingerprint",
      "event" = excluded."event";
  answer := 'written';
END`,
    ),
    // Some rows of each that are kept no longer, and how many.
    postgresFunction(
      `${name('history_sweep')}(most integer, minutes_from bigint, hours_from bigint,
  days_from bigint, events_from bigint, joins_from bigint, batches_from bigint,
  OUT answer text)`,
      `
DECLARE
  removed integer := 0;
  part integer;
BEGIN
  ${[
    countsSweep(counts, 'minute', 'minutes_from'),
    countsSweep(counts, 'hour', 'hours_from'),
    countsSweep(counts, 'day', 'days_from'),
    rowsSweep(events, 'id', 'at', 'events_from'),
    rowsSweep(joins, 'key', 'expires_at', 'joins_from'),
    rowsSweep(batches, 'id', 'at', 'batches_from'),
  ]
    .map((sweep) => `${sweep};\n  GET DIAGNOSTICS part = ROW_COUNT;\n  removed := removed + part;`)
    .join('\n  ')}
  answer := ARRAY[removed]::text;
END`,
    ),
  ]
}

function countsSweep(table: string | undefined, resolution: string, from: string): string {
  return `DELETE FROM ${table} d USING (
    SELECT c."at", c."series" FROM ${table} c
      WHERE c."resolution" = '${resolution}' AND c."at" < ${from}
      ORDER BY c."at" LIMIT most FOR UPDATE SKIP LOCKED) AS old
    WHERE d."resolution" = '${resolution}' AND d."at" = old."at" AND d."series" = old."series"`
}

function rowsSweep(table: string | undefined, key: string, at: string, from: string): string {
  return `DELETE FROM ${table} d WHERE d."${key}" = ANY (ARRAY(
    SELECT o."${key}" FROM ${table} o WHERE o."${at}" < ${from}
    ORDER BY o."${at}" LIMIT most FOR UPDATE SKIP LOCKED))`
}
