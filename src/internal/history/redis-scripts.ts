import { redisScript } from '../redis/client'

/**
 * Writes a batch. Keys: the batch, the texts of events, so many lists of events in order, then joins,
 * persons and pieces of time. Arguments: clock; how long joins and events are kept; from when events are, and
 * the most of them; how many lists, joins, persons and pieces there are; and then, in the order of their
 * keys, all as texts:
 *
 * - of each list and person, how many events there are, and an instant and an id of each;
 * - of each join, the version that must stand there, and its text;
 * - of each piece, when it ends, how many names there are, and each with what is added to it;
 * - ids of events and their texts.
 *
 * Of too many events the oldest of the type go that has most of them: what is rare is looked for longest.
 *
 * A join is a text: its version, its fingerprint and its state, with tabs between.
 */
export const writeScript = redisScript(`
local call = redis.call
if call('EXISTS', KEYS[1]) == 1 then return 'written' end
local joinsMs, eventsMs, from, most = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local lists, joins = tonumber(ARGV[6]), tonumber(ARGV[7])
local persons, pieces = tonumber(ARGV[8]), tonumber(ARGV[9])
local place = 10
local function take()
  place = place + 1
  return ARGV[place - 1]
end
-- Lua hands over only so many values at once.
local function add(name, key, values)
  local last = place + values - 1
  while place <= last do
    call(name, key, unpack(ARGV, place, math.min(place + 999, last)))
    place = math.min(place + 999, last) + 1
  end
end
local key = 2 + lists
for first = 1, joins, 1000 do
  local last = math.min(first + 999, joins)
  local found = call('MGET', unpack(KEYS, key + first, key + last))
  for index = first, last do
    local text = found[index - first + 1]
    local version = text and string.match(text, '^%d+') or '0'
    if version ~= ARGV[place + 2 * index - 2] then return 'changed' end
  end
end
call('SET', KEYS[1], '1', 'PX', 86400000)
for index = 1, joins do
  call('SET', KEYS[key + index], ARGV[place + 1], 'PX', joinsMs)
  place = place + 2
end
key = key + joins
for index = 1, lists do add('ZADD', KEYS[2 + index], 2 * take()) end
for index = 1, persons do
  local person = KEYS[key + index]
  add('ZADD', person, 2 * take())
  call('ZREMRANGEBYRANK', person, 0, -1001)
  call('PEXPIRE', person, eventsMs)
end
key = key + persons
for index = 1, pieces do
  local piece, endsAt = KEYS[key + index], take()
  for _ = 1, tonumber(take()) do call('HINCRBY', piece, take(), take()) end
  call('PEXPIREAT', piece, endsAt)
end
add('HSET', KEYS[2], #ARGV - place + 1)
for index = 1, lists do
  for _, id in ipairs(call('ZRANGEBYSCORE', KEYS[2 + index], '-inf', '(' .. from, 'LIMIT', 0, 1000)) do
    call('ZREM', KEYS[2 + index], id)
    call('HDEL', KEYS[2], id)
  end
end
local sizes, over = {}, -most
for index = 1, lists do
  sizes[index] = call('ZCARD', KEYS[2 + index])
  over = over + sizes[index]
end
for _ = 1, math.min(over, 2000) do
  local longest = 1
  for index = 2, lists do
    if sizes[index] > sizes[longest] then longest = index end
  end
  sizes[longest] = sizes[longest] - 1
  call('HDEL', KEYS[2], call('ZPOPMIN', KEYS[2 + longest])[1])
end
return 'written'`)

/** Keys: joins. Answers the text of each, empty where there is none. */
export const joinsScript = redisScript(`
local found = {}
for first = 1, #KEYS, 1000 do
  for _, text in ipairs(redis.call('MGET', unpack(KEYS, first, math.min(first + 999, #KEYS)))) do
    found[#found + 1] = text or ''
  end
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

/**
 * Keys: texts, and lists of events in order. Arguments: clock, before, most, and what one of must be in
 * the text, if any are given. Answers texts, the newest first: of each list the next, as they come.
 */
export const eventsScript = redisScript(`
local lists = {}
for index = 2, #KEYS do lists[#lists + 1] = {key = KEYS[index], offset = 0, at = 1, part = {}} end
local function next(list)
  if list.at > #list.part then
    list.part = redis.call('ZREVRANGEBYSCORE', list.key, '(' .. ARGV[2], '-inf', 'WITHSCORES', 'LIMIT', list.offset, 100)
    list.offset = list.offset + 100
    list.at = 1
  end
  list.id = list.part[list.at]
  list.score = tonumber(list.part[list.at + 1])
  list.at = list.at + 2
  return list.id
end
local function isWanted(text)
  if not ARGV[4] then return true end
  for index = 4, #ARGV do
    if string.find(text, ARGV[index], 1, true) then return true end
  end
  return false
end
local living = {}
for _, list in ipairs(lists) do
  if next(list) then living[#living + 1] = list end
end
local found = {}
while #found < tonumber(ARGV[3]) and #living > 0 do
  local newest = 1
  for index = 2, #living do
    local one, other = living[index], living[newest]
    if one.score > other.score or (one.score == other.score and one.id > other.id) then newest = index end
  end
  local text = redis.call('HGET', KEYS[1], living[newest].id)
  if text and isWanted(text) then found[#found + 1] = text end
  if not next(living[newest]) then table.remove(living, newest) end
end
return found`)

/**
 * Keys: texts, a person, so many lists of events, joins. Arguments: clock, fingerprint, how many
 * lists.
 */
export const forgetScript = redisScript(`
local call = redis.call
for _, id in ipairs(call('ZRANGE', KEYS[2], 0, -1)) do
  if call('HDEL', KEYS[1], id) == 1 then
    for index = 3, 2 + ARGV[3] do
      if call('ZREM', KEYS[index], id) == 1 then break end
    end
  end
end
call('DEL', KEYS[2])
for index = 3 + ARGV[3], #KEYS do
  local join = call('GET', KEYS[index]) or ''
  local version, fingerprint, state = string.match(join, '^(%d+)\t([^\t]*)\t(.*)$')
  if fingerprint == ARGV[2] then
    local text = string.format('%.0f', version + 1) .. '\t\t' .. state
    call('SET', KEYS[index], text, 'PX', call('PTTL', KEYS[index]))
  end
end
return 1`)
