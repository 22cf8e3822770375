import { graceMs } from './client'
import { longLogsInLua, merged, mostInRecord } from './long-log-in-lua'
import { chargeLength, entryLength, forms, recordsInLua } from './record-in-lua'

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
local function shortText(wide, longest, base, entries)
  if wide then return pack('>BI6d', ${forms.wide}, longest, base) .. entries end
  return pack('>BI6', ${forms.plain}, longest) .. entries
end${longLogsInLua}
local function unitsWithin(log, windowMs)
  if not log then return 0 end
  if log.oldest > log.present - windowMs then return log.total - log.dropped end
  local first = firstYounger(log, windowMs)
  if first > 1 or not log.long then return log.total - unitsUpTo(log, first - 1) end
  return log.total - long().unitsBefore(log, leastWithin(log, windowMs))
end
-- When a cost that does not fit would. Of a log that was just begun, all is of the present.
local function waitFor(log, max, windowMs, cost)
  if cost > max or not log then return windowMs end
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
  local added = log.added
  if not added then return log.text end
  local first = firstYounger(log, log.longest)
  if log.wide or added.isWide or log.count + #added / 3 > ${mostInRecord} then
    return long().textOf(log, first)
  end
  local entries, time = cut(log, first, log.count), pack('>I6', log.present)
  for name = 3, #added, 3 do entries = entries .. time .. added[name] end
  return shortText(false, log.longest, 0, entries)
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
