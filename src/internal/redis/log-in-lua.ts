import { graceMs } from './client'
import { longLogsInLua, merged, mostInRecord } from './long-log-in-lua'
import { chargeLength, entryLength, forms, plainHead, recordsInLua } from './record-in-lua'

// The longest window that six bytes hold: 4,459 years.
export const longestMs = 2 ** 47

/**
 * The logs of limiter keys, for scripts to count, charge and forget in: texts in their
 * subjects' records.
 *
 * A plain log is the longest window ever charged, then an entry a charge, oldest first: when it was
 * made and its name. It is one of at most 64 charges of 1 unit. Nearly all are, so these are read and
 * charged as the texts that they are; for any other, a table of what it says is made.
 *
 * A wide log also says how many units were dropped from the front, and with each entry the
 * units up to and including it: sums, so that any window is one subtraction and two look-ups.
 *
 * A long log is a wide one in two: its past, which is entries alone and stands behind the record, and the
 * newest ones. These also say where the past is, and when the first entry in it was made.
 *
 * Beyond the newest charges, neighbours are merged when that makes none count longer than 1/32 of
 * its age: an old charge matters to no window shorter than its age, so to none by more than 1/32.
 */
export const logsInLua = `${recordsInLua}
local stamp = pack('>I6', now)
local function logOf(key, name, text)
  local form, longest, oldest, base, dropped = byte(text), nil, nil, 0, nil
  local head, width, at, count, capacity = ${plainHead}, ${entryLength.wide}, nil, nil, nil
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
-- As a table, whatever it is.
local function opened(record, name)
  local log = record.logs[name]
  if type(log) ~= 'string' then return log end
  log = logOf(record.key, name, log)
  record.logs[name], record.begunFor = log, nil
  return log
end
-- A plain one as its text.
local function open(record, name)
  local log = record.logs[name]
  if type(log) ~= 'string' then return log end
  if byte(log) ~= ${forms.plain} then return opened(record, name) end
  if #log < ${plainHead + entryLength.plain} or (#log - ${plainHead}) % ${entryLength.plain} > 0 then
    error('a key holds no log')
  end
  return log
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
local function firstYounger(log, ageMs)
  if log.oldest > log.present - ageMs then return 1 end
  local least = leastWithin(log, ageMs)
  return timeOf(log, 1) >= least and 1 or seek(log, timeOf, least)
end
local function plainTime(text, entry)
  return (unpackAt('>I6', text, ${plainHead + 1} + (entry - 1) * ${entryLength.plain}))
end
-- Of a plain log, which entry is the first one that is younger, of how many, and what the present is.
local function plainYounger(text, ageMs)
  local count, oldest = (#text - ${plainHead}) / ${entryLength.plain}, plainTime(text, 1)
  local present = most(now, count > 1 and plainTime(text, count) or oldest)
  local first = 1
  if oldest <= present - ageMs then
    local least, last = floor(present - ageMs) + 1, count + 1
    while first < last do
      local middle = floor((first + last) / 2)
      if plainTime(text, middle) >= least then last = middle else first = middle + 1 end
    end
  end
  return first, count, present
end
local function shortText(wide, longest, base, entries)
  if wide then return pack('>BI6d', ${forms.wide}, longest, base) .. entries end
  return pack('>BI6', ${forms.plain}, longest) .. entries
end${longLogsInLua}
local function unitsWithin(log, windowMs)
  if not log then return 0 end
  if type(log) == 'string' then
    local first, count = plainYounger(log, windowMs)
    return count - first + 1
  end
  if log.oldest > log.present - windowMs then return log.total - log.dropped end
  local first = firstYounger(log, windowMs)
  if first > 1 or not log.long then return log.total - unitsUpTo(log, first - 1) end
  return log.total - long().unitsBefore(log, leastWithin(log, windowMs))
end
-- When a cost that does not fit would. Of a log that was just begun, all is of the present.
local function waitFor(log, max, windowMs, cost)
  if cost > max or not log then return windowMs end
  if type(log) == 'string' then
    local inTheWay = math.ceil((#log - ${plainHead}) / ${entryLength.plain} - (max - cost))
    return inTheWay <= 0 and 0 or most(0, plainTime(log, inTheWay) + windowMs - now)
  end
  local inTheWay, at = log.total - (max - cost), log.present
  if log.long and inTheWay <= log.base then
    at = long().timeOfUnits(log, inTheWay)
  elseif inTheWay <= log.settled then
    at = timeOf(log, log.wide and seek(log, unitsUpTo, inTheWay) or math.ceil(inTheWay))
  end
  return most(0, at + windowMs - now)
end
-- The text of a log with what was added to it; to be made once.
local function textOf(log)
  return log.added and long().textOf(log, firstYounger(log, log.longest)) or log.text
end
-- A plain log with one charge more.
local function chargedPlain(text, longest, charged)
  local before = unpackAt('>I6', text, 2)
  local first, _, present = plainYounger(text, most(longest, before))
  if first > 1 or longest > before then
    text = shortText(false, most(longest, before), 0, sub(text, ${plainHead + 1} + (first - 1) * ${entryLength.plain}))
  end
  return text .. pack('>I6', present) .. charged
end
-- What a plain log that is begun now begins with, by its longest window.
local begun = {}
-- The log must be what the record holds. Gives it as it is then; one that is begun is only opened with the
-- next question.
local function charge(record, name, log, cost, longest, charged)
  if cost <= 0 then return log end
  record.isChanged = true
  if type(log) == 'string' then
    if cost == 1 and #log < ${plainHead + mostInRecord * entryLength.plain} then
      log = chargedPlain(log, longest, charged)
      record.logs[name], record.begunFor = log, nil
      return log
    end
    log = opened(record, name)
  end
  if log then
    local added = log.added or {}
    log.added, log.longest, log.total = added, most(log.longest, longest), log.total + cost
    local last = #added
    added[last + 1], added[last + 2], added[last + 3] = log.present, log.total, charged
    return log
  end
  if record.begunFor then record.begunFor = most(record.begunFor, longest) end
  if cost == 1 then
    begun[longest] = begun[longest] or shortText(false, longest, 0, stamp)
    record.logs[name] = begun[longest] .. charged
  else
    record.logs[name] = shortText(true, longest, 0, stamp .. pack('>d', cost) .. charged)
  end
end
local function endOf(log)
  local entry = byte(log) == ${forms.plain} and ${entryLength.plain} or ${entryLength.wide}
  return unpackAt('>I6', log, 2) + unpackAt('>I6', log, #log - entry + 1)
end
-- Writes what is left of its logs, as texts, until so many milliseconds from now.
local function write(record, logs, lifeMs, hasLong)
  local packed = cmsgpack.pack(logs)
  if hasLong then return long().write(record, logs, packed, lifeMs + ${graceMs}) end
  pastsOf[record.key] = nil
  call('SET', record.key, packed, 'PX', digits(lifeMs + ${graceMs}))
end
-- Once, as nothing is asked of the record afterwards.
local function save(record)
  if record.begunFor then return write(record, record.logs, record.begunFor, false) end
  local logs, pasts, last, hasLong = record.logs, pastsOf[record.key], now, false
  for name, log in pairs(logs) do
    if type(log) ~= 'string' then
      log = textOf(log)
      logs[name] = log
    end
    local ends = endOf(log)
    if ends <= now then
      logs[name] = nil
      if pasts then pasts[name] = nil end
    else
      last = most(last, ends)
      hasLong = hasLong or byte(log) == ${forms.long}
    end
  end
  if last > now then return write(record, logs, last - now, hasLong) end
  pastsOf[record.key] = nil
  call('DEL', record.key)
end`

