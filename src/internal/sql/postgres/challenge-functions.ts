import { usedMs } from '../../../store'
import { type PostgresNames, postgresFunction, postgresSweep, present } from './function-parts'

/** The functions about challenges. */
export function postgresChallengeFunctions(names: PostgresNames): readonly string[] {
  const { name } = names
  const table = name('challenges')
  return [
    postgresFunction(
      `${name('put')}(challenge_id text, challenge_digest text, challenge_attempts integer,
  ttl_ms bigint, challenge_data text, test_instant bigint) RETURNS void`,
      `
DECLARE
  present bigint := ${present};
BEGIN
  INSERT INTO ${table} AS c
    ("expires_at", "attempts", "attempts_left", "id", "digest", "data")
    VALUES (present + ttl_ms, challenge_attempts, challenge_attempts, challenge_id,
      challenge_digest, challenge_data)
    ON CONFLICT ("id") DO UPDATE SET "expires_at" = excluded."expires_at",
      "attempts" = excluded."attempts", "attempts_left" = excluded."attempts_left",
      "digest" = excluded."digest", "data" = excluded."data",
      "used_attempts" = 0, "used_remaining_ms" = 0, "used_call" = '';
END`,
    ),
    // answer: attempts, attempts left, milliseconds left, whether it is used; nothing where nothing is.
    postgresFunction(
      `${name('get')}(challenge_id text, test_instant bigint,
  OUT answer text, OUT digest text, OUT data text)`,
      `
DECLARE
  challenge ${table};
  present bigint := ${present};
BEGIN
  SELECT c.* INTO challenge FROM ${table} c WHERE c."id" = challenge_id;
  IF NOT FOUND OR challenge."expires_at" <= present THEN
    answer := '{}';
    RETURN;
  END IF;
  digest := challenge."digest";
  IF challenge."used_attempts" > 0 THEN
    answer := ARRAY[challenge."attempts", 0, challenge."expires_at" - present, 1]::text;
    data := '';
  ELSE
    answer := ARRAY[challenge."attempts", challenge."attempts_left",
      challenge."expires_at" - present, 0]::text;
    data := challenge."data";
  END IF;
END`,
    ),
    // answer: attempts used where it is verified, attempts left where it is incorrect; life left.
    postgresFunction(
      `${name('attempt')}(challenge_id text, candidates text[], test_instant bigint,
  OUT outcome text, OUT answer text, OUT data text)`,
      `
DECLARE
  challenge ${table};
  present bigint;
BEGIN
  ${expectTexts('candidates')};
  SELECT c.* INTO challenge FROM ${table} c WHERE c."id" = challenge_id FOR UPDATE;
  -- The clock is read behind the wait for the row.
  present := ${present};
  IF NOT FOUND OR challenge."expires_at" <= present OR challenge."attempts_left" <= 0 THEN
    outcome := 'gone';
    answer := '{0,0}';
    RETURN;
  END IF;
  -- What could not be charged is not compared.
  UPDATE ${table} c SET "attempts_left" = c."attempts_left" - 1 WHERE c."id" = challenge_id;
  IF challenge."used_attempts" > 0 THEN
    outcome := CASE WHEN challenge."digest" = ANY (candidates) THEN 'used' ELSE 'gone' END;
    answer := '{0,0}';
    RETURN;
  END IF;
  data := challenge."data";
  IF NOT challenge."digest" = ANY (candidates) THEN
    outcome := 'incorrect';
    answer := ARRAY[challenge."attempts_left" - 1, challenge."expires_at" - present]::text;
    RETURN;
  END IF;
  outcome := 'verified';
  answer := ARRAY[challenge."attempts" - challenge."attempts_left" + 1,
    challenge."expires_at" - present]::text;
  UPDATE ${table} c SET "expires_at" = present + ${usedMs}, "data" = '',
    "used_attempts" = challenge."attempts" - challenge."attempts_left" + 1,
    "used_remaining_ms" = challenge."expires_at" - present
    WHERE c."id" = challenge_id;
END`,
    ),
    postgresFunction(
      `${name('delete')}(challenge_id text, expected text) RETURNS void`,
      `
BEGIN
  DELETE FROM ${table} c WHERE c."id" = challenge_id AND c."digest" = expected;
END`,
    ),
    postgresSweep(names, 'challenges', '"id"'),
  ]
}

/** Texts that came down as something else would make every code a wrong one, or every key another. */
export function expectTexts(...names: readonly string[]): string {
  const lost = names.map((name) => `${name} IS NULL OR array_position(${name}, NULL) IS NOT NULL`)
  return `IF ${lost.join(' OR ')} THEN
    RAISE EXCEPTION 'the texts of a call are expected' USING ERRCODE = '22004';
  END IF`
}

/**
 * Writes the challenges that steps have changed, unless one of them is no longer what was found:
 * whoever asks a store alone holds no lock of its subject. Then nothing has happened, and it is tried
 * again with the rows locked first, so that nobody can come between another time.
 */
export function putChallenges({ name }: PostgresNames): string {
  const insert = (rows: string) => `INSERT INTO ${name('challenges')} AS c ("expires_at",
          "attempts", "attempts_left", "id", "digest", "data", "used_attempts",
          "used_remaining_ms", "used_call")
        SELECT p."expires_at", p."attempts", p."attempts_left", p."id", p."digest", p."data",
          p."used_attempts", p."used_remaining_ms", p."used_call"
        FROM unnest(${rows}) AS p`
  return `IF cardinality(put) > 0 THEN
    ${insert('put')};
  END IF;
  IF cardinality(replaced) > 0 THEN
    WITH written_rows AS (
      ${insert('replaced')}
        ON CONFLICT ("id") DO UPDATE SET "expires_at" = excluded."expires_at",
          "attempts" = excluded."attempts", "attempts_left" = excluded."attempts_left",
          "digest" = excluded."digest", "data" = excluded."data",
          "used_attempts" = excluded."used_attempts",
          "used_remaining_ms" = excluded."used_remaining_ms",
          "used_call" = excluded."used_call"
        WHERE c = found[array_position(challenge_ids, c."id")]
        RETURNING c."xmax" = 0 AS is_new)
    SELECT count(*) FILTER (WHERE NOT w.is_new) INTO replacements FROM written_rows AS w;
    IF replacements <> cardinality(replaced) THEN
      RAISE EXCEPTION 'a challenge has changed meanwhile' USING ERRCODE = '40001';
    END IF;
  END IF`
}
