import { type PostgresNames, postgresPart } from './function-parts'

// A log is a row of the charges table. Its entries are four numbers each: when, first unit, last
// unit, units of each charge in it. All of this does what `charge-log.ts` does.
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
export function postgresLogFunctions({ name }: PostgresNames): readonly string[] {
  const table = name('charges')
  return [
    // Asks the windows of one call: the limit that refuses with the longest wait, or 0; that wait, or
    // else how long the same charge would have to wait behind this one; then units in each window.
    postgresPart(
      `${name('look')}(logs ${table}[], charged bigint[], behind integer, windows bigint[],
  first_window integer, last_window integer, present bigint) RETURNS bigint[]`,
      `
DECLARE
  log_entries bigint[];
  newest integer;
  key_present bigint;
  window_key bigint := 0;
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
      log_entries := (logs[charged[behind + 3 * window_key - 2]])."entries";
      newest := cardinality(log_entries) - 3;
      key_present := greatest(present, log_entries[newest]);
      cost := charged[behind + 3 * window_key - 1];
      needed := greatest(cost, 1);
    END IF;
    units := 0;
    IF newest > 0 THEN
      FOR k IN REVERSE newest .. 1 BY 4 LOOP
        EXIT WHEN key_present - log_entries[k] >= windows[w][3];
        units := units + log_entries[k + 2] - log_entries[k + 1] + 1;
      END LOOP;
    END IF;
    used := used || units;
    CONTINUE WHEN units + cost + needed <= windows[w][2] OR windows[w][4] = 0
      OR used[1] < windows[w][5];
    most := windows[w][2];
    IF windows[w][6] > 0 THEN
      -- A third of three is one, whatever was lost in writing the third down.
      other := first_window + windows[w][6] - 1;
      most := most + floor(windows[w][7]::numeric * ${name('units')}(
        (logs[charged[behind + 3 * windows[other][1] - 2]])."entries", windows[other][3], present)
        / 1e9 + 1e-6)::bigint;
    END IF;
    IF units + needed > most AND (cost > 0 OR windows[w][4] = 2) THEN
      longer_ms := ${name('wait')}(log_entries, most - needed, windows[w][3], present);
      IF refusal = 0 OR longer_ms > wait_ms THEN
        refusal := w - first_window + 1;
        wait_ms := longer_ms;
      END IF;
    ELSIF refusal = 0 AND units + cost + needed > most THEN
      wait_ms := greatest(wait_ms,
        ${name('wait')}(log_entries, most - cost - needed, windows[w][3], present));
    END IF;
  END LOOP;
  RETURN ARRAY[refusal, wait_ms] || used;
END`,
    ),
    // Units of a log in a window of this length.
    postgresPart(
      `${name('units')}(log_entries bigint[], length_ms bigint, present bigint) RETURNS bigint`,
      `
DECLARE
  units bigint := 0;
BEGIN
  present := greatest(present, log_entries[cardinality(log_entries) - 3]);
  FOR k IN REVERSE coalesce(cardinality(log_entries), 0) - 3 .. 1 BY 4 LOOP
    EXIT WHEN present - log_entries[k] >= length_ms;
    units := units + log_entries[k + 2] - log_entries[k + 1] + 1;
  END LOOP;
  RETURN units;
END`,
    ),
    // How long until no more than so many units are left in a window that has more.
    postgresPart(
      `${name('wait')}(log_entries bigint[], room bigint, length_ms bigint, present bigint)
  RETURNS bigint`,
      `
DECLARE
  units bigint := 0;
BEGIN
  IF room < 0 THEN
    RETURN length_ms;
  END IF;
  present := greatest(present, log_entries[cardinality(log_entries) - 3]);
  FOR k IN REVERSE cardinality(log_entries) - 3 .. 1 BY 4 LOOP
    units := units + log_entries[k + 2] - log_entries[k + 1] + 1;
    IF units > room THEN
      RETURN log_entries[k] + length_ms - present;
    END IF;
  END LOOP;
  RETURN 0;
END`,
    ),
    // The log with a charge more; it may be none yet. Numbers of units begin at random, so a charge
    // of another log is not found in it.
    postgresPart(
      `${name('charge')}(key_log ${table}, log_key text, cost bigint, longest bigint,
  windows bigint[], first_window integer, last_window integer, window_key integer, present bigint)
  RETURNS ${table}`,
      `
DECLARE
  log_entries bigint[] := key_log."entries";
  unit bigint := key_log."next_unit";
  aged integer := 0;
BEGIN
  IF unit IS NULL THEN
    unit := floor(random() * 281474976710656)::bigint;
    key_log."key" := log_key;
    key_log."kept_ms" := longest;
    log_entries := ARRAY[present, unit, unit + cost - 1, cost];
  ELSE
    present := greatest(present, log_entries[cardinality(log_entries) - 3]);
    WHILE aged < cardinality(log_entries)
      AND present - log_entries[aged + 1] >= key_log."kept_ms" LOOP
      aged := aged + 4;
    END LOOP;
    IF aged = cardinality(log_entries) THEN
      key_log."kept_ms" := longest;
    ELSIF longest > key_log."kept_ms" THEN
      key_log."kept_ms" := longest;
    END IF;
    log_entries := log_entries[aged + 1 :] || ARRAY[present, unit, unit + cost - 1, cost];
    -- Holes count as units here, which only asks for a merge that finds nothing to do.
    IF unit + cost - log_entries[2] > 128 THEN
      log_entries := ${name('merge')}(log_entries, windows, first_window, last_window, window_key,
        key_log."kept_ms");
    END IF;
  END IF;
  key_log."next_unit" := unit + cost;
  key_log."entries" := log_entries;
  RETURN key_log;
END`,
    ),
    // Merges neighbours in front of the newest 128 units; charge-log.ts says why it may. What raises
    // the most of another window, or is raised, is kept as for a large one.
    postgresPart(
      `${name('merge')}(log_entries bigint[], windows bigint[], first_window integer,
  last_window integer, window_key integer, kept bigint) RETURNS bigint[]`,
      `
DECLARE
  length integer := cardinality(log_entries);
  exact_from integer := length + 1;
  units bigint := 0;
  age bigint;
  slot bigint;
  shortest bigint;
  written integer := 1;
BEGIN
  WHILE exact_from > 1 AND units < 128 LOOP
    exact_from := exact_from - 4;
    units := units + log_entries[exact_from + 2] - log_entries[exact_from + 1] + 1;
  END LOOP;
  IF exact_from <= 5 THEN
    RETURN log_entries;
  END IF;
  FOR k IN 5 .. exact_from - 4 BY 4 LOOP
    age := log_entries[length - 3] - log_entries[k];
    shortest := kept;
    FOR w IN first_window .. last_window LOOP
      IF windows[w][1] = window_key AND windows[w][3] > age
        AND (windows[w][2] > 128 OR windows[w][6] > 0) THEN
        shortest := least(shortest, windows[w][3]);
      END IF;
    END LOOP;
    slot := 1;
    WHILE slot * 64 <= shortest LOOP
      slot := slot * 2;
    END LOOP;
    IF log_entries[written + 2] + 1 = log_entries[k + 1]
      AND log_entries[written] / slot = log_entries[k] / slot THEN
      IF log_entries[written + 3] <> log_entries[k + 3] THEN
        log_entries[written + 3] := 1;
      END IF;
    ELSE
      written := written + 4;
      log_entries[written + 1] := log_entries[k + 1];
      log_entries[written + 3] := log_entries[k + 3];
    END IF;
    log_entries[written] := log_entries[k];
    log_entries[written + 2] := log_entries[k + 2];
  END LOOP;
  RETURN log_entries[1 : written + 3] || log_entries[exact_from :];
END`,
    ),
    // Entries without the newest so many charges.
    postgresPart(
      `${name('forget')}(log_entries bigint[], newest bigint) RETURNS bigint[]`,
      `
DECLARE
  k integer := cardinality(log_entries) - 3;
  charge_count bigint;
BEGIN
  WHILE k > 0 AND newest > 0 LOOP
    charge_count := (log_entries[k + 2] - log_entries[k + 1] + 1) / log_entries[k + 3];
    IF charge_count > newest THEN
      log_entries[k + 2] := log_entries[k + 2] - newest * log_entries[k + 3];
    ELSE
      k := k - 4;
    END IF;
    newest := newest - charge_count;
  END LOOP;
  RETURN log_entries[: k + 3];
END`,
    ),
  ]
}

