import { type PostgresNames, postgresPart } from './function-parts'

// A log is a row of the charges table. Its entries are four numbers each: when, first unit, last
// unit, units of each charge in it. All of this does what `charge-log.ts` does.
//
// Windows come down as rows of seven numbers, and those that are limits come first:
//   1 which of the keys it looks at, counted from 1
//   2 most units in it
//   3 its length in milliseconds
//   4 0 is only counted, 1 is a limit, 2 is a limit that refuses at cost 0 too
//   5 applies only once the first window has counted so many
//   6 the window whose units raise its most, 0 for none
//   7 by how many billionths each of them does

/** What the functions about charges do with logs that they have locked. */
export function postgresLogFunctions({ name }: PostgresNames): readonly string[] {
  const table = name('charges')
  return [
    // Reads the logs and asks every window. refusal is the limit that refuses with the longest wait,
    // or 0; wait_ms is that wait, or else how long the same charge would have to wait behind this one.
    postgresPart(
      `${name('look')}(log_keys text[], costs bigint[], windows bigint[], present bigint,
  OUT logs ${table}[], OUT used bigint[], OUT refusal integer, OUT wait_ms bigint)`,
      `
DECLARE
  found_log ${table};
  log_entries bigint[];
  key_present bigint;
  units bigint;
  cost bigint;
  most bigint;
  needed bigint;
  longer_ms bigint;
BEGIN
  logs := '{}';
  used := '{}';
  refusal := 0;
  wait_ms := 0;
  FOR i IN 1 .. cardinality(log_keys) LOOP
    SELECT c.* INTO found_log FROM ${table} c WHERE c."key" = log_keys[i];
    logs := logs || found_log;
  END LOOP;
  FOR w IN 1 .. cardinality(windows) / 7 LOOP
    log_entries := (logs[windows[w][1]])."entries";
    units := 0;
    IF log_entries IS NOT NULL THEN
      key_present := greatest(present, log_entries[cardinality(log_entries) - 3]);
      FOR k IN REVERSE cardinality(log_entries) - 3 .. 1 BY 4 LOOP
        EXIT WHEN key_present - log_entries[k] >= windows[w][3];
        units := units + log_entries[k + 2] - log_entries[k + 1] + 1;
      END LOOP;
    END IF;
    used := used || units;
  END LOOP;
  FOR w IN 1 .. cardinality(windows) / 7 LOOP
    CONTINUE WHEN windows[w][4] = 0 OR used[1] < windows[w][5];
    cost := costs[windows[w][1]];
    needed := greatest(cost, 1);
    most := windows[w][2];
    IF windows[w][6] > 0 THEN
      -- A third of three is one, whatever was lost in writing the third down.
      most := most + floor(windows[w][7]::numeric * used[windows[w][6]] / 1e9 + 1e-6)::bigint;
    END IF;
    IF used[w] + needed > most AND (cost > 0 OR windows[w][4] = 2) THEN
      longer_ms := ${name('wait')}((logs[windows[w][1]])."entries", most - needed,
        windows[w][3], present);
      IF refusal = 0 OR longer_ms > wait_ms THEN
        refusal := w;
        wait_ms := longer_ms;
      END IF;
    ELSIF used[w] + cost + needed > most AND refusal = 0 THEN
      wait_ms := greatest(wait_ms, ${name('wait')}((logs[windows[w][1]])."entries",
        most - cost - needed, windows[w][3], present));
    END IF;
  END LOOP;
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
    // Writes a charge to a log, which may be none yet, and gives the log that it leaves. Numbers of
    // units begin at random, so a charge of another log is not found in it.
    postgresPart(
      `${name('charge')}(key_log ${table}, log_keys text[], key_number integer, cost bigint,
  windows bigint[], present bigint) RETURNS ${table}`,
      `
DECLARE
  log_entries bigint[] := coalesce(key_log."entries", '{}');
  unit bigint := coalesce(key_log."next_unit", floor(random() * 281474976710656)::bigint);
  longest bigint := 0;
  aged integer := 0;
BEGIN
  FOR w IN 1 .. cardinality(windows) / 7 LOOP
    IF windows[w][1] = key_number THEN
      longest := greatest(longest, windows[w][3]);
    END IF;
  END LOOP;
  present := greatest(present, log_entries[cardinality(log_entries) - 3]);
  WHILE aged < cardinality(log_entries) AND present - log_entries[aged + 1] >= key_log."kept_ms" LOOP
    aged := aged + 4;
  END LOOP;
  IF aged = cardinality(log_entries) THEN
    key_log."kept_ms" := longest;
  ELSE
    key_log."kept_ms" := greatest(longest, key_log."kept_ms");
  END IF;
  log_entries := log_entries[aged + 1 :] || ARRAY[present, unit, unit + cost - 1, cost];
  -- Holes count as units here, which only asks for a merge that finds nothing to do.
  IF unit + cost - log_entries[2] > 128 THEN
    log_entries := ${name('merge')}(log_entries, key_number, windows, key_log."kept_ms");
  END IF;
  key_log."next_unit" := unit + cost;
  key_log."entries" := log_entries;
  PERFORM ${name('write')}(log_keys[key_number], key_log);
  RETURN key_log;
END`,
    ),
    // Merges neighbours in front of the newest 128 units; charge-log.ts says why it may. What raises
    // the most of another window, or is raised, is kept as for a large one.
    postgresPart(
      `${name('merge')}(log_entries bigint[], key_number integer, windows bigint[], kept bigint)
  RETURNS bigint[]`,
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
    FOR w IN 1 .. cardinality(windows) / 7 LOOP
      IF windows[w][1] = key_number AND windows[w][3] > age
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
    // Writes a log as it is from now on; nothing is kept of an empty one. Its row may be gone all the
    // same, by a sweep, and a row that a strict isolation level hides becomes error 40001.
    postgresPart(
      `${name('write')}(log_key text, key_log ${table}) RETURNS void`,
      `
DECLARE
  newest bigint := key_log."entries"[cardinality(key_log."entries") - 3];
BEGIN
  IF newest IS NULL THEN
    DELETE FROM ${table} c WHERE c."key" = log_key;
    RETURN;
  END IF;
  INSERT INTO ${table} AS c ("expires_at", "kept_ms", "next_unit", "key", "entries")
    VALUES (${expiry('newest', 'key_log."kept_ms"')}, key_log."kept_ms", key_log."next_unit",
      log_key, key_log."entries")
    ON CONFLICT ("key") DO UPDATE SET "expires_at" = excluded."expires_at",
      "kept_ms" = excluded."kept_ms", "next_unit" = excluded."next_unit",
      "entries" = excluded."entries";
END`,
    ),
  ]
}

/** Rounded up, so that most updates leave the indexed column as it is. */
function expiry(newest: string, kept: string): string {
  const grain = `greatest(1, ${kept} / 8)`
  return `((${newest} + ${kept}) / ${grain} + 1) * ${grain}`
}
