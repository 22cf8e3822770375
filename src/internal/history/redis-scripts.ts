import { redisScript } from '../redis/client'

/**
 * Writes a batch. Keys: the batch, the events in order, their texts, then those that the argument
 * numbers. Arguments: clock, and as JSON:
 *
 * - joins: key, version, state, fingerprint of each; joinsMs: how long they are kept.
 * - counts: key, when it ends, and names with what is added to them.
 * - events: id, instant, text, and the key of their person or 0.
 * - events that are older than `from` or more than `most` go.
 */
export const writeScript = redisScript(`
local call = redis.call
local batch = cjson.decode(ARGV[2])
local whole = function(number) return string.format('%.0f', number) end
if call('EXISTS', KEYS[1]) == 1 then return 'written' end
for _, join in ipairs(batch.joins) do
  if tonumber(call('HGET', KEYS[join[1]], 'v') or '0') ~= join[2] then return 'changed' end
end
call('SET', KEYS[1], '1', 'PX', 86400000)
for _, join in ipairs(batch.joins) do
  call('HSET', KEYS[join[1]], 'v', whole(join[2] + 1), 's', join[3], 'f', join[4])
  call('PEXPIRE', KEYS[join[1]], whole(batch.joinsMs))
end
for _, piece in ipairs(batch.counts) do
  local key = KEYS[piece[1]]
  for index = 3, #piece, 2 do call('HINCRBY', key, piece[index], whole(piece[index + 1])) end
  call('PEXPIREAT', key, whole(piece[2]))
end
for _, event in ipairs(batch.events) do
  call('ZADD', KEYS[2], whole(event[2]), event[1])
  call('HSET', KEYS[3], event[1], event[3])
  if event[4] > 0 then
    local person = KEYS[event[4]]
    call('ZADD', person, whole(event[2]), event[1])
    call('ZREMRANGEBYSCORE', person, '-inf', '(' .. whole(batch.from))
    call('ZREMRANGEBYRANK', person, 0, -1001)
    call('PEXPIRE', person, whole(batch.eventsMs))
  end
end
local function remove(ids)
  for _, id in ipairs(ids) do
    call('ZREM', KEYS[2], id)
    call('HDEL', KEYS[3], id)
  end
end
remove(call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. whole(batch.from), 'LIMIT', 0, 1000))
local over = call('ZCARD', KEYS[2]) - batch.most
if over > 0 then remove(call('ZRANGE', KEYS[2], 0, math.min(over, 1000) - 1)) end
return 'written'`)

/** Keys: joins. Answers the version, state and fingerprint of each, or three empty texts. */
export const joinsScript = redisScript(`
local found = {}
for index, key in ipairs(KEYS) do
  local join = redis.call('HMGET', key, 'v', 's', 'f')
  for part = 1, 3 do found[#found + 1] = join[part] or '' end
end
return found`)

/**
 * Keys: pieces of time. Arguments: clock, whether each is wanted. Answers the number of the piece, or
 * 0 for all of them, a name, and its sum, of each name.
 */
export const countsScript = redisScript(`
local found = {}
local sums = {}
for index, key in ipairs(KEYS) do
  local fields = redis.call('HGETALL', key)
  for at = 1, #fields, 2 do
    if ARGV[2] == '1' then
      found[#found + 1] = tostring(index)
      found[#found + 1] = fields[at]
      found[#found + 1] = fields[at + 1]
    else
      sums[fields[at]] = (sums[fields[at]] or 0) + tonumber(fields[at + 1])
    end
  end
end
for name, sum in pairs(sums) do
  found[#found + 1] = '0'
  found[#found + 1] = name
  found[#found + 1] = string.format('%.0f', sum)
end
return found`)

/** Keys: ids in order, texts. Arguments: clock, before, most. Answers texts, the newest first. */
export const eventsScript = redisScript(`
local ids = redis.call('ZREVRANGEBYSCORE', KEYS[1], '(' .. ARGV[2], '-inf', 'LIMIT', 0, ARGV[3])
local found = {}
for _, id in ipairs(ids) do
  local text = redis.call('HGET', KEYS[2], id)
  if text then found[#found + 1] = text end
end
return found`)

/** Keys: the events in order, their texts, a person, joins. Arguments: clock, fingerprint. */
export const forgetScript = redisScript(`
local call = redis.call
for _, id in ipairs(call('ZRANGE', KEYS[3], 0, -1)) do
  call('ZREM', KEYS[1], id)
  call('HDEL', KEYS[2], id)
end
call('DEL', KEYS[3])
for index = 4, #KEYS do
  if call('HGET', KEYS[index], 'f') == ARGV[2] then
    call('HSET', KEYS[index], 'f', '')
    call('HINCRBY', KEYS[index], 'v', 1)
  end
end
return 1`)
