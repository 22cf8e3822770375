import { chargeLength, entryLength, forms, recordsInLua } from './record-in-lua'

// A charge can be taken back while it is one of so many of its key; older ones may be merged.
const newestKept = 512

// The longest window that six bytes hold: 4,459 years.
export const longestMs = 2 ** 47

/**
 * The logs of limiter keys, for scripts to count, charge and forget in: texts in their
 * subjects' records.
 *
 * A plain log is the longest window ever charged, then an entry a charge, oldest first: when it was
 * made and its name. It is one of charges of 1 unit, and not of more than can be taken back. Any
 * other is wide. It also says how many units were dropped from the front, and with each entry the
 * units up to and including it: sums, so that any window is one subtraction and two look-ups.
 *
 * Beyond the newest charges, neighbours are merged when that makes none count longer than 1/32 of
 * its age: an old charge matters to no window shorter than its age, so to none by more than 1/32.
 */
export const logsInLua = `${recordsInLua}
local merged = string.rep(' ', ${chargeLength})
-- Whether all units that were read are whole and below 128.
local plain = true
local function logOf(text)
  local form, longest = unpackAt('>BI6', text)
  local wide = form == ${forms.wide}
  local head, width = wide and 15 or 7, wide and ${entryLength.wide} or ${entryLength.plain}
  local count = (#text - head) / width
  if count < 1 or count ~= floor(count) then error('a key holds no log') end
  local newest = unpackAt('>I6', text, #text - width + 1)
  local base, total = 0, count
  if wide then
    base, total = unpackAt('>d', text, 8), unpackAt('>d', text, #text - width + 7)
  end
  if wide or count > 127 then plain = false end
  -- A clock set back must not bring charges to life.
  return { text = text, wide = wide, head = head, width = width, count = count,
    longest = longest, base = base, total = total, present = most(now, newest) }
end
local function open(record, name)
  local text = record[name]
  return text and logOf(text)
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
local function firstYounger(log, ageMs)
  local least = floor(log.present - ageMs) + 1
  return timeOf(log, 1) >= least and 1 or seek(log, timeOf, least)
end
local function unitsWithin(log, windowMs)
  if not log then return 0 end
  return log.total - unitsUpTo(log, firstYounger(log, windowMs) - 1)
end
local function waitFor(log, max, windowMs, cost)
  if cost > max then return windowMs end
  if not log then return 0 end
  local inTheWay = log.total - (max - cost)
  if inTheWay <= log.base then return 0 end
  local entry = log.wide and seek(log, unitsUpTo, inTheWay) or math.ceil(inTheWay)
  return most(0, timeOf(log, entry) + windowMs - now)
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
local function merge(log)
  local before, present = timeOf(log, 1), timeOf(log, log.count)
  local last, pieces = log.count - ${newestKept}, { cut(log, 1, 1) }
  local first = 2
  while first <= last do
    local entry = first
    while entry < last and timeOf(log, entry + 1) - before <= (present - timeOf(log, entry + 1)) / 32 do
      entry = entry + 1
    end
    if entry == first then
      pieces[#pieces + 1] = cut(log, entry, entry)
    else
      pieces[#pieces + 1] = pack('>I6d', timeOf(log, entry), unitsUpTo(log, entry)) .. merged
    end
    before = timeOf(log, entry)
    first = entry + 1
  end
  pieces[#pieces + 1] = cut(log, first, log.count)
  return textOf(true, log.longest, log.base, table.concat(pieces))
end
local function chargeWide(log, cost, first, longest, charged)
  local entries = log.wide and cut(log, first, log.count) or widened(log, first)
  entries = entries .. pack('>I6d', log.present, log.total + cost) .. charged
  local made = logOf(textOf(true, longest, unitsUpTo(log, first - 1), entries))
  if made.count > ${newestKept} and made.count % 128 == 0 then return merge(made) end
  return made.text
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
    local first = firstYounger(log, longest)
    if log.wide or cost ~= 1 or log.count >= ${newestKept} then
      plain = false
      record[name] = chargeWide(log, cost, first, longest, charged)
    else
      if log.count >= 127 then plain = false end
      record[name] = pack('>BI6', ${forms.plain}, longest) .. cut(log, first, log.count)
        .. pack('>I6', log.present) .. charged
    end
  end
end
-- Of a merged entry so many units are forgotten, which is never more than so many charges.
local function forget(record, name, newest)
  local log = open(record, name)
  if not log then return end
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
  local entries = cut(log, 1, last) .. rest
  record[name] = entries ~= '' and textOf(log.wide, log.longest, log.base, entries) or nil
end`
