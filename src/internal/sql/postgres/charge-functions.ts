import {
  keyLocks,
  logsOf,
  type PostgresNames,
  postgresFunction,
  postgresSweep,
  present,
} from './function-parts'
import { chargeLogs, emptyLogs, newLogs } from './log-functions'

// A row cannot be written twice by one statement.
const distinctKeys = 'ARRAY(SELECT DISTINCT k."key" FROM unnest(log_keys) AS k ("key"))'

/** Puts a log where it is written from; nothing is kept of an empty one. */
const keepLog = `IF cardinality(key_log."times") > 0 THEN
      written := written || key_log;
    ELSE
      emptied := emptied || key_log."key";
    END IF;`

/** The functions about charges alone. */
export function postgresChargeFunctions(names: PostgresNames): readonly string[] {
  const { name } = names
  const table = name('charges')
  return [
    // answer: the limit that refuses or 0, the wait, units in each window; then, unless it is
    // refused, the first unit of each charge. The keys come down in the order of charged.
    postgresFunction(
      `${name('take')}(log_keys text[], windows bigint[], charged bigint[], test_instant bigint,
  OUT answer text)`,
      `
DECLARE
  present bigint;
  logs ${table}[];
  key_log ${table};
  made ${table}[] := '{}';
  written ${table}[] := '{}';
  window_count integer := cardinality(windows) / 7;
  numbers bigint[];
BEGIN
  ${keyLocks(names)};
  -- The clock is read behind the wait for the locks.
  present := ${present};
  logs := ${logsOf(names, 'log_keys')};
  numbers := ${name('look')}(logs, charged, 0, windows, 1, window_count, present);
  IF numbers[1] = 0 THEN
    FOR k IN 1 .. cardinality(log_keys) LOOP
      CONTINUE WHEN charged[3 * k - 1] = 0;
      key_log := ${name('charge')}(logs[k], log_keys[k], charged[3 * k - 1], charged[3 * k],
        windows, 1, window_count, k, present);
      IF key_log."expires_at" IS NULL THEN
        made := made || key_log;
      ELSE
        written := written || key_log;
      END IF;
      numbers := numbers || key_log."next_unit" - charged[3 * k - 1];
    END LOOP;
    ${newLogs(names, 'made')};
    ${chargeLogs(names, 'written')};
  END IF;
  answer := numbers::text;
END`,
    ),
    // charge_units: the first unit of a charge, how many units; and so on.
    postgresFunction(
      `${name('refund')}(log_keys text[], charge_units bigint[]) RETURNS void`,
      `
DECLARE
  key_log ${table};
  log_entries bigint[];
  first_unit bigint;
  last_unit bigint;
  place integer;
  changed boolean;
  written ${table}[] := '{}';
  emptied text[] := '{}';
BEGIN
  ${keyLocks(names)};
  FOREACH key_log IN ARRAY ${logsOf(names, distinctKeys)} LOOP
    CONTINUE WHEN key_log."key" IS NULL;
    changed := false;
    FOR j IN 1 .. cardinality(charge_units) BY 2 LOOP
      first_unit := charge_units[j];
      last_unit := first_unit + charge_units[j + 1] - 1;
      log_entries := key_log."entries";
      place := cardinality(key_log."times");
      WHILE place > 0 AND NOT (first_unit >= log_entries[4 * place - 3]
        AND last_unit <= log_entries[4 * place - 2]) LOOP
        place := place - 1;
      END LOOP;
      CONTINUE WHEN place = 0;
      key_log := ${name('take_out')}(key_log, place, first_unit, last_unit);
      changed := true;
    END LOOP;
    CONTINUE WHEN NOT changed;
    ${keepLog}
  END LOOP;
  ${chargeLogs(names, 'written')};
  ${emptyLogs(names)};
END`,
    ),
    postgresFunction(
      `${name('clear')}(log_keys text[], newest bigint) RETURNS void`,
      `
DECLARE
  key_log ${table};
  written ${table}[] := '{}';
  emptied text[] := '{}';
BEGIN
  ${keyLocks(names)};
  FOREACH key_log IN ARRAY ${logsOf(names, distinctKeys)} LOOP
    CONTINUE WHEN key_log."key" IS NULL;
    IF newest IS NULL THEN
      key_log."times" := '{}';
    ELSE
      key_log := ${name('forget')}(key_log, newest);
    END IF;
    ${keepLog}
  END LOOP;
  ${chargeLogs(names, 'written')};
  ${emptyLogs(names)};
END`,
    ),
    postgresSweep(names, 'charges', '"key"'),
  ]
}
