import type { SqlSettings } from '../settings'
import { postgresFunction, postgresPresent, postgresSweep } from './function-parts'

/** The functions about challenges. A `put` needs none: it is one upsert. */
export function postgresChallengeFunctions(settings: SqlSettings): readonly string[] {
  const { name } = settings
  const table = name('challenges')
  const present = postgresPresent('test_instant', 'clock_timestamp')
  return [
    postgresFunction(
      `${name('get')}(challenge_id text, test_instant bigint,
  OUT digest text, OUT attempts_left integer, OUT remaining_ms bigint, OUT data text)
RETURNS SETOF record`,
      `
DECLARE
  present bigint := ${present};
BEGIN
  RETURN QUERY SELECT c."digest", c."attempts_left", c."expires_at" - present, c."data"
    FROM ${table} c WHERE c."id" = challenge_id AND c."expires_at" > present;
END`,
    ),
    postgresFunction(
      `${name('attempt')}(challenge_id text, candidates jsonb, test_instant bigint,
  OUT outcome text, OUT attempts_counted integer, OUT challenge_data text)`,
      `
DECLARE
  challenge record;
BEGIN
  SELECT c.* INTO challenge FROM ${table} c WHERE c."id" = challenge_id FOR UPDATE;
  -- The clock is read behind the wait for the row.
  IF NOT FOUND OR challenge."attempts_left" = 0 OR challenge."expires_at" <= ${present} THEN
    outcome := 'gone';
  ELSIF candidates ? challenge."digest" THEN
    DELETE FROM ${table} c WHERE c."id" = challenge_id;
    outcome := 'verified';
    attempts_counted := challenge."attempts" - challenge."attempts_left" + 1;
    challenge_data := challenge."data";
  ELSE
    UPDATE ${table} c SET "attempts_left" = c."attempts_left" - 1 WHERE c."id" = challenge_id;
    outcome := 'incorrect';
    attempts_counted := challenge."attempts_left" - 1;
  END IF;
END`,
    ),
    postgresFunction(
      `${name('delete')}(challenge_id text, expected text) RETURNS void`,
      `
BEGIN
  DELETE FROM ${table} c WHERE c."id" = challenge_id AND c."digest" = expected;
END`,
    ),
    postgresSweep(settings, 'challenges', '"id"'),
  ]
}
