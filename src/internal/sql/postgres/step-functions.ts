import { usedMs } from '../../../store'
import { expectTexts, putChallenges } from './challenge-functions'
import { keyLocks, logsOf, type PostgresNames, postgresFunction, present } from './function-parts'
import { beginLog, chargeLogs, emptyLogs, firstUnit, newLogs } from './log-functions'

// Calls of `begin` and `settle`, one or many, come down as
//   log_keys       every key that one of them names, once
//   challenge_ids  every challenge that one of them is about, once
//   windows        the windows of every policy, once; log-functions.ts says what the numbers are
//   charged        the keys of each call in turn, three numbers each; it says that too
//   calls          a row of thirteen numbers each:
//      1  1 is a begin, 2 a settle
//      2  the first window of its policy, and 3 the last
//      4  which of its keys the first window looks at
//      5  most units that the first window may have had
//      6  which window bounds forgiveness, 0 for none
//      7  which challenge
//      8  how many numbers of charged stand before its own, and 9 how many keys it has
//      10 the last of its texts
//      11 attempts and 12 life of a challenge to put
//      13 1 where it takes one unit from each key that its policy charges
//   texts          of a begin: digest, data and, where it may replace one, that one's digest;
//                  of a settle: the name of the call, then the digests
//   is_again       whether they were rolled back before

/** The function that decides whole requests, in order. */
export function postgresStepFunctions(names: PostgresNames): readonly string[] {
  const { name } = names
  const [challenges, charges] = [name('challenges'), name('charges')]
  return [
    // answer of a begin: the limit that refuses or 0, the wait; units in each window; the first unit
    // of each charge; attempts, attempts left and life left of what stands there.
    // answer of a settle: the limit that refuses and the wait, or what attempt answers; units in each
    // window before. It is repeated for a verified that this call has had before.
    postgresFunction(
      `${name('steps')}(log_keys text[], challenge_ids text[], windows bigint[], charged bigint[],
  calls bigint[], texts text[], test_instant bigint, is_again boolean)
  RETURNS TABLE (outcome text, answer text, digest text, data text)`,
      `
DECLARE
  present bigint;
  logs ${charges}[];
  found ${challenges}[];
  kept ${challenges}[];
  is_charged boolean[] := array_fill(false, ARRAY[cardinality(log_keys)]);
  is_tried boolean[] := is_charged;
  is_put boolean[] := array_fill(false, ARRAY[cardinality(challenge_ids)]);
  challenge ${challenges};
  verdict bigint[];
  is_new boolean;
  new_verdict bigint[];
  new_window integer := 0;
  unit bigint;
  begun ${charges};
  is_alive boolean;
  is_right boolean;
  failures bigint;
  behind integer;
  first_window integer;
  forgiving integer;
  slot integer;
  place integer;
  text_at integer := 0;
  tried ${charges}[] := '{}';
  made ${charges}[] := '{}';
  written ${charges}[] := '{}';
  emptied text[] := '{}';
  put ${challenges}[] := '{}';
  replaced ${challenges}[] := '{}';
  replacements integer;
BEGIN
  ${expectTexts('log_keys', 'challenge_ids', 'texts')};
  IF cardinality(texts) <> calls[cardinality(calls) / 13][10] THEN
    RAISE EXCEPTION 'the texts of a call are expected' USING ERRCODE = '22004';
  END IF;
  -- What shares a query does not wait long for somebody's lock: it is then made one by one.
  IF cardinality(calls) > 13
    AND current_setting('lock_timeout')::interval NOT BETWEEN '1 ms' AND '2 s' THEN
    PERFORM set_config('lock_timeout', '2s', true);
  END IF;
  ${keyLocks(names)};
  IF is_again THEN
    PERFORM FROM ${challenges} c WHERE c."id" = ANY (challenge_ids) ORDER BY c."id" FOR UPDATE;
  END IF;
  -- The clock is read behind the wait for the locks.
  present := ${present};
  SELECT ${logsOf(names, 'log_keys')},
    ARRAY(SELECT (SELECT c FROM ${challenges} c WHERE c."id" = i."id")
      FROM unnest(challenge_ids) AS i ("id"))
    INTO logs, found;
  kept := found;
  FOR n IN 1 .. cardinality(calls) / 13 LOOP
    first_window := calls[n][2];
    slot := calls[n][7];
    behind := calls[n][8];
    challenge := kept[slot];
    is_alive := coalesce(challenge."expires_at" > present, false);
    digest := NULL;
    data := NULL;
    ${look(names)}
    IF calls[n][1] = 1 THEN
      ${begin(names)}
    ELSE
      ${settle(names)}
    END IF;
    text_at := calls[n][10];
    RETURN NEXT;
  END LOOP;

  FOR i IN 1 .. cardinality(log_keys) LOOP
    CONTINUE WHEN NOT is_charged[i];
    IF cardinality((logs[i])."times") > 0 THEN
      IF (logs[i])."expires_at" IS NULL AND NOT is_tried[i] THEN
        made := made || logs[i];
      ELSE
        written := written || logs[i];
      END IF;
    ELSE
      emptied := emptied || log_keys[i];
    END IF;
  END LOOP;
  ${chargeLogs(names, 'tried')};
  ${newLogs(names, 'made')};
  ${chargeLogs(names, 'written')};
  ${emptyLogs(names)};
  FOR i IN 1 .. cardinality(challenge_ids) LOOP
    CONTINUE WHEN NOT is_put[i];
    IF (found[i])."id" IS NULL THEN
      put := put || kept[i];
    ELSE
      replaced := replaced || kept[i];
    END IF;
  END LOOP;
  ${putChallenges(names)};
END`,
    ),
  ]
}

