import { graceMs, nowInLua } from './client'

/** What the text of a log begins with. */
export const forms = { plain: 48, wide: 49, long: 50 } as const

/** Characters of a charge's name. */
export const chargeLength = 8

/** Bytes of a plain log's entry (when, and the charge's name), and of a wide one's. */
export const entryLength = { plain: 6 + chargeLength, wide: 14 + chargeLength } as const

/** Entries that a long log has in its record before they go to its past together. */
export const mostNewest = 16

/** Entries that a past can take before it is looked through for what can be dropped or merged. */
export const pastGrowth = 128

// What a record with long logs begins with, which a packed table never does.
const longForm = 76
const longHead = 9

// What is read at once. The server's Lua hashes each byte of any text that it makes, which costs more
// than all else here: so texts are kept short.
const firstRead = 1024

// Room for what logs that are not long may grow by before all is written again.
const spareRoom = 256

/**
 * Records, for scripts: one string a subject, which packs the logs about it by their names.
 *
 * Of a long log only the newest entries are in there. Its past stands behind the record, in the same
 * string, so that a charge neither reads nor writes it: the string is a form, how much room the record
 * has and how much it takes, the record, and the pasts, each with room to grow. What a long log begins with
 * says in its bytes 16 to 35 where its past is, how many entries it has, for how many there is room, and
 * how many units were dropped from its front.
 *
 * A log that matters no longer goes when the record is saved, and the record lives as long as the last
 * of its logs.
 */
export const recordsInLua = `
${nowInLua}
local call, pack, unpackAt = redis.call, struct.pack, struct.unpack
local sub, char, byte, find = string.sub, string.char, string.byte, string.find
local floor, most = math.floor, math.max
-- Whole numbers as texts. Redis makes such a text in the time of half a command, so each is made once.
local texts = {}
local function digits(number)
  local text = texts[number]
  if not text then
    text = string.format('%d', number)
    texts[number] = text
  end
  return text
end
-- Of each record that was read its key. Of each key the room of its record, where that has long logs,
-- and what is known of their pasts, by name.
local keyOf, roomOf, pastsOf = {}, {}, {}
-- After a failure: what is known may never have been written.
local function forgetPasts()
  roomOf, pastsOf = {}, {}
end
local function unpacked(text, from)
  local _, value = cmsgpack.unpack_one(text, from or 0)
  if type(value) ~= 'table' then error('a key holds something else') end
  return value
end
local function read(key)
  local text, record = call('GETRANGE', key, '0', '${firstRead - 1}'), nil
  if text == '' then
    record = {}
  elseif byte(text) == ${longForm} then
    local room, length = unpackAt('>I4I4', text, 2)
    if ${longHead} + length > #text then text = call('GETRANGE', key, '0', digits(${longHead - 1} + length)) end
    record = unpacked(text, ${longHead})
    roomOf[key] = room
  else
    record = unpacked(#text < ${firstRead} and text or call('GET', key))
  end
  keyOf[record] = key
  return record
end
local function setPast(record, name, past)
  local key = keyOf[record]
  pastsOf[key] = pastsOf[key] or {}
  pastsOf[key][name] = past
end
local function knownPast(record, name)
  local known = pastsOf[keyOf[record]]
  return known and known[name]
end
-- The past of a long log: in the key so many entries are written; behind them comes the tail. One that
-- has a text is anew.
local function pastOf(record, name)
  local past = knownPast(record, name)
  if not past then
    local at, count, capacity, base = unpackAt('>I4I4I4d', record[name], 16)
    past = { key = keyOf[record], at = at, written = count, count = count, capacity = capacity,
      base = base, tail = '', times = {}, units = {}, firsts = {} }
    setPast(record, name, past)
  end
  return past
end
local function pastText(past)
  local text = past.text
    or call('GETRANGE', past.key, past.at, past.at + past.written * ${entryLength.wide} - 1)
  if #text ~= past.written * ${entryLength.wide} then error('a key holds no log') end
  return text .. past.tail
end
local function writePast(key, past)
  if past.text then
    call('SETRANGE', key, past.at, past.text .. past.tail)
  elseif past.tail ~= '' then
    call('SETRANGE', key, past.at + past.written * ${entryLength.wide}, past.tail)
  end
  past.text, past.tail, past.written = nil, '', past.count
end
local function isRoomFor(key, packed)
  if not roomOf[key] or #packed > roomOf[key] then return false end
  for _, past in pairs(pastsOf[key] or {}) do
    if past.count > past.capacity then return false end
  end
  return true
end
-- The record with all pasts behind it.
local function inOne(key, record, size)
  local pasts, room = {}, size + ${spareRoom}
  for name, log in pairs(record) do
    if byte(log) == ${forms.long} then
      pasts[name] = pastOf(record, name)
      room = room + ${mostNewest * entryLength.wide}
    end
  end
  local at, pieces = ${longHead} + room, {}
  for name, past in pairs(pasts) do
    local text = pastText(past)
    past.key, past.at, past.capacity = key, at, past.count + ${pastGrowth}
    past.text, past.tail, past.written = nil, '', past.count
    record[name] = sub(record[name], 1, 15) .. pack('>I4I4I4', at, past.count, past.capacity)
      .. sub(record[name], 28)
    pieces[#pieces + 1] = text .. string.rep(' ', ${pastGrowth * entryLength.wide})
    at = at + #pieces[#pieces]
  end
  roomOf[key], pastsOf[key] = room, pasts
  return pack('>BI4I4', ${longForm}, room, size) .. cmsgpack.pack(record)
    .. string.rep(' ', room - size) .. table.concat(pieces)
end
local function endOf(log)
  local form, longest = unpackAt('>BI6', log)
  local entry = form == ${forms.plain} and ${entryLength.plain} or ${entryLength.wide}
  return longest + unpackAt('>I6', log, #log - entry + 1)
end
local function save(key, record)
  local last, hasLong = 0, false
  for name, log in pairs(record) do
    local ends = endOf(log)
    if ends <= now then
      record[name] = nil
      setPast(record, name, nil)
    else
      last = most(last, ends)
      hasLong = hasLong or byte(log) == ${forms.long}
    end
  end
  if not hasLong then roomOf[key], pastsOf[key] = nil, nil end
  local packed = last > 0 and cmsgpack.pack(record)
  if last == 0 then
    call('DEL', key)
  elseif not hasLong then
    call('SET', key, packed, 'PX', digits(last - now + ${graceMs}))
  elseif isRoomFor(key, packed) then
    for _, past in pairs(pastsOf[key] or {}) do writePast(key, past) end
    call('SETRANGE', key, '0', pack('>BI4I4', ${longForm}, roomOf[key], #packed) .. packed)
    call('PEXPIRE', key, digits(last - now + ${graceMs}))
  else
    call('SET', key, inOne(key, record, #packed), 'PX', digits(last - now + ${graceMs}))
  end
end`
