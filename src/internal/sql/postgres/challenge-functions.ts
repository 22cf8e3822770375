import { usedMs } from '../../../store'
import {
  type PostgresNames,
  postgresFunction,
  postgresPart,
  postgresSweep,
  present,
} from './function-parts'

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
  ${upsertChallenge(names)};
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
  ${expectCandidates};
  SELECT c.* INTO challenge FROM ${table} c WHERE c."id" = challenge_id FOR UPDATE;
  -- The clock is read behind the wait for the row.
  present := ${present};
  IF NOT FOUND OR challenge."expires_at" <= present OR challenge."attempts_left" <= 0 THEN
    outcome := 'gone';
  ELSE
    outcome := ${name('compare')}(challenge, candidates, ''::text, present);
  END IF;
  answer := ${countsOf('outcome')}::text;
  data := CASE WHEN outcome IN ('verified', 'incorrect') THEN challenge."data" ELSE '' END;
END`,
    ),
    // Takes an attempt of a challenge whose row is locked, then compares, then consumes. What is
    // consumed keeps its data only for a call that may be asked again.
    postgresPart(
      `${name('compare')}(challenge ${table}, candidates text[], guess_call text,
  present bigint) RETURNS text`,
      `
BEGIN
  UPDATE ${table} c SET "attempts_left" = c."attempts_left" - 1
    WHERE c."id" = challenge."id";
  IF challenge."used_attempts" > 0 THEN
    RETURN CASE WHEN challenge."digest" = ANY (candidates) THEN 'used' ELSE 'gone' END;
  ELSIF NOT challenge."digest" = ANY (candidates) THEN
    RETURN 'incorrect';
  END IF;
  UPDATE ${table} c SET "expires_at" = present + ${usedMs},
    "used_attempts" = challenge."attempts" - challenge."attempts_left" + 1,
    "used_remaining_ms" = challenge."expires_at" - present,
    "used_call" = guess_call,
    "data" = CASE WHEN guess_call = '' THEN '' ELSE c."data" END
    WHERE c."id" = challenge."id";
  RETURN 'verified';
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

/** Creates the challenge, or replaces whole what stands there. */
export function upsertChallenge({ name }: PostgresNames): string {
  return `INSERT INTO ${name('challenges')} AS c
    ("expires_at", "attempts", "attempts_left", "id", "digest", "data")
    VALUES (present + ttl_ms, challenge_attempts, challenge_attempts, challenge_id,
      challenge_digest, challenge_data)
    ON CONFLICT ("id") DO UPDATE SET "expires_at" = excluded."expires_at",
      "attempts" = excluded."attempts", "attempts_left" = excluded."attempts_left",
      "digest" = excluded."digest", "data" = excluded."data",
      "used_attempts" = 0, "used_remaining_ms" = 0, "used_call" = ''`
}

/** Digests that came down as something else would make every code a wrong one. */
export const expectCandidates = `IF candidates IS NULL OR array_position(candidates, NULL) IS NOT NULL THEN
    RAISE EXCEPTION 'the digests of a guess are expected' USING ERRCODE = '22004';
  END IF`

/** The two numbers that tell of an outcome, from the challenge as it was before. */
export function countsOf(outcome: string): string {
  return `CASE ${outcome}
    WHEN 'verified' THEN ARRAY[challenge."attempts" - challenge."attempts_left" + 1,
      challenge."expires_at" - present]
    WHEN 'incorrect' THEN ARRAY[challenge."attempts_left" - 1, challenge."expires_at" - present]
    ELSE '{0,0}'::bigint[] END`
}
