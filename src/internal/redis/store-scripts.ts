import { graceMs, nowInLua, redisScript } from './client'

// One string a challenge: `>dI4I4` expiresAt, attempts, attemptsLeft; then the digest, a space and
// the data. A digest holds no space, so the first one ends it. Whole strings are compared in Lua by
// address, which takes the same time wherever they differ.
const layout = `
${nowInLua}
local function save(expiresAt, attempts, left, rest)
  local value = struct.pack('>dI4I4', expiresAt, attempts, left) .. rest
  redis.call('SET', KEYS[1], value, 'PX', string.format('%.0f', expiresAt - now + ${graceMs}))
end
local function living()
  local value = redis.call('GET', KEYS[1])
  if not value then return nil end
  local expiresAt, attempts, left = struct.unpack('>dI4I4', value)
  if now >= expiresAt then return nil end
  local space = string.find(value, ' ', 17, true)
  return {
    expiresAt = expiresAt, attempts = attempts, left = left, rest = string.sub(value, 17),
    digest = string.sub(value, 17, space - 1), data = string.sub(value, space + 1),
  }
end`

/** Arguments: clock, digest, attempts, ttlMs, data. */
export const putScript = redisScript(`${layout}
local attempts = tonumber(ARGV[3])
save(now + tonumber(ARGV[4]), attempts, attempts, ARGV[2] .. ' ' .. ARGV[5])
return 1`)

/** Argument: clock. Answers digest, attemptsLeft, remainingMs and data, or nothing. */
export const getScript = redisScript(`${layout}
local challenge = living()
if not challenge then return false end
local remainingMs = string.format('%.0f', challenge.expiresAt - now)
return { challenge.digest, challenge.left, remainingMs, challenge.data }`)

/** Arguments: clock, digests. Answers the outcome and what goes with it. */
export const attemptScript = redisScript(`${layout}
local challenge = living()
if not challenge or challenge.left == 0 then return { 'gone' } end
local left = challenge.left - 1
for index = 2, #ARGV do
  if ARGV[index] == challenge.digest then
    redis.call('DEL', KEYS[1])
    return { 'verified', challenge.attempts - left, challenge.data }
  end
end
save(challenge.expiresAt, challenge.attempts, left, challenge.rest)
return { 'incorrect', left }`)

/** Arguments: clock, digest. */
export const deleteScript = redisScript(`${layout}
local challenge = living()
if challenge and challenge.digest == ARGV[2] then redis.call('DEL', KEYS[1]) end
return 1`)