/**
 * Writes what an array of logs has become; each has entries. A row may be gone all the same, by a
 * sweep, and one that a strict isolation level hides becomes error 40001.
 */
export function chargeLogs({ name }: PostgresNames, logs: string): string {
  const newest = 'l."entries"[cardinality(l."entries") - 3]'
  // Rounded up, so that most updates leave the indexed column as it is.
  const grain = 'greatest(1, l."kept_ms" / 8)'
  return `IF cardinality(${logs}) > 0 THEN
    INSERT INTO ${name('charges')} AS c ("expires_at", "kept_ms", "next_unit", "key", "entries")
      SELECT ((${newest} + l."kept_ms") / ${grain} + 1) * ${grain},
        l."kept_ms", l."next_unit", l."key", l."entries"
      FROM unnest(${logs}) AS l
      ON CONFLICT ("key") DO UPDATE SET "expires_at" = excluded."expires_at",
        "kept_ms" = excluded."kept_ms", "next_unit" = excluded."next_unit",
        "entries" = excluded."entries";
  END IF`
}

/** Keeps nothing of logs that have no entries any more. */
export function emptyLogs({ name }: PostgresNames): string {
  return `IF cardinality(emptied) > 0 THEN
    DELETE FROM ${name('charges')} c WHERE c."key" = ANY (emptied);
  END IF`
}
