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
local stamp = pack('>I6', now)
local function logOf(key, name, text)
  local form, longest, oldest, base, dropped = byte(text), nil, nil, 0, nil
  local head, width, at, count, capacity = 7, ${entryLength.wide}, nil, nil, nil
  if form == ${forms.plain} then
    width = ${entryLength.plain}
    longest, oldest = unpackAt('>I6I6', text, 2)
  elseif form == ${forms.wide} then
    head = 15
    longest, base, oldest = unpackAt('>I6dI6', text, 2)
  elseif form == ${forms.long} then
    head = 41
    longest, base, at, count, capacity, dropped, oldest = unpackAt('>I6dI4I4I4dI6', text, 2)
  else
    error('a key holds no log')
  end
  count = (#text - head) / width
  if count < 1 or count ~= floor(count) then error('a key holds no log') end
  local newest, total = oldest, count
  if form ~= ${forms.plain} then
    newest, total = unpackAt('>I6d', text, #text - width + 1)
  elseif count > 1 then
    newest = unpackAt('>I6', text, #text - width + 1)
  end
  return { key = key, name = name, text = text, head = head, width = width, count = count,
    wide = form ~= ${forms.plain}, long = form == ${forms.long}, longest = longest, oldest = oldest,
    -- A clock set back must not bring charges to life.
    present = most(now, newest),
    -- Units before the first entry of all and before the first one in the text, up to the last one in
    -- the text, and with what was added.
    dropped = dropped or base, base = base, settled = total, total = total,
    -- What was charged since it was read: of each charge its time, the units up to and including it, and
    -- its name.
    added = false }
end
local function open(record, name)
  local log = record.logs[name]
  if type(log) ~= 'string' then return log end
  log = logOf(record.key, name, log)
  record.logs[name], record.begunFor = log, nil
  return log
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
  if log.oldest > log.present - ageMs then return 1 end
  local least = leastWithin(log, ageMs)
  return timeOf(log, 1) >= least and 1 or seek(log, timeOf, least)
end
local function unitsWithin(log, windowMs)
  if not log then return 0 end
  if log.oldest > log.present - windowMs then return log.total - log.dropped end
  local first = firstYounger(log, windowMs)
  if first > 1 or not log.long then return log.total - unitsUpTo(log, first - 1) end
  -- Steps that share a script ask the same again and again.
  local past, least = pastOf(log.key, log.name, log.text), leastWithin(log, windowMs)
  past.firsts[least] = past.firsts[least] or seek(past, pastTime, least)
  return log.total - pastUnits(past, past.firsts[least] - 1)
end
-- When a cost that does not fit would. Of a log that was just begun, all is of the present.
local function waitFor(log, max, windowMs, cost)
  if cost > max or not log then return windowMs end
  local inTheWay, at = log.total - (max - cost), log.present
  if inTheWay <= log.dropped then return 0 end
  if log.long and inTheWay <= log.base then
    local past = pastOf(log.key, log.name, log.text)
    at = pastTime(past, seek(past, pastUnits, inTheWay))
  elseif inTheWay <= log.settled then
    at = timeOf(log, log.wide and seek(log, unitsUpTo, inTheWay) or math.ceil(inTheWay))
  end
  return most(0, at + windowMs - now)
end
local function shortText(wide, longest, base, entries)
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
-- The text of these wide entries, of a long log if they are many.
local function wideText(log, base, entries)
  local key, name, longest = log.key, log.name, log.longest
  local all = entriesOf(entries, base)
  if all.count <= ${mostInRecord} then
    setPast(key, name, nil)
    return shortText(true, longest, base, entries)
  end
  if all.count > ${newestKept} then all = merge(all) end
  local count, place = all.count - 1, knownPast(key, name)
  -- Where it would be full again soon it gets another place, as one that has none.
  if not place or count + ${mostInRecord} > place.capacity then place = { at = 0, capacity = 0 } end
  local past = { key = key, at = place.at, capacity = place.capacity, text = cut(all, 1, count),
    written = count, count = count, base = base, tail = '', times = {}, units = {}, firsts = {} }
  setPast(key, name, past)
  return longHead(longest, unitsUpTo(all, count), past, timeOf(all, 1)) .. cut(all, count + 1, count + 1)
end
-- A long log as a wide one in one text.
local function whole(log)
  local entries = pastText(pastOf(log.key, log.name, log.text)) .. cut(log, 1, log.count)
  return logOf(log.key, log.name, shortText(true, log.longest, log.dropped, entries))
end
-- The text of a long log with these entries more, while its past has room.
local function longText(log, entries)
  local added, count = log.added, log.count + #log.added / 3
  if count <= ${mostNewest} then
    return pack('>BI6', ${forms.long}, log.longest) .. sub(log.text, 8) .. entries
  end
  local past = pastOf(log.key, log.name, log.text)
  if past.count + count - 1 > past.capacity then return nil end
  local newest = cut(log, 1, log.count) .. entries
  past.tail = past.tail .. sub(newest, 1, ${-entryLength.wide - 1})
  past.count = past.count + count - 1
  return longHead(log.longest, added[#added - 4] or log.settled, past, log.oldest)
    .. sub(newest, ${-entryLength.wide})
end
-- The text of a log with what was added to it; to be made once.
local function textOf(log)
  local added = log.added
  if not added then return log.text end
  local first, count = firstYounger(log, log.longest), #added / 3
  if not log.wide and not added.isWide and log.count + count <= ${mostInRecord} then
    local entries, time = cut(log, first, log.count), pack('>I6', log.present)
    for name = 3, #added, 3 do entries = entries .. time .. added[name] end
    return shortText(false, log.longest, 0, entries)
  end
  local entries, all = pack('>' .. string.rep('I6dc${chargeLength}', count), unpack(added)), log
  -- What is too old in the past is dropped only when the past is full.
  if log.long and first == 1 then
    local text = longText(log, entries)
    if text then return text end
    all = whole(log)
    first = firstYounger(all, log.longest)
  end
  local older = all.wide and cut(all, first, all.count) or widened(all, first)
  return wideText(log, unitsUpTo(all, first - 1), older .. entries)
end
-- What a plain log that is begun now begins with, by its longest window.
local begun = {}
-- The log must be what the record holds. One that is begun is only opened with the next question.
local function charge(record, name, log, cost, longest, charged)
  if cost <= 0 then return end
  record.isChanged = true
  if log then
    local added = log.added or {}
    log.added, log.longest, log.total = added, most(log.longest, longest), log.total + cost
    added.isWide = added.isWide or cost ~= 1
    local last = #added
    added[last + 1], added[last + 2], added[last + 3] = log.present, log.total, charged
    return
  end
  if record.begunFor then record.begunFor = most(record.begunFor, longest) end
  if cost == 1 then
    begun[longest] = begun[longest] or shortText(false, longest, 0, stamp)
    record.logs[name] = begun[longest] .. charged
  else
    record.logs[name] = shortText(true, longest, 0, stamp .. pack('>d', cost) .. charged)
  end
end
-- What is left of a log.
local function keep(record, log, entries)
  record.isChanged = true
  if entries == '' then
    record.logs[log.name] = nil
  elseif log.wide then
    record.logs[log.name] = wideText(log, log.base, entries)
  else
    record.logs[log.name] = shortText(false, log.longest, 0, entries)
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
  keep(record, log, cut(log, 1, last) .. rest)
end
local function endOf(log)
  local entry = byte(log) == ${forms.plain} and ${entryLength.plain} or ${entryLength.wide}
  return unpackAt('>I6', log, 2) + unpackAt('>I6', log, #log - entry + 1)
end
-- Once, as nothing is asked of the record afterwards.
local function save(record)
  if record.begunFor then return write(record, record.logs, record.begunFor, false) end
  local logs, last, hasLong = record.logs, now, false
  for name, log in pairs(logs) do
    if type(log) ~= 'string' then
      log = textOf(log)
      logs[name] = log
    end
    local ends = endOf(log)
    if ends <= now then
      logs[name] = nil
      setPast(record.key, name, nil)
    else
      last = most(last, ends)
      hasLong = hasLong or byte(log) == ${forms.long}
    end
  end
  if last == now then remove(record) else write(record, logs, last - now, hasLong) end
end`

/** Records that the steps of a script have in common: read once, and saved when all are taken. */
export const heldInLua = `
local held = {}
local function hold(key)
  local record = held[key]
  if not record then
    record = read(key)
    held[key] = record
  end
  return record
end
-- One that is written by the step itself.
local function readOwn(key)
  local record = held[key]
  if record and record.isChanged then save(record) end
  held[key] = nil
  return read(key)
end
local function saveHeld()
  for _, record in pairs(held) do
    if record.isChanged then save(record) end
  end
end`
