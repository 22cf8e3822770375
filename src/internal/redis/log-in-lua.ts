import { chargeLength, entryLength, forms, mostNewest, recordsInLua } from './record-in-lua'

// A charge can be taken back while it is one of so many of its key; older ones may be merged.
const newestKept = 512

// A log of more entries is a long one.
const mostInRecord = 64

// The longest window that six bytes hold: 4,459 years.
export const longestMs = 2 ** 47

/**
 * The logs of limiter keys, for scripts to count, charge and forget in: texts in their
 * subjects' records.
 *
 * A plain log is the longest window ever charged, then an entry a charge, oldest first: when it was
 * made and its name. It is one of at most 64 charges of 1 unit. Any other is
 * wide. It also says how many units were dropped from the front, and with each entry the
 * units up to and including it: sums, so that any window is one subtraction and two look-ups.
 *
 * A long log is a wide one in two: its past, which is entries alone and stands behind the record, and the
 * newest ones. These also say where the past is, and when the first entry in it was made.
 *
 * Beyond the newest charges, neighbours are merged when that makes none count longer than 1/32 of
 * its age: an old charge matters to no window shorter than its age, so to none by more than 1/32.
 */
export const logsInLua = `${recordsInLua}
local merged = string.rep(' ', ${chargeLength})
-- Whether all units that were read are whole and below 128.
local plain = true
local function logOf(record, name, text)
  local form = byte(text)
  local log = { record = record, name = name, text = text, wide = form ~= ${forms.plain} }
  if form == ${forms.plain} then
    log.head, log.width, log.base = 7, ${entryLength.plain}, 0
    log.longest = unpackAt('>I6', text, 2)
  elseif form == ${forms.wide} then
    log.head, log.width = 15, ${entryLength.wide}
    log.longest, log.base = unpackAt('>I6d', text, 2)
  elseif form == ${forms.long} then
    local at, count, capacity
    log.long, log.head, log.width = true, 41, ${entryLength.wide}
    log.longest, log.base, at, count, capacity, log.dropped, log.oldest =
      unpackAt('>I6dI4I4I4dI6', text, 2)
  else
    error('a key holds no log')
  end
  local count, newest = (#text - log.head) / log.width, nil
  if count < 1 or count ~= floor(count) then error('a key holds no log') end
  log.count = count
  if log.wide then
    newest, log.total = unpackAt('>I6d', text, #text - log.width + 1)
    log.dropped = log.dropped or log.base
    plain = false
  else
    newest = unpackAt('>I6', text, #text - log.width + 1)
    log.total, log.dropped = count, 0
  end
  -- A clock set back must not bring charges to life.
  log.present = most(now, newest)
  return log
end
local function open(record, name)
  local text = record[name]
  return text and logOf(record, name, text)
end
-- Entries alone, for what looks into a log.
local function entriesOf(text, base)
  return { text = text, wide = true, head = 0, width = ${entryLength.wide},
    count = #text / ${entryLength.wide}, base = base }
end
local function timeOf(log, entry)
  return (unpackAt('>I6', log.text, log.head + (entry - 1) * log.width + 1))
end
local function unitsUpTo(log, entry)
  if not log.wide then return entry end
  if entry == 0 then return log.base end
  return (unpackAt('>d', log.text, log.head + (entry - 1) * log.width + 7))
end
local function nameOf(log, entry)
  return sub(log.text, log.head + entry * log.width - ${chargeLength - 1}, log.head + entry * log.width)
end
local function cut(log, first, last)
  return sub(log.text, log.head + (first - 1) * log.width + 1, log.head + last * log.width)
end
-- The first entry whose field is at least so much.
local function seek(log, field, least)
  local low, high = 1, log.count + 1
  while low < high do
    local middle = floor((low + high) / 2)
    if field(log, middle) >= least then high = middle else low = middle + 1 end
  end
  return low
end
local function leastWithin(log, ageMs)
  return floor(log.present - ageMs) + 1
end
local function pastEntry(past, entry)
  local text, from = past.text, (entry - 1) * ${entryLength.wide}
  if entry > past.written then
    text, from = past.tail, (entry - past.written - 1) * ${entryLength.wide}
  elseif not text then
    text, from = call('GETRANGE', past.key, past.at + from, past.at + from + 13), 0
  end
  past.times[entry], past.units[entry] = unpackAt('>I6d', text, from + 1)
end
local function pastTime(past, entry)
  if not past.times[entry] then pastEntry(past, entry) end
  return past.times[entry]
end
local function pastUnits(past, entry)
  if entry == 0 then return past.base end
  if not past.units[entry] then pastEntry(past, entry) end
  return past.units[entry]
end
local function firstYounger(log, ageMs)
  local least = leastWithin(log, ageMs)
  return timeOf(log, 1) >= least and 1 or seek(log, timeOf, least)
end
local function unitsWithin(log, windowMs)
  if not log then return 0 end
  local first = firstYounger(log, windowMs)
  if first > 1 or not log.long then return log.total - unitsUpTo(log, first - 1) end
  local least = leastWithin(log, windowMs)
  if log.oldest >= least then return log.total - log.dropped end
  -- Steps that share a script ask the same again and again.
  local past = pastOf(log.record, log.name)
  past.firsts[least] = past.firsts[least] or seek(past, pastTime, least)
  return log.total - pastUnits(past, past.firsts[least] - 1)
end
local function waitFor(log, max, windowMs, cost)
  if cost > max then return windowMs end
  if not log then return 0 end
  local inTheWay = log.total - (max - cost)
  if inTheWay <= log.dropped then return 0 end
  local at
  if log.long and inTheWay <= log.base then
    local past = pastOf(log.record, log.name)
    at = pastTime(past, seek(past, pastUnits, inTheWay))
  else
    at = timeOf(log, log.wide and seek(log, unitsUpTo, inTheWay) or math.ceil(inTheWay))
  end
  return most(0, at + windowMs - now)
end
local function textOf(wide, longest, base, entries)
  if wide then return pack('>BI6d', ${forms.wide}, longest, base) .. entries end
  return pack('>BI6', ${forms.plain}, longest) .. entries
end
local function widened(log, first)
  local pieces = {}
  for entry = first, log.count do
    pieces[#pieces + 1] = pack('>I6d', timeOf(log, entry), entry) .. nameOf(log, entry)
  end
  return table.concat(pieces)
end
local entryTimes = 'I6' .. string.rep('x', ${entryLength.wide - 6})
local manyTimes = '>' .. string.rep(entryTimes, 32)
-- When each of these wide entries was made. Many at once take a tenth of the time of one by one.
local function timesOf(log)
  local times, entry = {}, 1
  while entry + 31 <= log.count do
    local some = { unpackAt(manyTimes, log.text, log.head + (entry - 1) * log.width + 1) }
    for index = 1, 32 do times[entry + index - 1] = some[index] end
    entry = entry + 32
  end
  for last = entry, log.count do times[last] = timeOf(log, last) end
  return times
end
local function merge(log)
  local times, last, pieces = timesOf(log), log.count - ${newestKept}, {}
  local present = times[log.count]
  -- The first entry that is not in a piece yet, and one that is looked at with those behind it.
  local unwritten, first = 1, 2
  while first <= last do
    local entry, before = first, times[first - 1]
    while entry < last and times[entry + 1] - before <= (present - times[entry + 1]) / 32 do
      entry = entry + 1
    end
    if entry > first then
      pieces[#pieces + 1] = cut(log, unwritten, first - 1)
      pieces[#pieces + 1] = pack('>I6d', times[entry], unitsUpTo(log, entry)) .. merged
      unwritten = entry + 1
    end
    first = entry + 1
  end
  pieces[#pieces + 1] = cut(log, unwritten, log.count)
  return entriesOf(table.concat(pieces), log.base)
end
local function longHead(longest, base, past, oldest)
  return pack('>BI6dI4I4I4dI6', ${forms.long}, longest, base, past.at, past.count, past.capacity,
    past.base, oldest)
end
-- Keeps wide entries, as a long log if they are many.
local function keep(record, name, longest, base, entries)
  local log = entriesOf(entries, base)
  if log.count <= ${mostInRecord} then
    record[name] = textOf(true, longest, base, entries)
    setPast(record, name, nil)
    return
  end
  if log.count > ${newestKept} then log = merge(log) end
  local count, place = log.count - 1, knownPast(record, name)
  -- Where it would be full again soon it gets another place, as one that has none.
  if not place or count + ${mostInRecord} > place.capacity then place = { at = 0, capacity = 0 } end
  local past = { key = keyOf[record], at = place.at, capacity = place.capacity, text = cut(log, 1, count),
    written = count, count = count, base = base, tail = '', times = {}, units = {}, firsts = {} }
  setPast(record, name, past)
  record[name] = longHead(longest, unitsUpTo(log, count), past, timeOf(log, 1)) .. cut(log, count + 1, count + 1)
end
-- A long log as a wide one in one text.
local function whole(log)
  local past = pastOf(log.record, log.name)
  local entries = pastText(past) .. cut(log, 1, log.count)
  return logOf(log.record, log.name, textOf(true, log.longest, log.dropped, entries))
end
local function chargeWide(log, cost, longest, charged)
  local record, name = log.record, log.name
  local entry = pack('>I6d', log.present, log.total + cost) .. charged
  local all = log
  -- What is too old in the past is dropped only when the past is full.
  if log.long and firstYounger(log, longest) == 1 then
    if log.count < ${mostNewest} then
      record[name] = pack('>BI6', ${forms.long}, longest) .. sub(log.text, 8) .. entry
      return
    end
    local past = pastOf(record, name)
    if past.count + log.count <= past.capacity then
      past.tail = past.tail .. cut(log, 1, log.count)
      past.count = past.count + log.count
      record[name] = longHead(longest, log.total, past, log.oldest) .. entry
      return
    end
    all = whole(log)
  end
  local first = firstYounger(all, longest)
  local entries = all.wide and cut(all, first, all.count) or widened(all, first)
  keep(record, name, longest, unitsUpTo(all, first - 1), entries .. entry)
end
-- The log must be what the record holds.
local function charge(record, name, log, cost, longest, charged)
  if cost <= 0 then return end
  if not log and cost == 1 then
    record[name] = pack('>BI6I6', ${forms.plain}, longest, now) .. charged
  elseif not log then
    plain = false
    record[name] = pack('>BI6dI6d', ${forms.wide}, longest, 0, now, cost) .. charged
  else
    longest = most(log.longest, longest)
    if log.wide or cost ~= 1 or log.count >= ${mostInRecord} then
      plain = false
      chargeWide(log, cost, longest, charged)
    else
      local first = firstYounger(log, longest)
      record[name] = pack('>BI6', ${forms.plain}, longest) .. cut(log, first, log.count)
        .. pack('>I6', log.present) .. charged
    end
  end
end
local function keepEntries(log, entries)
  if entries == '' then
    log.record[log.name] = nil
  elseif log.wide then
    keep(log.record, log.name, log.longest, log.base, entries)
  else
    log.record[log.name] = textOf(false, log.longest, 0, entries)
  end
end
-- Of a merged entry so many units are forgotten, which is never more than so many charges.
local function forget(record, name, newest)
  local log = open(record, name)
  if not log then return end
  if log.long then log = whole(log) end
  local left, last, rest = newest, log.count, ''
  while left > 0 and last > 0 do
    local units = unitsUpTo(log, last) - unitsUpTo(log, last - 1)
    if nameOf(log, last) ~= merged then
      left = left - 1
    elseif units > left then
      rest = pack('>I6d', timeOf(log, last), unitsUpTo(log, last) - left) .. merged
      left = 0
    else
      left = left - units
    end
    last = last - 1
  end
  keepEntries(log, cut(log, 1, last) .. rest)
end`
