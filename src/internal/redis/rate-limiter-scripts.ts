import { graceMs, nowInLua, redisScript } from './client'

/** Characters of a charge's name. */
export const chargeLength = 8

// A charge can be taken back while it is one of so many of its key; older ones may be merged.
const newestKept = 512

// One string a key: a head of two numbers, units that were dropped from the front and the longest
// window ever charged; then 24 bytes a charge, oldest first: when it was made, the units up to and
// including it, its name. Units are sums, so that any window is one subtraction and two look-ups.
// Entry 0 has no time and no name, but its units are those of the head.
const log = `
${nowInLua}
local head, width = 16, ${16 + chargeLength}
local merged = string.rep(' ', ${chargeLength})
local function load(key)
  local text = redis.call('GET', key)
  if not text then return nil end
  return { key = key, text = text, count = (#text - head) / width,
    longest = (struct.unpack('>d', text, 9)) }
end
local function timeOf(log, entry)
  return (struct.unpack('>d', log.text, head + (entry - 1) * width + 1))
end
local function unitsUpTo(log, entry)
  return (struct.unpack('>d', log.text, head + (entry - 1) * width + 9))
end
local function cut(log, first, last)
  return string.sub(log.text, head + (first - 1) * width + 1, head + last * width)
end
-- The first entry whose field is at least so much.
local function seek(log, field, least)
  local low, high = 1, log.count + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if field(log, middle) >= least then high = middle else low = middle + 1 end
  end
  return low
end
-- The first entry that is younger than ageMs. A clock set back must not bring charges to life.
local function firstYounger(log, ageMs)
  local present = math.max(now, timeOf(log, log.count))
  return seek(log, timeOf, math.floor(present - ageMs) + 1)
end
local function rewrite(log, base, entries)
  log.text = struct.pack('>dd', base, log.longest) .. entries
  log.count = #entries / width
end
local function save(log)
  if log.count == 0 then
    redis.call('DEL', log.key)
  else
    local lifeMs = timeOf(log, log.count) + log.longest - now + ${graceMs}
    redis.call('SET', log.key, log.text, 'PX', string.format('%.0f', math.max(1, lifeMs)))
  end
end`

/**
 * Arguments: clock, the charge's name or nothing to only ask, and as JSON of each limit the number
 * of its key, max, windowMs and cost. Answers, as one text, the number of the limit that refuses or
 * 0, retryAfterMs, and of each limit the units used.
 *
 * Beyond the newest charges, neighbours are merged when that makes none count longer than 1/32 of
 * its age: an old charge matters to no window shorter than its age, so to none by more than 1/32.
 */
