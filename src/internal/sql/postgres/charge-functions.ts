import {
  keyLocks,
  type PostgresNames,
  postgresFunction,
  postgresSweep,
  present,
} from './function-parts'

/** The functions about charges alone. */
export function postgresChargeFunctions(names: PostgresNames): readonly string[] {
  const { name } = names
  const table = name('charges')
  return [
    // answer: the limit that refuses or 0, the wait, units in each window; then, unless it is
    // refused, the first unit of each charge.
    postgresFunction(
      `${name('take')}(log_keys text[], costs bigint[], windows bigint[], test_instant bigint,
  OUT answer text)`,
      `
DECLARE
  present bigint;
  logs ${table}[];
  used bigint[];
  refusal integer;
  wait_ms bigint;
  charged ${table};
  numbers bigint[];
BEGIN
  ${keyLocks(names)};
  -- The clock is read behind the wait for the locks.
  present := ${present};
  SELECT l.logs, l.used, l.refusal, l.wait_ms INTO logs, used, refusal, wait_ms
    FROM ${name('look')}(log_keys, costs, windows, present) AS l;
  numbers := ARRAY[refusal, wait_ms] || used;
  IF refusal = 0 THEN
    FOR i IN 1 .. cardinality(log_keys) LOOP
      CONTINUE WHEN costs[i] = 0;
      charged := ${name('charge')}(logs[i], log_keys, i, costs[i], windows, present);
      numbers := numbers || charged."next_unit" - costs[i];
    END LOOP;
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
  rest bigint[];
  changed boolean;
BEGIN
  ${keyLocks(names)};
  FOR i IN 1 .. cardinality(log_keys) LOOP
    SELECT c.* INTO key_log FROM ${table} c WHERE c."key" = log_keys[i];
    CONTINUE WHEN NOT FOUND;
    log_entries := key_log."entries";
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
      key_log."entries" := log_entries;
      PERFORM ${name('write')}(log_keys[i], key_log);
    END IF;
  END LOOP;
END`,
    ),
    postgresFunction(
      `${name('clear')}(log_keys text[], newest bigint) RETURNS void`,
      `
DECLARE
  key_log ${table};
BEGIN
  ${keyLocks(names)};
  FOR i IN 1 .. cardinality(log_keys) LOOP
    SELECT c.* INTO key_log FROM ${table} c WHERE c."key" = log_keys[i];
    CONTINUE WHEN NOT FOUND;
    IF newest IS NULL THEN
      key_log."entries" := '{}';
    ELSE
      key_log."entries" := ${name('forget')}(key_log."entries", newest);
    END IF;
    PERFORM ${name('write')}(log_keys[i], key_log);
  END LOOP;
END`,
    ),
    postgresSweep(names, 'charges', '"key"'),
  ]
}