/** What takes charges away, for scripts that have logs. */
export const forgettingInLua = `
-- What is left of a log.
local function keep(record, log, entries)
  record.isChanged = true
  if entries == '' then
    record.logs[log.name] = nil
  elseif log.wide then
    record.logs[log.name] = long().wideText(log, log.base, entries)
  else
    record.logs[log.name] = shortText(false, log.longest, 0, entries)
  end
end
-- Of a merged entry so many units are forgotten, which is never more than so many charges.
local function forget(record, name, newest)
  local log = open(record, name)
  if not log then return end
  if type(log) == 'string' then
    local left = #log - math.ceil(newest) * ${entryLength.plain}
    record.isChanged, record.logs[name] = true, left > ${plainHead} and sub(log, 1, left) or nil
    return
  end
  if log.long then log = long().whole(log) end
  local left, last, rest = newest, log.count, ''
  while left > 0 and last > 0 do
    local units = unitsUpTo(log, last) - unitsUpTo(log, last - 1)
    if nameOf(log, last) ~= '${merged}' then
      left = left - 1
    elseif units > left then
      rest = pack('>I6d', timeOf(log, last), unitsUpTo(log, last) - left) .. '${merged}'
      left = 0
    else
      left = left - units
    end
    last = last - 1
  end
  keep(record, log, cut(log, 1, last) .. rest)
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
