import { redisScript } from '../redis/client'

/** Lists go to a command in parts, since Lua hands over only so many values at once. */
const inParts = `
local function inParts(name, list, ...)
  local given = {...}
  for from = 1, #list, 1000 do
    local part = {name, unpack(given)}
    for at = from, math.min(from + 999, #list) do part[#part + 1] = list[at] end
    redis.call(unpack(part))
  end
end`

/**
 * Writes a batch. Keys: the batch, the events in order, their texts, then those that the argument
 * numbers. Arguments: clock, and as JSON, instants and sums as texts:
 *
 * - joins: key, version, and text of each; joinsMs: how long they are kept.
 * - counts: key, when it ends, and names with what is added to them.
 * - events: instants and ids. texts: ids and texts. persons: key, and instants and ids, of each.
 * - events that are older than `from` or more than `most` go.
 *
 * A join is a text: its version, its fingerprint and its state, with tabs between.
 */
export const writeScript = redisScript(`
local call = redis.call
local batch = cjson.decode(ARGV[2])
${inParts}
if call('EXISTS', KEYS[1]) == 1 then return 'written' end
for _, join in ipairs(batch.joins) do
  local found = call('GET', KEYS[join[1]])
  local version = found and string.match(found, '^%d+') or '0'
  if version ~= join[2] then return 'changed' end
end
call('SET', KEYS[1], '1', 'PX', 86400000)
for _, join in ipairs(batch.joins) do
  call('SET', KEYS[join[1]], join[3], 'PX', batch.joinsMs)
end
for _, piece in ipairs(batch.counts) do
  local key = KEYS[piece[1]]
  for index = 3, #piece, 2 do call('HINCRBY', key, piece[index], piece[index + 1]) end
  call('PEXPIREAT', key, piece[2])
end
inParts('ZADD', batch.events, KEYS[2])
inParts('HSET', batch.texts, KEYS[3])
for _, person in ipairs(batch.persons) do
  local key = KEYS[person[1]]
  inParts('ZADD', person[2], key)
  call('ZREMRANGEBYSCORE', key, '-inf', '(' .. batch.from)
  call('ZREMRANGEBYRANK', key, 0, -1001)
  call('PEXPIRE', key, batch.eventsMs)
end
local function remove(ids)
  for _, id in ipairs(ids) do
    call('ZREM', KEYS[2], id)
    call('HDEL', KEYS[3], id)
  end
end
remove(call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. batch.from, 'LIMIT', 0, 1000))
local over = call('ZCARD', KEYS[2]) - tonumber(batch.most)
if over > 0 then remove(call('ZRANGE', KEYS[2], 0, math.min(over, 1000) - 1)) end
return 'written'`)

/** Keys: joins. Answers the text of each, empty where there is none. */
export const joinsScript = redisScript(`
local found = {}
for index, key in ipairs(KEYS) do found[index] = redis.call('GET', key) or '' end
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
  local join = call('GET', KEYS[index]) or ''
  local version, fingerprint, state = string.match(join, '^(%d+)\t([^\t]*)\t(.*)$')
  if fingerprint == ARGV[2] then
    local text = string.format('%.0f', version + 1) .. '\t\t' .. state
    call('SET', KEYS[index], text, 'PX', call('PTTL', KEYS[index]))
  end
end
return 1`)
