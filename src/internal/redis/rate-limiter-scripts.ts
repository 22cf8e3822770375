import { redisScript } from './client'
import { logsInLua } from './log-in-lua'

/**
 * Limits over logs that were opened, asked one by one. `refuser` is the number of the limit that
 * refuses, or 0.
 */
export const limitsInLua = `${logsInLua}
local used, refuser, wait = {}, 0, 0
local function ask(number, place, max, windowMs, cost)
  if cost > 0 and used[number] + cost > max then
    local limitWait = waitFor(place, max, windowMs, cost)
    if limitWait > wait then refuser, wait = number, limitWait end
  end
end
-- Once everything is charged: when the same would fit again.
local function again(place, max, windowMs, cost)
  wait = math.max(wait, waitFor(place, max, windowMs, cost > 0 and cost or 1))
end
local function taken()
  return string.format('%d %.17g' .. string.rep(' %.17g', #used), refuser, wait, unpack(used))
end`

/**
 * Arguments: clock, the charge's name or nothing to only ask, and as JSON of each limit the number
 * of its key, max, windowMs and cost. Answers, as one text, the number of the limit that refuses or
 * 0, retryAfterMs, and of each limit the units used.
 */
export const takeScript = redisScript(`${limitsInLua}
local limits = cjson.decode(ARGV[3])
for place in ipairs(KEYS) do open(place) end
local costs, longest = {}, {}
for number, limit in ipairs(limits) do
  local place, max, windowMs, cost = unpack(limit)
  used[number] = unitsWithin(place, windowMs)
  ask(number, place, max, windowMs, cost)
  costs[place] = cost
  longest[place] = math.max(longest[place] or 0, windowMs)
end
if refuser == 0 and ARGV[2] ~= '' then
  for place, cost in pairs(costs) do charge(place, cost, longest[place], ARGV[2]) end
  for number, limit in ipairs(limits) do
    local place, max, windowMs, cost = unpack(limit)
    used[number] = used[number] + cost
    again(place, max, windowMs, cost)
  end
end
return taken()`)

/** Arguments: clock, the charge's name. */
export const refundScript = redisScript(`${logsInLua}
local function find(log)
  local from = head + 1
  while true do
    local at = string.find(log.text, ARGV[2], from, true)
    if not at then return nil end
    local entry = (at - head - 17) / width + 1
    if entry == math.floor(entry) then return entry end
    from = at + 1
  end
end
for place in ipairs(KEYS) do
  local log = open(place)
  local entry = log and find(log)
  if entry then
    local units = unitsUpTo(log, entry) - unitsUpTo(log, entry - 1)
    local pieces = { cut(log, 1, entry - 1) }
    for later = entry + 1, log.count do
      local name = sub(cut(log, later, later), 17)
      pieces[#pieces + 1] = pack('>dd', timeOf(log, later), unitsUpTo(log, later) - units) .. name
    end
    save(place, unitsUpTo(log, 0), log.longest, table.concat(pieces))
  end
end
return 1`)

/** Arguments: clock, how many of the newest or nothing for all. */
export const clearScript = redisScript(`${logsInLua}
local newest = tonumber(ARGV[2])
for place, key in ipairs(KEYS) do
  if newest then
    open(place)
    forget(place, newest)
  else
    redis.call('DEL', key)
  end
end
return 1`)
