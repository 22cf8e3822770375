import {
  postgresFunction,
  postgresLock,
  postgresPresent,
  postgresSweep,
} from './functions-postgres-parts'
import type { SqlSettings } from './settings'

/**
 * The functions about charges. They do what `charge-log.ts` does, on logs of four numbers an entry:
 * when, first unit, last unit, units of each charge in it.
 */
export function postgresChargeFunctions(settings: SqlSettings): readonly string[] {
  const { name } = settings
  const table = name('charges')
  return [
    // Key i has the windows from window_ends[i - 1] + 1 to window_ends[i]. For each window there
    // are three counts: units used, the wait for this charge, the wait for the same one after it.
    postgresFunction(
      `${name('take')}(log_keys text[], costs bigint[], new_units bigint[], window_ends integer[],
  maxima bigint[], lengths bigint[], test_instant bigint,
  OUT counts bigint[], OUT first_units bigint[])`,
      `
DECLARE
  present bigint;
  key_present bigint;
  log_entries bigint[];
  cost bigint;
  room bigint;
  next_room bigint;
  used bigint;
  wait_ms bigint;
  next_wait_ms bigint;
  first_window integer;
  longest bigint[] := '{}';
  known boolean[] := '{}';
  refused boolean := false;
BEGIN
  counts := '{}';
  first_units := '{}';
  FOR i IN 1 .. cardinality(log_keys) LOOP
    ${postgresLock(settings, 'log_keys[i]')};
  END LOOP;
  -- The clock is read behind the wait for the locks.
  present := ${postgresPresent('test_instant', 'clock_timestamp')};
  FOR i IN 1 .. cardinality(log_keys) LOOP
    SELECT c."entries" INTO log_entries FROM ${table} c WHERE c."key" = log_keys[i];
    known[i] := FOUND;
    longest[i] := 0;
    key_present := greatest(present, log_entries[cardinality(log_entries) - 3]);
    cost := costs[i];
    first_window := coalesce(window_ends[i - 1], 0) + 1;
    FOR j IN first_window .. window_ends[i] LOOP
      longest[i] := greatest(longest[i], lengths[j]);
      room := maxima[j] - cost;
      next_room := room - greatest(cost, 1);
      used := 0;
      wait_ms := CASE WHEN room < 0 THEN lengths[j] ELSE 0 END;
      next_wait_ms := CASE WHEN next_room < 0 THEN lengths[j] ELSE 0 END;
      FOR k IN REVERSE coalesce(cardinality(log_entries), 0) - 3 .. 1 BY 4 LOOP
        EXIT WHEN key_present - log_entries[k] >= lengths[j];
        used := used + log_entries[k + 2] - log_entries[k + 1] + 1;
        IF used > room THEN
          wait_ms := greatest(wait_ms, log_entries[k] + lengths[j] - key_present);
        END IF;
        IF used > next_room THEN
          next_wait_ms := greatest(next_wait_ms, log_entries[k] + lengths[j] - key_present);
        END IF;
      END LOOP;
      counts[3 * j - 2] := used;
      counts[3 * j - 1] := wait_ms;
      counts[3 * j] := next_wait_ms;
      refused := refused OR (cost > 0 AND wait_ms > 0);
    END LOOP;
  END LOOP;
  IF refused THEN
    RETURN;
  END IF;
  FOR i IN 1 .. cardinality(log_keys) LOOP
    CONTINUE WHEN costs[i] = 0;
    first_window := coalesce(window_ends[i - 1], 0) + 1;
    first_units := first_units || CASE WHEN known[i]
      THEN ${name('charge')}(log_keys[i], costs[i], new_units[i], longest[i],
        maxima[first_window : window_ends[i]], lengths[first_window : window_ends[i]], present)
      ELSE ${name('begin')}(log_keys[i], costs[i], new_units[i], longest[i], present)
      END;
  END LOOP;
END`,
    ),
    // charge_units: the first unit of a charge, how many units; and so on.
    postgresFunction(
      `${name('refund')}(log_keys text[], charge_units bigint[]) RETURNS void`,
      `
DECLARE
  log_entries bigint[];
  kept bigint;
  unit bigint;
  first_unit bigint;
  last_unit bigint;
  rest bigint[];
  changed boolean;
BEGIN
  FOR i IN 1 .. cardinality(log_keys) LOOP
    ${postgresLock(settings, 'log_keys[i]')};
    SELECT c."entries", c."kept_ms", c."next_unit" INTO log_entries, kept, unit
      FROM ${table} c WHERE c."key" = log_keys[i];
    CONTINUE WHEN NOT FOUND;
    changed := false;
    FOR j IN 1 .. cardinality(charge_units) BY 2 LOOP
      first_unit := charge_units[j];
      last_unit := first_unit + charge_units[j + 1] - 1;
      FOR k IN REVERSE cardinality(log_entries) - 3 .. 1 BY 4 LOOP
        CONTINUE WHEN first_unit < log_entries[k + 1] OR last_unit > log_entries[k + 2];
        rest := '{}';
        IF log_entries[k + 1] < first_unit THEN
          rest := ARRAY[log_entries[k], log_entries[k + 1], first_unit - 1, log_entries[k + 3]];
        END IF;
        IF last_unit < log_entries[k + 2] THEN
          rest := rest
            || ARRAY[log_entries[k], last_unit + 1, log_entries[k + 2], log_entries[k + 3]];
        END IF;
        log_entries := log_entries[: k - 1] || rest || log_entries[k + 4 :];
        changed := true;
        EXIT;
      END LOOP;
    END LOOP;
    IF changed THEN
      PERFORM ${name('keep')}(log_keys[i], log_entries, kept, unit);
    END IF;
  END LOOP;
END`,
    ),
    postgresFunction(
      `${name('clear')}(log_keys text[], newest integer) RETURNS void`,
      `
DECLARE
  log_entries bigint[];
  kept bigint;
  unit bigint;
  remaining bigint;
  charge_count bigint;
  k integer;
BEGIN
  FOR i IN 1 .. cardinality(log_keys) LOOP
    ${postgresLock(settings, 'log_keys[i]')};
    SELECT c."entries", c."kept_ms", c."next_unit" INTO log_entries, kept, unit
      FROM ${table} c WHERE c."key" = log_keys[i];
    CONTINUE WHEN NOT FOUND;
    remaining := newest;
    k := CASE WHEN newest IS NULL THEN -3 ELSE cardinality(log_entries) - 3 END;
    WHILE k > 0 AND remaining > 0 LOOP
      charge_count := (log_entries[k + 2] - log_entries[k + 1] + 1) / log_entries[k + 3];
      IF charge_count > remaining THEN
        log_entries[k + 2] := log_entries[k + 2] - remaining * log_entries[k + 3];
      ELSE
        k := k - 4;
      END IF;
      remaining := remaining - charge_count;
    END LOOP;
    PERFORM ${name('keep')}(log_keys[i], log_entries[: k + 3], kept, unit);
  END LOOP;
END`,
    ),
    postgresSweep(settings, 'charges', '"key"'),
  ]
}
