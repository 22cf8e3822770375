import { type PostgresNames, postgresPart } from './function-parts'

/** All units of a log that has so many entries. */
export function unitsUpTo(newest: string): string {
  return `log_entries[4 * ${newest}] + log_entries[4 * ${newest} - 2] - log_entries[4 * ${newest} - 3] + 1`
}

/** The functions that make a log shorter; `log-functions.ts` says what it holds. */
export function postgresLogCuts({ name }: PostgresNames): readonly string[] {
  const table = name('charges')
  return [
    // Merges neighbours in front of the newest 128 units; charge-log.ts says why it may. What raises
    // the most of another window, or is raised, is kept as for a large one.
    postgresPart(
      `${name('merge')}(key_log ${table}, windows bigint[], first_window integer,
  last_window integer, window_key integer) RETURNS ${table}`,
      `
DECLARE
  log_times bigint[] := key_log."times";
  log_entries bigint[] := key_log."entries";
  newest integer := cardinality(log_times);
  exact_from integer := newest;
  total bigint := ${unitsUpTo('newest')};
  age bigint;
  slot bigint;
  shortest bigint;
  written integer := 1;
BEGIN
  WHILE exact_from > 1 AND total - log_entries[4 * exact_from] < 128 LOOP
    exact_from := exact_from - 1;
  END LOOP;
  IF exact_from <= 2 THEN
    RETURN key_log;
  END IF;
  FOR k IN 2 .. exact_from - 1 LOOP
    age := log_times[newest] - log_times[k];
    shortest := key_log."kept_ms";
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
    IF log_entries[4 * written - 2] + 1 = log_entries[4 * k - 3]
      AND log_times[written] / slot = log_times[k] / slot THEN
      IF log_entries[4 * written - 1] <> log_entries[4 * k - 1] THEN
        log_entries[4 * written - 1] := 1;
      END IF;
    ELSE
      written := written + 1;
      log_entries[4 * written - 3] := log_entries[4 * k - 3];
      log_entries[4 * written - 1] := log_entries[4 * k - 1];
      log_entries[4 * written] := log_entries[4 * k];
    END IF;
    log_times[written] := log_times[k];
    log_entries[4 * written - 2] := log_entries[4 * k - 2];
  END LOOP;
  key_log."times" := log_times[: written] || log_times[exact_from :];
  key_log."entries" := log_entries[: 4 * written] || log_entries[4 * exact_from - 3 :];
  RETURN key_log;
END`,
    ),
    // The log without these units of one of its entries.
    postgresPart(
      `${name('take_out')}(key_log ${table}, place integer, first_unit bigint, last_unit bigint)
  RETURNS ${table}`,
      `
DECLARE
  log_times bigint[] := key_log."times";
  log_entries bigint[] := key_log."entries";
  entry bigint[] := log_entries[4 * place - 3 : 4 * place];
  rest_times bigint[] := '{}';
  rest bigint[] := '{}';
BEGIN
  FOR k IN place + 1 .. cardinality(log_times) LOOP
    log_entries[4 * k] := log_entries[4 * k] - (last_unit - first_unit + 1);
  END LOOP;
  IF entry[1] < first_unit THEN
    rest_times := rest_times || log_times[place];
    rest := rest || ARRAY[entry[1], first_unit - 1, entry[3], entry[4]];
  END IF;
  IF last_unit < entry[2] THEN
    rest_times := rest_times || log_times[place];
    rest := rest || ARRAY[last_unit + 1, entry[2], entry[3], entry[4] + first_unit - entry[1]];
  END IF;
  key_log."times" := log_times[: place - 1] || rest_times || log_times[place + 1 :];
  key_log."entries" := log_entries[: 4 * place - 4] || rest || log_entries[4 * place + 1 :];
  RETURN key_log;
END`,
    ),
    // The log without its newest so many charges.
    postgresPart(
      `${name('forget')}(key_log ${table}, newest bigint) RETURNS ${table}`,
      `
DECLARE
  log_entries bigint[] := key_log."entries";
  k integer := cardinality(key_log."times");
  charge_count bigint;
BEGIN
  WHILE k > 0 AND newest > 0 LOOP
    charge_count := (log_entries[4 * k - 2] - log_entries[4 * k - 3] + 1) / log_entries[4 * k - 1];
    IF charge_count > newest THEN
      log_entries[4 * k - 2] := log_entries[4 * k - 2] - newest * log_entries[4 * k - 1];
    ELSE
      k := k - 1;
    END IF;
    newest := newest - charge_count;
  END LOOP;
  key_log."times" := (key_log."times")[: k];
  key_log."entries" := log_entries[: 4 * k];
  RETURN key_log;
END`,
    ),
  ]
}