/** Asks the windows of a call. All who have no logs yet hear the same of a policy. */
function look({ name }: PostgresNames): string {
  return `is_new := calls[n][13] = 1;
    FOR k IN 1 .. calls[n][9] LOOP
      EXIT WHEN NOT is_new;
      is_new := (logs[charged[behind + 3 * k - 2]])."key" IS NULL;
    END LOOP;
    IF is_new AND first_window = new_window THEN
      verdict := new_verdict;
    ELSE
      verdict := ${name('look')}(logs, charged, behind, windows, first_window,
        calls[n][3]::integer, present);
      IF is_new THEN
        new_window := first_window;
        new_verdict := verdict;
      END IF;
    END IF;`
}

function begin(names: PostgresNames): string {
  return `IF verdict[1] > 0 THEN
        outcome := 'refused';
      ELSE
        FOR k IN 1 .. calls[n][9] LOOP
          CONTINUE WHEN charged[behind + 3 * k - 1] = 0;
          ${charge(names, 'k', 'charged[behind + 3 * k - 1]')}
          verdict := verdict || (logs[place])."next_unit" - charged[behind + 3 * k - 1];
        END LOOP;
        IF is_alive AND challenge."used_attempts" = 0 AND challenge."attempts_left" > 0
          AND (text_at + 2 = calls[n][10] OR challenge."digest" <> texts[text_at + 3]) THEN
          outcome := 'standing';
          verdict := verdict || ARRAY[challenge."attempts", challenge."attempts_left",
            challenge."expires_at" - present];
          digest := challenge."digest";
          data := challenge."data";
        ELSIF verdict[3] > calls[n][5] THEN
          outcome := 'kept';
        ELSE
          outcome := 'put';
          challenge."expires_at" := present + calls[n][12];
          challenge."attempts" := calls[n][11];
          challenge."attempts_left" := calls[n][11];
          challenge."id" := challenge_ids[slot];
          challenge."digest" := texts[text_at + 1];
          challenge."data" := texts[text_at + 2];
          challenge."used_attempts" := 0;
          challenge."used_remaining_ms" := 0;
          challenge."used_call" := '';
          kept[slot] := challenge;
          is_put[slot] := true;
        END IF;
      END IF;
      answer := verdict::text;`
}

