import { usedMs } from '../../store'
import { graceMs } from './client'

/**
 * Challenges, for scripts that have `now`.
 *
 * One string a challenge: `>dI4I4B` expiresAt, attempts, attemptsLeft and whether it was used; then
 * the digest, a space and the rest. A digest holds no space, so the first one ends it. The rest is
 * the data; of a used challenge it is what answers the call that verified it again (call,
 * attemptsUsed, remainingMs, data), or nothing.
 *
 * Whole strings are compared in Lua by address, which takes the same time wherever they differ.
 */
export const challengesInLua = `
local function saveChallenge(key, expiresAt, attempts, left, used, rest)
  local value = struct.pack('>dI4I4B', expiresAt, attempts, left, used) .. rest
  redis.call('SET', key, value, 'PX', string.format('%.0f', expiresAt - now + ${graceMs}))
end
local function living(key)
  local value = redis.call('GET', key)
  if not value then return nil end
  local expiresAt, attempts, left, used = struct.unpack('>dI4I4B', value)
  if now >= expiresAt then return nil end
  local space = string.find(value, ' ', 18, true)
  return {
    expiresAt = expiresAt, attempts = attempts, left = left, used = used == 1,
    digest = string.sub(value, 18, space - 1), rest = string.sub(value, space + 1),
  }
end
local function put(key, digest, attempts, ttlMs, data)
  saveChallenge(key, now + tonumber(ttlMs), attempts, attempts, 0, digest .. ' ' .. data)
end
local function numbersOf(challenge)
  return string.format('%.17g', challenge.attempts - challenge.left),
    string.format('%.17g', challenge.expiresAt - now)
end
-- Digests are the arguments from this one on. The attempt is taken before anything is compared: a
-- server that cannot write, being full or cut off, must fail here and not once it has answered.
local function guess(key, challenge, first)
  if not challenge or challenge.left == 0 then return 'gone' end
  challenge.left = challenge.left - 1
  redis.call('SETRANGE', key, 12, struct.pack('>I4', challenge.left))
  local matches = false
  for index = first, #ARGV do
    if ARGV[index] == challenge.digest then matches = true end
  end
  if challenge.used then return matches and 'used' or 'gone' end
  return matches and 'verified' or 'incorrect'
end
local function consume(key, challenge, replay)
  local rest = challenge.digest .. ' ' .. replay
  saveChallenge(key, now + ${usedMs}, challenge.attempts, challenge.left, 1, rest)
end`
