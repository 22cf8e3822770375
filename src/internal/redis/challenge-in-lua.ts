import { usedMs } from '../../store'
import { forms, recordsInLua } from './record-in-lua'

/**
 * Challenges, for scripts that have records.
 *
 * A part of the record of its subject: `>BI6I4I4` the form, expiresAt, attempts and attemptsLeft; then
 * the digest, a space and the rest. A digest holds no space, so the first one ends it. The rest is
 * the data; of a used challenge it is what answers the call that verified it again (call,
 * attemptsUsed, remainingMs, data), or nothing.
 *
 * Whole strings are compared in Lua by address, which takes the same time wherever they differ.
 */
export const challengesInLua = `
local function living(record, name)
  local text = record[name]
  if not text then return nil end
  local form, expiresAt, attempts, left = unpackAt('>BI6I4I4', text)
  if now >= expiresAt then return nil end
  local space = find(text, ' ', 16, true)
  return {
    expiresAt = expiresAt, attempts = attempts, left = left, used = form == ${forms.used},
    digest = sub(text, 16, space - 1), rest = sub(text, space + 1),
  }
end
local function put(record, name, digest, attempts, ttlMs, data)
  record[name] = pack('>BI6I4I4', ${forms.alive}, now + ttlMs, attempts, attempts) .. digest .. ' ' .. data
end
-- Whoever calls this writes the record whatever it answers: a server that cannot write, being full or
-- cut off, must fail with the right code as it fails with any other.
local function guess(record, name, challenge, first, last)
  if not challenge or challenge.left == 0 then return 'gone' end
  challenge.left = challenge.left - 1
  local text = record[name]
  record[name] = sub(text, 1, 11) .. pack('>I4', challenge.left) .. sub(text, 16)
  local matches = false
  for index = first, last do
    if ARGV[index] == challenge.digest then matches = true end
  end
  if challenge.used then return matches and 'used' or 'gone', true end
  return matches and 'verified' or 'incorrect', true
end
local function consume(record, name, challenge, replay)
  record[name] = pack('>BI6I4I4', ${forms.used}, now + ${usedMs}, challenge.attempts, challenge.left)
    .. challenge.digest .. ' ' .. replay
end
local function standing(challenge)
  return challenge.digest .. ' ' .. challenge.attempts .. ' ' .. challenge.left .. ' '
    .. (challenge.expiresAt - now) .. ' ' .. challenge.rest
end
local function verified(challenge)
  return (challenge.attempts - challenge.left) .. ' ' .. (challenge.expiresAt - now) .. ' ' .. challenge.rest
end
local function incorrect(challenge)
  return challenge.left .. ' ' .. (challenge.expiresAt - now) .. ' ' .. challenge.rest
end`

/** Both, for scripts about nothing else. */
export const challengeRecordsInLua = `${recordsInLua}${challengesInLua}`