function settle(names: PostgresNames): string {
  return `-- The call that has verified it has lost its answer and asks again.
      IF is_alive AND challenge."used_attempts" > 0 AND challenge."used_call" = texts[text_at + 1]
        AND texts[text_at + 1] <> '' THEN
        outcome := 'repeated';
        verdict[1] := challenge."used_attempts";
        verdict[2] := challenge."used_remaining_ms";
        data := challenge."data";
      ELSIF verdict[1] > 0 THEN
        outcome := 'refused';
      ELSE
        FOR k IN 1 .. calls[n][9] LOOP
          CONTINUE WHEN charged[behind + 3 * k - 1] = 0 OR k = calls[n][4];
          ${charge(names, 'k', 'charged[behind + 3 * k - 1]')}
        END LOOP;
        IF NOT is_alive OR challenge."attempts_left" <= 0 OR verdict[3] + 1 > calls[n][5] THEN
          outcome := 'gone';
        ELSE
          is_right := challenge."digest" = ANY (texts[text_at + 2 : calls[n][10]]);
          failures := challenge."attempts" - challenge."attempts_left";
          challenge."attempts_left" := challenge."attempts_left" - 1;
          IF challenge."used_attempts" > 0 THEN
            outcome := CASE WHEN is_right THEN 'used' ELSE 'gone' END;
          ELSIF NOT is_right THEN
            outcome := 'incorrect';
            verdict[1] := challenge."attempts_left";
            verdict[2] := challenge."expires_at" - present;
            data := challenge."data";
            IF charged[behind + 3 * calls[n][4] - 1] > 0 THEN
              ${charge(names, 'calls[n][4]', 'charged[behind + 3 * calls[n][4] - 1]')}
            END IF;
          ELSE
            outcome := 'verified';
            place := charged[behind + 3 * calls[n][4] - 2];
            IF charged[behind + 3 * calls[n][4] - 1] > 0 AND NOT is_tried[place] THEN
              -- As for a wrong guess: what could not be charged verifies nothing.
              tried := tried || ${charged(names, 'calls[n][4]', 'charged[behind + 3 * calls[n][4] - 1]')};
              is_tried[place] := true;
              is_charged[place] := true;
            END IF;
            verdict[1] := failures + 1;
            verdict[2] := challenge."expires_at" - present;
            data := challenge."data";
            challenge."used_attempts" := failures + 1;
            challenge."used_remaining_ms" := verdict[2];
            challenge."used_call" := texts[text_at + 1];
            challenge."expires_at" := present + ${usedMs};
            IF texts[text_at + 1] = '' THEN
              challenge."data" := '';
            END IF;
            ${forgive(names)}
          END IF;
          kept[slot] := challenge;
          is_put[slot] := true;
        END IF;
      END IF;
      answer := verdict::text;`
}

/** Forgets the earlier failures of a challenge, if so many may still be forgiven. */
function forgive(names: PostgresNames): string {
  return `forgiving := calls[n][6];
            IF failures > 0 AND (forgiving = 0 OR verdict[2 + forgiving] + failures
              <= windows[first_window + forgiving - 1][2]) THEN
              place := charged[behind + 3 * calls[n][4] - 2];
              IF (logs[place])."key" IS NOT NULL THEN
                logs[place] := ${names.name('forget')}(logs[place], failures);
                is_charged[place] := true;
              END IF;
              IF forgiving > 0 THEN
                forgiving := windows[first_window + forgiving - 1][1];
                ${charge(names, 'forgiving', 'failures')}
              END IF;
            END IF;`
}

/** Charges the log of one of a call's keys. */
function charge(names: PostgresNames, key: string, cost: string): string {
  return `place := charged[behind + 3 * ${key} - 2];
          IF (logs[place])."key" IS NULL THEN
            unit := ${firstUnit};
            ${beginLog('begun', 'log_keys[place]', cost, `charged[behind + 3 * ${key}]`)};
            logs[place] := begun;
          ELSE
            logs[place] := ${charged(names, key, cost)};
          END IF;
          is_charged[place] := true;`
}

/** The log at `place`, of this key of a call, with a charge more. */
function charged({ name }: PostgresNames, key: string, cost: string): string {
  return `${name('charge')}(logs[place], log_keys[place], ${cost},
            charged[behind + 3 * ${key}], windows, first_window, calls[n][3]::integer,
            (${key})::integer, present)`
}
