import { graceMs, nowInLua } from './client'

/** Characters of a charge's name. */
export const chargeLength = 8

// A charge can be taken back while it is one of so many of its key; older ones may be merged.
const newestKept = 512

/**
 * The logs of limiter keys, for scripts to count, charge and forget in. `logs` holds those that were
 * opened, by their place among the script's keys.
 *
 * One string a key: a head of two numbers, units that were dropped from the front and the longest
 * window ever charged; then 24 bytes a charge, oldest first: when it was made, the units up to and
 * including it, its name. Units are sums, so that any window is one subtraction and two look-ups.
 * Entry 0 has no time and no name, but its units are those of the head.
 *
 * Beyond the newest charges, neighbours are merged when that makes none count longer than 1/32 of
 * its age: an old charge matters to no window shorter than its age, so to none by more than 1/32.
 */
export const logsInLua = `
${nowInLua}
local pack, unpackAt, sub = struct.pack, struct.unpack, string.sub
local head, width = 16, ${16 + chargeLength}
local merged = string.rep(' ', ${chargeLength})
local logs = {}
local function open(place)
  local text = redis.call('GET', KEYS[place])
  if not text then return nil end
  local count = (#text - head) / width
  if count < 1 or count ~= math.floor(count) then error('a key holds no log') end
  local newest, total = unpackAt('>dd', text, #text - width + 1)
  -- A clock set back must not bring charges to life.
  local log = { text = text, count = count, longest = (unpackAt('>d', text, 9)),
    newest = newest, total = total, present = math.max(now, newest) }
  logs[place] = log
  return log
end
local function timeOf(log, entry)
  return (unpackAt('>d', log.text, head + (entry - 1) * width + 1))
end
local function unitsUpTo(log, entry)
  return (unpackAt('>d', log.text, head + (entry - 1) * width + 9))
end
local function cut(log, first, last)
  return sub(log.text, head + (first - 1) * width + 1, head + last * width)
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
local function firstYounger(log, ageMs)
  return seek(log, timeOf, math.floor(log.present - ageMs) + 1)
end
local function save(place, base, longest, entries)
  if entries == '' then
    redis.call('DEL', KEYS[place])
    logs[place] = nil
    return
  end
  local text = pack('>dd', base, longest) .. entries
  local newest, total = unpackAt('>dd', text, #text - width + 1)
  local lifeMs = newest + longest - now + ${graceMs}
  redis.call('SET', KEYS[place], text, 'PX', string.format('%.0f', math.max(1, lifeMs)))
  logs[place] = { text = text, count = #entries / width, longest = longest,
    newest = newest, total = total, present = math.max(now, newest) }
end
local function unitsWithin(place, windowMs)
  local log = logs[place]
  if not log then return 0 end
  return log.total - unitsUpTo(log, firstYounger(log, windowMs) - 1)
end
local function waitFor(place, max, windowMs, cost)
  if cost > max then return windowMs end
  local log = logs[place]
  if not log then return 0 end
  local inTheWay = log.total - (max - cost)
  if unitsUpTo(log, 0) >= inTheWay then return 0 end
  return math.max(0, timeOf(log, seek(log, unitsUpTo, inTheWay)) + windowMs - now)
end
local function merge(entries, base, count)
  local log = { text = pack('>dd', base, 0) .. entries }
  local before, present = timeOf(log, 1), timeOf(log, count)
  local last, pieces = count - ${newestKept}, { cut(log, 1, 1) }
  local first = 2
  while first <= last do
    local entry = first
    while entry < last and timeOf(log, entry + 1) - before <= (present - timeOf(log, entry + 1)) / 32 do
      entry = entry + 1
    end
    if entry == first then
      pieces[#pieces + 1] = cut(log, entry, entry)
    else
      pieces[#pieces + 1] = pack('>dd', timeOf(log, entry), unitsUpTo(log, entry)) .. merged
    end
    before = timeOf(log, entry)
    first = entry + 1
  end
  pieces[#pieces + 1] = cut(log, first, count)
  return table.concat(pieces)
end
local function charge(place, cost, longest, name)
  if cost <= 0 then return end
  local log = logs[place]
  local base, total, present, entries = 0, 0, now, ''
  if log then
    longest = math.max(log.longest, longest)
    total, present = log.total, log.present
    local first = firstYounger(log, longest)
    base, entries = unitsUpTo(log, first - 1), cut(log, first, log.count)
  end
  entries = entries .. pack('>dd', present, total + cost) .. name
  local count = #entries / width
  if count > ${newestKept} and count % 128 == 0 then entries = merge(entries, base, count) end
  save(place, base, longest, entries)
end
-- Of a merged entry so many units are forgotten, which is never more than so many charges.
local function forget(place, newest)
  local log = logs[place]
  if not log then return end
  local left, last, rest = newest, log.count, ''
  while left > 0 and last > 0 do
    local name = sub(cut(log, last, last), 17)
    local units = unitsUpTo(log, last) - unitsUpTo(log, last - 1)
    if name == merged and units > left then
      rest = pack('>dd', timeOf(log, last), unitsUpTo(log, last) - left) .. merged
      left = 0
    elseif name == merged then
      left = left - units
    else
      left = left - 1
    end
    last = last - 1
  end
  save(place, unitsUpTo(log, 0), log.longest, cut(log, 1, last) .. rest)
end`
