import { mergedEvery } from '../charge-log'
import { type PostgresNames, postgresPart } from './function-parts'
import { postgresLogCuts, unitsUpTo } from './log-cut-functions'

// A log is a row of the charges table, which does what `charge-log.ts` does: its "times" say when
// each entry was made, and its "entries" are four numbers for each of them:
//   1 its first unit, and 2 its last
//   3 units of each charge in it
//   4 units that stand in front of it, so that a window is counted by one search
//
// Windows come down as rows of seven numbers, and those of a policy that are limits come first:
//   1 which of the keys of the call it looks at, counted from 1
//   2 most units in it
//   3 its length in milliseconds
//   4 0 is only counted, 1 is a limit, 2 is a limit that refuses at cost 0 too
//   5 applies only once the first window has counted so many
//   6 the window of its policy whose units raise its most, 0 for none
//   7 by how many billionths each of them does
//
// Keys of a call come down as three numbers each: which log, units to charge, its longest window.

/** What the functions about charges do with logs that they have locked. */
export function postgresLogFunctions(names: PostgresNames): readonly string[] {
  const { name } = names
  const table = name('charges')
  return [
    // Asks the windows of one call: the limit that refuses with the longest wait, or 0; that wait, or
    // else how long the same charge would have to wait behind this one; then units in each window.
    postgresPart(
      `${name('look')}(logs ${table}[], charged bigint[], behind integer, windows bigint[],
  first_window integer, last_window integer, present bigint) RETURNS bigint[]`,
      `
DECLARE
  log_times bigint[];
  log_entries bigint[];
  newest integer;
  total bigint;
  key_present bigint;
  window_key bigint := 0;
  place bigint;
  used bigint[] := '{}';
  units bigint;
  cost bigint;
  needed bigint;
  most bigint;
  other integer;
  longer_ms bigint;
  refusal integer := 0;
  wait_ms bigint := 0;
BEGIN
  FOR w IN first_window .. last_window LOOP
    IF windows[w][1] <> window_key THEN
      window_key := windows[w][1];
      place := charged[behind + 3 * window_key - 2];
      log_times := (logs[place])."times";
      newest := cardinality(log_times);
      IF newest > 0 THEN
        log_entries := (logs[place])."entries";
        total := ${unitsUpTo('newest')};
        key_present := greatest(present, log_times[newest]);
      END IF;
      cost := charged[behind + 3 * window_key - 1];
      needed := greatest(cost, 1);
    END IF;
    units := CASE WHEN newest > 0 THEN ${unitsWithin('windows[w][3]')} ELSE 0 END;
    used := used || units;
    CONTINUE WHEN units + cost + needed <= windows[w][2] OR windows[w][4] = 0
      OR used[1] < windows[w][5];
    most := windows[w][2];
    IF windows[w][6] > 0 THEN
      -- A third of three is one, whatever was lost in writing the third down.
      other := first_window + windows[w][6] - 1;
      most := most + floor(windows[w][7]::numeric * ${name('units')}(
        logs[charged[behind + 3 * windows[other][1] - 2]], windows[other][3], present)
        / 1e9 + 1e-6)::bigint;
    END IF;
    IF units + needed > most AND (cost > 0 OR windows[w][4] = 2) THEN
      longer_ms := ${name('wait')}(logs[place], most - needed, windows[w][3], present);
      IF refusal = 0 OR longer_ms > wait_ms THEN
        refusal := w - first_window + 1;
        wait_ms := longer_ms;
      END IF;
    ELSIF refusal = 0 AND units + cost + needed > most THEN
      wait_ms := greatest(wait_ms,
        ${name('wait')}(logs[place], most - cost - needed, windows[w][3], present));
    END IF;
  END LOOP;
  RETURN ARRAY[refusal, wait_ms] || used;
END`,
    ),
    // Units of a log in a window of this length.
    postgresPart(
      `${name('units')}(key_log ${table}, length_ms bigint, present bigint) RETURNS bigint`,
      `
DECLARE
  log_times bigint[] := key_log."times";
  log_entries bigint[] := key_log."entries";
  newest integer := cardinality(log_times);
  total bigint;
  key_present bigint;
BEGIN
  IF newest > 0 THEN
    total := ${unitsUpTo('newest')};
    key_present := greatest(present, log_times[newest]);
    RETURN ${unitsWithin('length_ms')};
  END IF;
  RETURN 0;
END`,
    ),
    // How long until no more than so many units are left in a window that has more.
    postgresPart(
      `${name('wait')}(key_log ${table}, room bigint, length_ms bigint, present bigint)
  RETURNS bigint`,
      `
DECLARE
  log_times bigint[] := key_log."times";
  log_entries bigint[] := key_log."entries";
  newest integer := coalesce(cardinality(log_times), 0);
  total bigint := ${unitsUpTo('newest')};
BEGIN
  IF room < 0 THEN
    RETURN length_ms;
  END IF;
  FOR k IN REVERSE newest .. 1 LOOP
    IF total - log_entries[4 * k] > room THEN
      -- By the clock as it is: set back, it lengthens the wait by as much.
      RETURN log_times[k] + length_ms - present;
    END IF;
  END LOOP;
  RETURN 0;
END`,
    ),
    // The log with a charge more; it may be none yet.
    postgresPart(
      `${name('charge')}(key_log ${table}, log_key text, cost bigint, longest bigint,
  windows bigint[], first_window integer, last_window integer, window_key integer, present bigint)
  RETURNS ${table}`,
      `
DECLARE
  log_times bigint[] := key_log."times";
  log_entries bigint[] := key_log."entries";
  unit bigint := key_log."next_unit";
  newest integer := cardinality(log_times);
  aged integer;
  total bigint := 0;
BEGIN
  IF unit IS NULL THEN
    unit := ${firstUnit};
    ${beginLog('key_log', 'log_key', 'cost', 'longest')};
    RETURN key_log;
  END IF;
  present := greatest(present, log_times[newest]);
  aged := width_bucket(present - key_log."kept_ms", log_times);
  IF aged = newest OR longest > key_log."kept_ms" THEN
    key_log."kept_ms" := longest;
  END IF;
  IF aged < newest AND log_times[newest] = present AND log_entries[4 * newest - 1] = cost
    AND log_entries[4 * newest - 2] + 1 = unit THEN
    log_entries[4 * newest - 2] := unit + cost - 1;
  ELSE
    IF aged < newest THEN
      total := ${unitsUpTo('newest')};
    END IF;
    log_times := log_times || present;
    log_entries := log_entries || ARRAY[unit, unit + cost - 1, cost, total];
  END IF;
  IF aged > 0 THEN
    log_times := log_times[aged + 1 :];
    log_entries := log_entries[4 * aged + 1 :];
  END IF;
  key_log."times" := log_times;
  key_log."entries" := log_entries;
  IF mod(cardinality(log_times), ${mergedEvery}) = 0 THEN
    key_log := ${name('merge')}(key_log, windows, first_window, last_window, window_key);
  END IF;
  key_log."next_unit" := unit + cost;
  RETURN key_log;
END`,
    ),
    ...postgresLogCuts(names),
  ]
}

