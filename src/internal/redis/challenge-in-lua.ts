import { usedMs } from '../../store'
import { graceMs } from './client'

// What the text of a challenge begins with.
const forms = { alive: 65, used: 85 } as const
const head = '>BdI4I4I2'
const headLength = 19
// Where in it the attempts that are left stand, from 0 on.
const leftAt = 13

/**
 * Challenges, for scripts.
 *
 * One string a challenge: a form, expiresAt, attempts, attemptsLeft and the length of the digest, then the
 * digest and the data. Once it is used, what answers the call that verified it again comes before
 * the data: the length of that call, attemptsUsed, remainingMs and the call. Without a call nothing is
 * kept for it.
 *
 * Whole strings are compared in Lua by address, which takes the same time wherever they differ.
 */
export const challengesInLua = `
local function living(key)
  local text = call('GET', key)
  if not text then return nil end
  local form, expiresAt, attempts, left, length = unpackAt('${head}', text)
  if form ~= ${forms.alive} and form ~= ${forms.used} then error('a key holds something else') end
  if now >= expiresAt then return nil end
  return { text = text, isUsed = form == ${forms.used}, expiresAt = expiresAt, attempts = attempts,
    left = left, digest = sub(text, ${headLength + 1}, ${headLength} + length), rest = ${headLength + 1} + length }
end
-- To be asked for once.
local function dataOf(challenge)
  return sub(challenge.text, challenge.rest)
end
local function headOf(form, attempts, left, digest, lifeMs)
  return pack('${head}', form, now + lifeMs, attempts, left, #digest)
end
local function saveChallenge(key, text, lifeMs)
  call('SET', key, text, 'PX', digits(lifeMs + ${graceMs}))
end`

/** What puts them and reads them. */
export const puttingInLua = `
local function put(key, digest, attempts, ttlMs, data)
  saveChallenge(key, headOf(${forms.alive}, attempts, attempts, digest, ttlMs) .. digest .. data, ttlMs)
end
local function standing(challenge, left)
  return challenge.digest .. ' ' .. challenge.attempts .. ' ' .. left .. ' ' .. (challenge.expiresAt - now)
end`

/** What guesses at them. */
export const guessingInLua = `
-- Whoever calls this saves the challenge if it says so, whatever the outcome: a server that cannot
-- write, being full or cut off, must fail with the right code as it fails with any other.
local function guess(challenge, first, last)
  if not challenge or challenge.left == 0 then return 'gone', false end
  challenge.left = challenge.left - 1
  local matches = false
  for index = first, last do
    if ARGV[index] == challenge.digest then matches = true end
  end
  if challenge.isUsed then return matches and 'used' or 'gone', true end
  return matches and 'verified' or 'incorrect', true
end
-- A challenge that was guessed at lives on as it did; a used one has another life.
local function saveGuessed(key, challenge, outcome, asked, data)
  local attempts, left, digest = challenge.attempts, challenge.left, challenge.digest
  if outcome ~= 'verified' then
    call('SETRANGE', key, '${leftAt}', pack('>I4', left))
    return
  end
  saveChallenge(key, headOf(${forms.used}, attempts, left, digest, ${usedMs}) .. digest
    .. pack('>I2I4d', #asked, attempts - left, challenge.expiresAt - now) .. asked
    .. (asked == '' and '' or data), ${usedMs})
end
-- What the call that used it was answered, and the data, if this is that call.
local function answeredTo(challenge, asked)
  if not challenge.isUsed or asked == '' then return nil end
  local length, attemptsUsed, remainingMs, at = unpackAt('>I2I4d', challenge.text, challenge.rest)
  if sub(challenge.text, at, at + length - 1) ~= asked then return nil end
  return attemptsUsed .. ' ' .. remainingMs, sub(challenge.text, at + length)
end
-- What follows an outcome that comes with data.
local function numbersOf(outcome, challenge)
  local count = outcome == 'verified' and challenge.attempts - challenge.left or challenge.left
  return ' ' .. digits(count) .. ' ' .. digits(challenge.expiresAt - now)
end`

/** All of it, for scripts about nothing else. */
export const challengesAloneInLua = `${challengesInLua}${puttingInLua}${guessingInLua}`
