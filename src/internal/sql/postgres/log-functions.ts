import type { SqlSettings } from '../settings'
import { postgresPart } from './function-parts'

/** What the functions about charges do with the log of a key that they have locked. */
export function postgresLogFunctions({ name }: SqlSettings): readonly string[] {
  const table = name('charges')
  return [
    // Adds a charge to the log of a key that may have one, and gives the number of its first unit.
    postgresPart(
      `${name('charge')}(log_key text, cost bigint, longest bigint, maxima bigint[],
  lengths bigint[], present bigint) RETURNS bigint`,
      `
DECLARE
  log_entries bigint[];
  kept bigint;
  unit bigint;
  aged integer := 0;
BEGIN
  -- Locked against a sweep, which would take the charge with it.
  SELECT c."entries", c."kept_ms", c."next_unit" INTO log_entries, kept, unit
    FROM ${table} c WHERE c."key" = log_key FOR UPDATE;
  IF NOT FOUND THEN
    RETURN ${name('begin')}(log_key, cost, longest, present);
  END IF;
  present := greatest(present, log_entries[cardinality(log_entries) - 3]);
  WHILE aged < cardinality(log_entries) AND present - log_entries[aged + 1] >= kept LOOP
    aged := aged + 4;
  END LOOP;
  kept := CASE WHEN aged = cardinality(log_entries) THEN longest ELSE greatest(longest, kept) END;
  log_entries := log_entries[aged + 1 :] || ARRAY[present, unit, unit + cost - 1, cost];
  -- Holes count as units here, which only asks for a merge that finds nothing to do.
  IF unit + cost - log_entries[2] > 128 THEN
    log_entries := ${name('merge')}(log_entries, maxima, lengths, kept);
  END IF;
  PERFORM ${name('keep')}(log_key, log_entries, kept, unit + cost);
  RETURN unit;
END`,
    ),
    // Begins a log with a charge, and gives the number of its first unit. Numbers begin at random,
    // so a charge of another log is not found in it.
    postgresPart(
      `${name('begin')}(log_key text, cost bigint, longest bigint, present bigint) RETURNS bigint`,
      `
DECLARE
  unit bigint := floor(random() * 281474976710656);
BEGIN
  -- The conflict clause turns a row that a strict isolation level hides into error 40001.
  INSERT INTO ${table} AS c ("expires_at", "kept_ms", "next_unit", "key", "entries")
    VALUES (${expiry('present', 'longest')}, longest, unit + cost, log_key,
      ARRAY[present, unit, unit + cost - 1, cost])
    ON CONFLICT ("key") DO UPDATE SET "entries" = excluded."entries";
  RETURN unit;
END`,
    ),
    // Merges neighbours in front of the newest 128 units; charge-log.ts says why it may.
    postgresPart(
      `${name('merge')}(log_entries bigint[], maxima bigint[], lengths bigint[], kept bigint)
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
    FOR j IN 1 .. cardinality(lengths) LOOP
      IF maxima[j] > 128 AND lengths[j] > age THEN
        shortest := least(shortest, lengths[j]);
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
    // Writes a log that exists; nothing is kept of an empty one.
    postgresPart(
      `${name('keep')}(log_key text, log_entries bigint[], kept bigint, unit bigint)
  RETURNS void`,
      `
BEGIN
  IF cardinality(log_entries) = 0 THEN
    DELETE FROM ${table} c WHERE c."key" = log_key;
    RETURN;
  END IF;
  UPDATE ${table} c
    SET "expires_at" = ${expiry('log_entries[cardinality(log_entries) - 3]', 'kept')},
      "kept_ms" = kept, "next_unit" = unit, "entries" = log_entries
    WHERE c."key" = log_key;
END`,
    ),
  ]
}

/** Rounded up, so that most updates leave the indexed column as it is. */
function expiry(newest: string, kept: string): string {
  const grain = `greatest(1, ${kept} / 8)`
  return `((${newest} + ${kept}) / ${grain} + 1) * ${grain}`
}
