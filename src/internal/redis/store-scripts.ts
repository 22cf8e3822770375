import { challengeRecordsInLua } from './challenge-in-lua'
import { redisScript } from './client'

// The key is the record's, and the first argument after the clock the challenge's name in it.

/** More arguments: digest, attempts, ttlMs, data. */
export const putScript = redisScript(`${challengeRecordsInLua}
local record = read(KEYS[1])
put(record, ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6])
save(KEYS[1], record)
return 1`)

/**
 * Answers `none`, `alive` or `used`, and in the latter cases digest, attempts, attemptsLeft,
 * remainingMs and data.
 */
export const getScript = redisScript(`${challengeRecordsInLua}
local challenge = living(read(KEYS[1]), ARGV[2])
if not challenge then return 'none' end
if challenge.used then
  challenge.left, challenge.rest = 0, ''
  return 'used ' .. standing(challenge)
end
return 'alive ' .. standing(challenge)`)

/**
 * More arguments: digests. Answers the outcome and, where there are such things, attemptsUsed or
 * attemptsLeft, remainingMs and data.
 */
export const attemptScript = redisScript(`${challengeRecordsInLua}
local record = read(KEYS[1])
local challenge = living(record, ARGV[2])
local outcome, isCharged = guess(record, ARGV[2], challenge, 3, #ARGV)
if outcome == 'verified' then consume(record, ARGV[2], challenge, '') end
if isCharged then save(KEYS[1], record) end
if outcome == 'verified' then return 'verified ' .. verified(challenge) end
if outcome == 'incorrect' then return 'incorrect ' .. incorrect(challenge) end
return outcome`)

/** More arguments: digest. */
export const deleteScript = redisScript(`${challengeRecordsInLua}
local record = read(KEYS[1])
local challenge = living(record, ARGV[2])
if challenge and challenge.digest == ARGV[3] then
  record[ARGV[2]] = nil
  save(KEYS[1], record)
end
return 1`)
