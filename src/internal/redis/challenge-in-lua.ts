import { usedMs } from '../../store'
import { graceMs } from './client'
import { recordsInLua } from './record-in-lua'

/**
 * Challenges, for scripts that have records.
 *
 * One string a challenge, which packs a list: expiresAt, attempts, attemptsLeft, digest and data. Once
 * it is used there are three more, which answer the call that verified it again: that call,
 * attemptsUsed and remainingMs. Without a call nothing is kept for it.
 *
 * Whole strings are compared in Lua by address, which takes the same time wherever they differ.
 */
export const challengesInLua = `
local function living(key)
  local text = call('GET', key)
  local challenge = text and unpacked(text)
  if challenge and now < challenge[1] then return challenge end
end
local function saveChallenge(key, challenge)
  call('SET', key, cmsgpack.pack(challenge), 'PX', digits(challenge[1] - now + ${graceMs}))
end
-- One that was guessed at lives on as it did; a used one has another life.
local function saveGuessed(key, challenge, outcome)
  if outcome == 'verified' then return saveChallenge(key, challenge) end
  call('SET', key, cmsgpack.pack(challenge), 'KEEPTTL')
end
local function put(key, digest, attempts, ttlMs, data)
  saveChallenge(key, { now + ttlMs, attempts, attempts, digest, data })
end
-- Whoever calls this saves the challenge if it says so, whatever the outcome: a server that cannot
-- write, being full or cut off, must fail with the right code as it fails with any other.
local function guess(challenge, first, last)
  if not challenge or challenge[3] == 0 then return 'gone', false end
  challenge[3] = challenge[3] - 1
  local matches = false
  for index = first, last do
    if ARGV[index] == challenge[4] then matches = true end
  end
  if challenge[6] then return matches and 'used' or 'gone', true end
  return matches and 'verified' or 'incorrect', true
end
local function used(challenge, call)
  local expiresAt, attempts, left, digest, data = unpack(challenge)
  local kept = call == '' and '' or data
  return { now + ${usedMs}, attempts, left, digest, kept, call, attempts - left, expiresAt - now }
end
-- What follows an outcome, up to the data.
local function numbersOf(outcome, challenge)
  if outcome == 'verified' then
    return ' ' .. (challenge[2] - challenge[3]) .. ' ' .. (challenge[1] - now) .. ' '
  end
  return ' ' .. challenge[3] .. ' ' .. (challenge[1] - now) .. ' '
end
local function standing(challenge, left, data)
  return challenge[4] .. ' ' .. challenge[2] .. ' ' .. left .. ' ' .. (challenge[1] - now) .. ' ' .. data
end`

/** Both, for scripts about nothing else. */
export const challengeRecordsInLua = `${recordsInLua}${challengesInLua}`
