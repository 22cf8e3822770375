import { countsOf, expectCandidates, upsertChallenge } from './challenge-functions'
import { keyLocks, type PostgresNames, postgresFunction, present } from './function-parts'

/** The functions that decide a whole request. */
export function postgresStepFunctions(names: PostgresNames): readonly string[] {
  const { name } = names
  const [challenges, charges] = [name('challenges'), name('charges')]
  return [
    // answer: the limit that refuses or 0, the wait; attempts, attempts left and life left of what
    // stands there; units in each window; the first unit of each charge.
    postgresFunction(
      `${name('begin')}(log_keys text[], costs bigint[], windows bigint[], most_used bigint,
  challenge_id text, challenge_digest text, challenge_attempts integer, ttl_ms bigint,
  challenge_data text, replaces text, test_instant bigint,
  OUT outcome text, OUT answer text, OUT digest text, OUT data text)`,
      `
DECLARE
  present bigint;
  logs ${charges}[];
  used bigint[];
  refusal integer;
  wait_ms bigint;
  charged ${charges};
  units bigint[] := '{}';
  challenge ${challenges};
  standing bigint[] := '{0,0,0}';
  is_locked boolean;
BEGIN
  ${keyLocks(names)};
  -- The clock is read behind the wait for the locks, and again behind that for the row.
  present := ${present};
  SELECT l.logs, l.used, l.refusal, l.wait_ms INTO logs, used, refusal, wait_ms
    FROM ${name('look')}(log_keys, costs, windows, present) AS l;
  IF refusal > 0 THEN
    outcome := 'refused';
  ELSE
    FOR i IN 1 .. cardinality(costs) LOOP
      CONTINUE WHEN costs[i] = 0;
      charged := ${name('charge')}(logs[i], log_keys, i, costs[i], windows, present);
      units := units || charged."next_unit" - costs[i];
    END LOOP;
    LOOP
      SELECT c.* INTO challenge FROM ${challenges} c WHERE c."id" = challenge_id FOR UPDATE;
      is_locked := FOUND;
      present := ${present};
      IF is_locked AND challenge."expires_at" > present AND challenge."used_attempts" = 0
        AND challenge."attempts_left" > 0 AND challenge."digest" IS DISTINCT FROM replaces THEN
        outcome := 'standing';
        standing := ARRAY[challenge."attempts", challenge."attempts_left",
          challenge."expires_at" - present];
        digest := challenge."digest";
        data := challenge."data";
        EXIT;
      ELSIF used[1] > most_used THEN
        outcome := 'kept';
        EXIT;
      END IF;
      ${upsertChallenge(names)}
        WHERE is_locked;
      IF FOUND THEN
        outcome := 'put';
        EXIT;
      END IF;
      -- Somebody has put one where there was none to lock.
    END LOOP;
  END IF;
  answer := (ARRAY[refusal, wait_ms] || standing || used || units)::text;
END`,
    ),
    // outcome: repeated for a verified that this call has had before. answer: the limit that refuses
    // and the wait, or what attempt answers; units in each window before this call.
    postgresFunction(
      `${name('settle')}(log_keys text[], costs bigint[], windows bigint[], forgiveness integer,
  most_used bigint, challenge_id text, candidates text[], guess_call text, test_instant bigint,
  OUT outcome text, OUT answer text, OUT data text)`,
      `
DECLARE
  present bigint;
  logs ${charges}[];
  used bigint[];
  refusal integer;
  wait_ms bigint;
  challenge ${challenges};
  is_alive boolean;
  counts bigint[];
  failures bigint;
  first_key integer := windows[1][1];
  forgiven_key integer := windows[forgiveness][1];
  first_log ${charges};
BEGIN
  ${expectCandidates};
  ${keyLocks(names)};
  -- The clock is read behind the wait for the locks, and again behind that for the row.
  present := ${present};
  SELECT l.logs, l.used, l.refusal, l.wait_ms INTO logs, used, refusal, wait_ms
    FROM ${name('look')}(log_keys, costs, windows, present) AS l;
  IF refusal > 0 THEN
    SELECT c.* INTO challenge FROM ${challenges} c WHERE c."id" = challenge_id;
  ELSE
    SELECT c.* INTO challenge FROM ${challenges} c WHERE c."id" = challenge_id FOR UPDATE;
    present := ${present};
  END IF;
  is_alive := coalesce(challenge."expires_at" > present, false);

  -- The call that has verified it has lost its answer and asks again.
  IF is_alive AND challenge."used_attempts" > 0 AND challenge."used_call" = guess_call
    AND guess_call <> '' THEN
    outcome := 'repeated';
    answer := (ARRAY[challenge."used_attempts", challenge."used_remaining_ms"] || used)::text;
    data := challenge."data";
    RETURN;
  ELSIF refusal > 0 THEN
    outcome := 'refused';
    answer := (ARRAY[refusal, wait_ms] || used)::text;
    RETURN;
  END IF;

  FOR i IN 1 .. cardinality(costs) LOOP
    CONTINUE WHEN costs[i] = 0 OR i = first_key;
    logs[i] := ${name('charge')}(logs[i], log_keys, i, costs[i], windows, present);
  END LOOP;
  IF NOT is_alive OR challenge."attempts_left" <= 0 OR used[1] + 1 > most_used THEN
    outcome := 'gone';
  ELSIF challenge."used_attempts" > 0 THEN
    outcome := ${name('compare')}(challenge, candidates, guess_call, present);
  ELSE
    -- As for a wrong guess: what could not be charged is not compared.
    first_log := logs[first_key];
    IF costs[first_key] > 0 THEN
      PERFORM ${name('charge')}(first_log, log_keys, first_key, costs[first_key], windows, present);
    END IF;
    outcome := ${name('compare')}(challenge, candidates, guess_call, present);
    IF outcome = 'verified' THEN
      failures := challenge."attempts" - challenge."attempts_left";
      IF failures > 0 AND (forgiveness = 0
        OR used[forgiveness] + failures <= windows[forgiveness][2]) THEN
        first_log."entries" := ${name('forget')}(first_log."entries", failures);
        IF forgiveness > 0 THEN
          PERFORM ${name('charge')}(logs[forgiven_key], log_keys, forgiven_key, failures, windows,
            present);
        END IF;
      END IF;
      PERFORM ${name('write')}(log_keys[first_key], first_log);
    END IF;
  END IF;
  counts := ${countsOf('outcome')};
  answer := (counts || used)::text;
  data := CASE WHEN outcome IN ('verified', 'incorrect') THEN challenge."data" ELSE '' END;
END`,
    ),
  ]
}
