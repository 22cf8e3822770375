import { challengesAloneInLua } from './challenge-in-lua'
import { keysScript } from './record-in-lua'

/** Arguments: clock, digest, attempts, ttlMs, data. */
export const putScript = keysScript(`${challengesAloneInLua}
put(KEYS[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5])
return 1`)

/**
 * Argument: clock. Answers `none`, `alive` or `used`, and in the latter cases digest, attempts,
 * attemptsLeft and remainingMs; and the data.
 */
export const getScript = keysScript(`${challengesAloneInLua}
local challenge = living(KEYS[1])
if not challenge then return 'none' end
if challenge.isUsed then return { 'used ' .. standing(challenge, 0), '' } end
return { 'alive ' .. standing(challenge, challenge.left), dataOf(challenge) }`)

/**
 * Arguments: clock, digests. Answers the outcome and, where there are such things, attemptsUsed or
 * attemptsLeft and remainingMs; and the data.
 */
export const attemptScript = keysScript(`${challengesAloneInLua}
local challenge = living(KEYS[1])
local outcome, isCharged = guess(challenge, 2, #ARGV)
if isCharged then saveGuessed(KEYS[1], challenge, outcome, '', '') end
if outcome == 'gone' or outcome == 'used' then return outcome end
return { outcome .. numbersOf(outcome, challenge), dataOf(challenge) }`)

/** Arguments: clock, digest. */
export const deleteScript = keysScript(`${challengesAloneInLua}
local challenge = living(KEYS[1])
if challenge and challenge.digest == ARGV[2] then call('DEL', KEYS[1]) end
return 1`)