export const takeScript = redisScript(`${log}
local logs, limits = {}, cjson.decode(ARGV[3])
for index, key in ipairs(KEYS) do logs[index] = load(key) end

local function unitsWithin(log, windowMs)
  if not log then return 0 end
  return unitsUpTo(log, log.count) - unitsUpTo(log, firstYounger(log, windowMs) - 1)
end
local function waitFor(log, max, windowMs, cost)
  if cost > max then return windowMs end
  if not log then return 0 end
  local inTheWay = unitsUpTo(log, log.count) - (max - cost)
  if unitsUpTo(log, 0) >= inTheWay then return 0 end
  return math.max(0, timeOf(log, seek(log, unitsUpTo, inTheWay)) + windowMs - now)
end
local function merge(log)
  local before = timeOf(log, 1)
  local present, last, pieces = timeOf(log, log.count), log.count - ${newestKept}, { cut(log, 1, 1) }
  local first = 2
  while first <= last do
    local entry = first
    while entry < last and timeOf(log, entry + 1) - before <= (present - timeOf(log, entry + 1)) / 32 do
      entry = entry + 1
    end
    if entry == first then
      pieces[#pieces + 1] = cut(log, entry, entry)
    else
      pieces[#pieces + 1] = struct.pack('>dd', timeOf(log, entry), unitsUpTo(log, entry)) .. merged
    end
    before = timeOf(log, entry)
    first = entry + 1
  end
  pieces[#pieces + 1] = cut(log, first, log.count)
  rewrite(log, unitsUpTo(log, 0), table.concat(pieces))
end
local function charge(key, cost, longest)
  local log = logs[key]
  local present, dropped, units, entries = now, 0, 0, ''
  if log then
    longest = math.max(log.longest, longest)
    present = math.max(now, timeOf(log, log.count))
    local first = firstYounger(log, longest)
    dropped, units = unitsUpTo(log, first - 1), unitsUpTo(log, log.count)
    entries = cut(log, first, log.count)
  end
  log = { key = KEYS[key], longest = longest }
  rewrite(log, dropped, entries .. struct.pack('>dd', present, units + cost) .. ARGV[2])
  if log.count > ${newestKept} and log.count % 128 == 0 then merge(log) end
  save(log)
  logs[key] = log
end

local used, refuser, wait, costs, longest = {}, 0, 0, {}, {}
for place, limit in ipairs(limits) do
  local key, max, windowMs, cost = unpack(limit)
  local units = unitsWithin(logs[key], windowMs)
  used[place] = units
  if cost > 0 then
    costs[key] = cost
    longest[key] = math.max(longest[key] or 0, windowMs)
    if units + cost > max then
      local limitWait = waitFor(logs[key], max, windowMs, cost)
      if limitWait > wait then refuser, wait = place, limitWait end
    end
  end
end
if refuser == 0 and ARGV[2] ~= '' then
  for key, cost in pairs(costs) do charge(key, cost, longest[key]) end
  for place, limit in ipairs(limits) do
    local key, max, windowMs, cost = unpack(limit)
    used[place] = used[place] + cost
    wait = math.max(wait, waitFor(logs[key], max, windowMs, cost > 0 and cost or 1))
  end
end
return string.format('%d %.17g' .. string.rep(' %.17g', #used), refuser, wait, unpack(used))`)

/** Arguments: clock, the charge's name. */
export const refundScript = redisScript(`${log}
local function find(log)
  local from = head + 1
  while true do
    local place = string.find(log.text, ARGV[2], from, true)
    if not place then return nil end
    local entry = (place - head - 17) / width + 1
    if entry == math.floor(entry) then return entry end
    from = place + 1
  end
end
for _, key in ipairs(KEYS) do
  local log = load(key)
  local entry = log and find(log)
  if entry then
    local taken = unitsUpTo(log, entry) - unitsUpTo(log, entry - 1)
    local pieces = { cut(log, 1, entry - 1) }
    for later = entry + 1, log.count do
      local name = string.sub(cut(log, later, later), 17)
      pieces[#pieces + 1] = struct.pack('>dd', timeOf(log, later), unitsUpTo(log, later) - taken) .. name
    end
    rewrite(log, unitsUpTo(log, 0), table.concat(pieces))
    save(log)
  end
end
return 1`)

/**
 * Arguments: clock, how many of the newest or nothing for all. Of a merged entry so many units are
 * forgotten, which is never more than so many charges.
 */
export const clearScript = redisScript(`${log}
local newest = tonumber(ARGV[2])
for _, key in ipairs(KEYS) do
  local log = newest and load(key)
  if log then
    local left, last, rest = newest, log.count, ''
    while left > 0 and last > 0 do
      local name = string.sub(cut(log, last, last), 17)
      local units = unitsUpTo(log, last) - unitsUpTo(log, last - 1)
      if name == merged and units > left then
        rest = struct.pack('>dd', timeOf(log, last), unitsUpTo(log, last) - left) .. merged
        left = 0
      elseif name == merged then
        left = left - units
      else
        left = left - 1
      end
      last = last - 1
    end
    rewrite(log, unitsUpTo(log, 0), cut(log, 1, last) .. rest)
    save(log)
  else
    redis.call('DEL', key)
  end
end
return 1`)
