import { challengeRecordsInLua } from './challenge-in-lua'
import { redisScript } from './client'

/** Arguments: clock, digest, attempts, ttlMs, data. */
export const putScript = redisScript(`${challengeRecordsInLua}
put(KEYS[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5])
return 1`)

/**
 * Argument: clock. Answers `none`, `alive` or `used`, and in the latter cases digest, attempts,
 * attemptsLeft, remainingMs and data.
 */
export const getScript = redisScript(`${challengeRecordsInLua}
local challenge = living(KEYS[1])
if not challenge then return 'none' end
if challenge[6] then return 'used ' .. standing(challenge, 0, '') end
return 'alive ' .. standing(challenge, challenge[3], challenge[5])`)

/**
 * Arguments: clock, digests. Answers the outcome and, where there are such things, attemptsUsed or
 * attemptsLeft, remainingMs and data.
 */
export const attemptScript = redisScript(`${challengeRecordsInLua}
local challenge = living(KEYS[1])
local outcome, isCharged = guess(challenge, 2, #ARGV)
if isCharged then
  saveGuessed(KEYS[1], outcome == 'verified' and used(challenge, '') or challenge, outcome)
end
if outcome == 'gone' or outcome == 'used' then return outcome end
return outcome .. numbersOf(outcome, challenge) .. challenge[5]`)

/** Arguments: clock, digest. */
export const deleteScript = redisScript(`${challengeRecordsInLua}
local challenge = living(KEYS[1])
if challenge and challenge[4] == ARGV[2] then call('DEL', KEYS[1]) end
return 1`)