/** Numbers of units begin at random, so a charge of another log is not found in a new one. */
export const firstUnit = 'floor(random() * 281474976710656)::bigint'

/**
 * Makes a row a log of one charge, whose first unit is `unit`: column by column, since somebody may
 * have added one to the table.
 */
export function beginLog(row: string, key: string, cost: string, longest: string): string {
  return `${row}."key" := ${key};
            ${row}."kept_ms" := ${longest};
            ${row}."next_unit" := unit + ${cost};
            ${row}."times" := ARRAY[present];
            ${row}."entries" := ARRAY[unit, unit + ${cost} - 1, ${cost}, 0]`
}

/** Units of the log that these names stand for, in a window of this length. */
function unitsWithin(length: string): string {
  return `total - coalesce(log_entries[4 * width_bucket(key_present - ${length}, log_times) + 4],
        total)`
}

/**
 * Writes what an array of logs has become; each has entries. A row may be gone all the same, by a
 * sweep, and one that a strict isolation level hides becomes error 40001.
 */
export function chargeLogs(names: PostgresNames, logs: string): string {
  return `IF cardinality(${logs}) > 0 THEN
    ${insertion(names, logs)}
      ON CONFLICT ("key") DO UPDATE SET "expires_at" = excluded."expires_at",
        "kept_ms" = excluded."kept_ms", "next_unit" = excluded."next_unit",
        "times" = excluded."times", "entries" = excluded."entries";
  END IF`
}

/**
 * Writes an array of logs that had no row when their keys were locked, which costs a third less. One
 * that a strict isolation level hides becomes error 23505.
 */
export function newLogs(names: PostgresNames, logs: string): string {
  return `IF cardinality(${logs}) > 0 THEN
    ${insertion(names, logs)};
  END IF`
}

function insertion({ name }: PostgresNames, logs: string): string {
  const newest = 'l."times"[cardinality(l."times")]'
  // Rounded up, so that most updates leave the indexed column as it is.
  const grain = 'greatest(1, l."kept_ms" / 8)'
  return `INSERT INTO ${name('charges')} AS c ("expires_at", "kept_ms", "next_unit", "key", "times",
        "entries")
      SELECT ((${newest} + l."kept_ms") / ${grain} + 1) * ${grain},
        l."kept_ms", l."next_unit", l."key", l."times", l."entries"
      FROM unnest(${logs}) AS l`
}

/** Keeps nothing of logs that have no entries any more. */
export function emptyLogs({ name }: PostgresNames): string {
  return `IF cardinality(emptied) > 0 THEN
    DELETE FROM ${name('charges')} c WHERE c."key" = ANY (emptied);
  END IF`
}
