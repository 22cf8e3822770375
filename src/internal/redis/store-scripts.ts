import { challengesInLua } from './challenge-in-lua'
import { nowInLua, redisScript } from './client'

const challenges = `${nowInLua}${challengesInLua}`

/** Arguments: clock, digest, attempts, ttlMs, data. */
export const putScript = redisScript(`${challenges}
put(KEYS[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5])
return 1`)

/**
 * Argument: clock. Answers `none`, `alive` or `used`, and in the latter cases digest, attempts,
 * attemptsLeft, remainingMs and data.
 */
export const getScript = redisScript(`${challenges}
local challenge = living(KEYS[1])
if not challenge then return { 'none' } end
local _, remainingMs = numbersOf(challenge)
if challenge.used then
  return { 'used', challenge.digest, challenge.attempts, 0, remainingMs, '' }
end
return { 'alive', challenge.digest, challenge.attempts, challenge.left, remainingMs, challenge.rest }`)

/**
 * Arguments: clock, digests. Answers the outcome and, where there are such things, attemptsUsed or
 * attemptsLeft, remainingMs and data.
 */
export const attemptScript = redisScript(`${challenges}
local challenge = living(KEYS[1])
local outcome = guess(KEYS[1], challenge, 2)
if outcome == 'gone' or outcome == 'used' then return { outcome } end
local attemptsUsed, remainingMs = numbersOf(challenge)
if outcome == 'incorrect' then
  return { outcome, challenge.left, remainingMs, challenge.rest }
end
consume(KEYS[1], challenge, '')
return { outcome, attemptsUsed, remainingMs, challenge.rest }`)

/** Arguments: clock, digest. */
export const deleteScript = redisScript(`${challenges}
local challenge = living(KEYS[1])
if challenge and challenge.digest == ARGV[2] then redis.call('DEL', KEYS[1]) end
return 1`)
