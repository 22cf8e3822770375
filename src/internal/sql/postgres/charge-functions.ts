import type { SqlSettings } from '../settings'
import { postgresFunction, postgresLocks, postgresPresent, postgresSweep } from './function-parts'

/**
 * The functions about charges. They do what `charge-log.ts` does, on logs of four numbers an entry:
 * when, first unit, last unit, units of each charge in it.
 */
export function postgresChargeFunctions(settings: SqlSettings): readonly string[] {
  const { name } = settings
  const table = name('charges')
  return [
    // Key i has the windows from window_ends[i - 1] + 1 to window_ends[i]. The answer has three
    // numbers for each window: units used, the wait for this charge, the wait for the same one after
    // it; then, unless it is refused, the first unit of each charge.
    postgresFunction(
      `${name('take')}(log_keys text[], costs bigint[], window_ends integer[], maxima bigint[],
  lengths bigint[], test_instant bigint) RETURNS bigint[]`,
      `
DECLARE
  present bigint;
  key_present bigint;
  log_entries bigint[];
  cost bigint;
  next_cost bigint;
  used bigint;
  wait_ms bigint;
  next_wait_ms bigint;
  answer bigint[] := '{}';
  first_window integer := 1;
  longest bigint;
  all_longest bigint[] := '{}';
  known boolean[] := '{}';
  refused boolean := false;
BEGIN
  ${postgresLocks(settings, 'log_keys')};
  -- The clock is read behind the wait for the locks.
  present := ${postgresPresent('test_instant', 'clock_timestamp')};
  FOR i IN 1 .. cardinality(log_keys) LOOP
    SELECT c."entries" INTO log_entries FROM ${table} c WHERE c."key" = log_keys[i];
    known := known || FOUND;
    key_present := greatest(present, log_entries[cardinality(log_entries) - 3]);
    cost := costs[i];
    next_cost := cost + greatest(cost, 1);
    longest := 0;
    FOR j IN first_window .. window_ends[i] LOOP
      longest := greatest(longest, lengths[j]);
      used := 0;
      wait_ms := CASE WHEN cost > maxima[j] THEN lengths[j] ELSE 0 END;
      next_wait_ms := CASE WHEN next_cost > maxima[j] THEN lengths[j] ELSE 0 END;
      IF known[i] THEN
        FOR k IN REVERSE cardinality(log_entries) - 3 .. 1 BY 4 LOOP
          EXIT WHEN key_present - log_entries[k] >= lengths[j];
          used := used + log_entries[k + 2] - log_entries[k + 1] + 1;
          IF used + cost > maxima[j] THEN
            wait_ms := greatest(wait_ms, log_entries[k] + lengths[j] - key_present);
          END IF;
          IF used + next_cost > maxima[j] THEN
            next_wait_ms := greatest(next_wait_ms, log_entries[k] + lengths[j] - key_present);
          END IF;
        END LOOP;
      END IF;
      answer := answer || ARRAY[used, wait_ms, next_wait_ms];
      refused := refused OR (cost > 0 AND wait_ms > 0);
    END LOOP;
    first_window := window_ends[i] + 1;
    all_longest := all_longest || longest;
  END LOOP;
  IF refused THEN
    RETURN answer;
  END IF;
  FOR i IN 1 .. cardinality(log_keys) LOOP
    IF costs[i] = 0 THEN
      CONTINUE;
    ELSIF known[i] THEN
      first_window := coalesce(window_ends[i - 1], 0) + 1;
      answer := answer || ${name('charge')}(log_keys[i], costs[i], all_longest[i],
        maxima[first_window : window_ends[i]], lengths[first_window : window_ends[i]], present);
    ELSE
      answer := answer
        || ${name('begin')}(log_keys[i], costs[i], all_longest[i], present);
    END IF;
  END LOOP;
  RETURN answer;
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
  ${postgresLocks(settings, 'log_keys')};
  FOR i IN 1 .. cardinality(log_keys) LOOP
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
  ${postgresLocks(settings, 'log_keys')};
  FOR i IN 1 .. cardinality(log_keys) LOOP
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
