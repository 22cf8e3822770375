import { chargeLength, entryLength, forms, longForm, longHead } from './record-in-lua'

// Entries that a long log has in its record before they go to its past together.
const mostNewest = 16

// Entries that a past can take before it is looked through for what can be dropped or merged.
const pastGrowth = 128

// Room for what logs that are not long may grow by before all is written again.
const spareRoom = 256

// A charge can be taken back while it is one of so many of its key; older ones may be merged.
const newestKept = 512

/** A log of more entries is a long one. */
export const mostInRecord = 64

/** The name of charges that were merged. */
export const merged = ' '.repeat(chargeLength)

/**
 * What long logs need, and wide ones that grow, for scripts that have logs. It is made when the first of them
 * comes: most scripts meet none, and making a function takes as long as calling it.
 */
export const longLogsInLua = `
local longLogs
local function long()
  if longLogs then return longLogs end
  local function setPast(key, name, past)
    local pasts = pastsOf[key]
    if pasts then pasts[name] = past elseif past then pastsOf[key] = { [name] = past } end
  end
  local function knownPast(key, name)
    local pasts = pastsOf[key]
    return pasts and pasts[name]
  end
  -- The past of a long log: in the key so many entries are written; behind them comes the tail. One that
  -- has a text is anew.
  local function pastOf(key, name, log)
    local past = knownPast(key, name)
    if not past then
      local at, count, capacity, base = unpackAt('>I4I4I4d', log, 16)
      past = { key = key, at = at, written = count, count = count, capacity = capacity,
        base = base, tail = '', times = {}, units = {}, firsts = {} }
      setPast(key, name, past)
    end
    return past
  end
  local function pastText(past)
    local text = past.text
      or call('GETRANGE', past.key, past.at, past.at + past.written * ${entryLength.wide} - 1)
    if #text ~= past.written * ${entryLength.wide} then error('a key holds no log') end
    return text .. past.tail
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
  -- Units in the past that are older than this. Steps that share a script ask the same again and again.
  local function unitsBefore(log, least)
    local past = pastOf(log.key, log.name, log.text)
    past.firsts[least] = past.firsts[least] or seek(past, pastTime, least)
    return pastUnits(past, past.firsts[least] - 1)
  end
  -- When the past came to so many units.
  local function timeOfUnits(log, units)
    local past = pastOf(log.key, log.name, log.text)
    return pastTime(past, seek(past, pastUnits, units))
  end
  -- Entries alone, for what looks into a log.
  local function entriesOf(text, base)
    return { text = text, wide = true, head = 0, width = ${entryLength.wide},
      count = #text / ${entryLength.wide}, base = base }
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
        pieces[#pieces + 1] = pack('>I6d', times[entry], unitsUpTo(log, entry)) .. '${merged}'
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
  -- The text of a log with what was added to it, from the first entry on that is not too old.
  local function textOf(log, first)
    local added, all = log.added, log
    local entries = pack('>' .. string.rep('I6dc${chargeLength}', #added / 3), unpack(added))
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
  local function writePast(key, past)
    if past.text then
      call('SETRANGE', key, past.at, past.text .. past.tail)
    elseif past.tail ~= '' then
      call('SETRANGE', key, past.at + past.written * ${entryLength.wide}, past.tail)
    end
    past.text, past.tail, past.written = nil, '', past.count
  end
  local function isRoomFor(record, packed)
    if not record.room or #packed > record.room then return false end
    for _, past in pairs(pastsOf[record.key] or {}) do
      if past.count > past.capacity then return false end
    end
    return true
  end
  -- The record with all pasts behind it.
  local function inOne(record, logs, size)
    local pasts, room = {}, size + ${spareRoom}
    for name, log in pairs(logs) do
      if byte(log) == ${forms.long} then
        pasts[name] = pastOf(record.key, name, log)
        room = room + ${mostNewest * entryLength.wide}
      end
    end
    local at, pieces = ${longHead} + room, {}
    for name, past in pairs(pasts) do
      local text = pastText(past)
      past.at, past.capacity = at, past.count + ${pastGrowth}
      past.text, past.tail, past.written = nil, '', past.count
      logs[name] = sub(logs[name], 1, 15) .. pack('>I4I4I4', at, past.count, past.capacity)
        .. sub(logs[name], 28)
      pieces[#pieces + 1] = text .. string.rep(' ', ${pastGrowth * entryLength.wide})
      at = at + #pieces[#pieces]
    end
    pastsOf[record.key] = pasts
    return pack('>BI4I4', ${longForm}, room, size) .. cmsgpack.pack(logs)
      .. string.rep(' ', room - size) .. table.concat(pieces)
  end
  local function write(record, logs, packed, lifeMs)
    local key = record.key
    if isRoomFor(record, packed) then
      for _, past in pairs(pastsOf[key] or {}) do writePast(key, past) end
      call('SETRANGE', key, '0', pack('>BI4I4', ${longForm}, record.room, #packed) .. packed)
      call('PEXPIRE', key, digits(lifeMs))
    else
      call('SET', key, inOne(record, logs, #packed), 'PX', digits(lifeMs))
    end
  end
  longLogs = { unitsBefore = unitsBefore, timeOfUnits = timeOfUnits, whole = whole,
    wideText = wideText, textOf = textOf, write = write }
  return longLogs
end`
