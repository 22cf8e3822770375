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

/** `now`, and what all scripts about keys are made of. */
export const keysInLua = `
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
end`

/**
 * Records, for scripts: one string a subject, which packs the logs about it by their names.
 *
 * Of a long log only the newest entries are in there. Its past stands behind the record, in the same
 * string, so that a charge neither reads nor writes it: the string is a form, how much room the record
 * has and how much it takes, the record, and the pasts, each with room to grow. What a long log begins with
 * says in its bytes 16 to 35 where its past is, how many entries it has, for how many there is room, and
 * how many units were dropped from its front.
 *
 * In a record that was read each log is a text until it is opened. One that matters no longer goes when
 * the record is saved, and the record lives as long as the last of its logs. While nothing but what was just
 * begun is in it, it says how long that lives.
 */
export const recordsInLua = `${keysInLua}
-- Of each key what is known of the pasts in it, by name.
local pastsOf = {}
-- After a failure: what is known may never have been written.
local function forgetPasts()
  pastsOf = {}
end
local function unpacked(text, from)
  local _, value = cmsgpack.unpack_one(text, from or 0)
  if type(value) ~= 'table' then error('a key holds something else') end
  return value
end
local function read(key)
  local text = call('GETRANGE', key, '0', '${firstRead - 1}')
  if text == '' then return { key = key, logs = {}, isChanged = false, begunFor = 0 } end
  if byte(text) ~= ${longForm} then
    return { key = key, logs = unpacked(#text < ${firstRead} and text or call('GET', key)), isChanged = false }
  end
  local room, length = unpackAt('>I4I4', text, 2)
  if ${longHead} + length > #text then text = call('GETRANGE', key, '0', digits(${longHead - 1} + length)) end
  return { key = key, logs = unpacked(text, ${longHead}), isChanged = false, room = room }
end
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
-- Writes what is left of its logs, as texts, until so many milliseconds from now.
local function write(record, logs, lifeMs, hasLong)
  local key, packed = record.key, cmsgpack.pack(logs)
  if not hasLong then
    pastsOf[key] = nil
    call('SET', key, packed, 'PX', digits(lifeMs + ${graceMs}))
  elseif isRoomFor(record, packed) then
    for _, past in pairs(pastsOf[key] or {}) do writePast(key, past) end
    call('SETRANGE', key, '0', pack('>BI4I4', ${longForm}, record.room, #packed) .. packed)
    call('PEXPIRE', key, digits(lifeMs + ${graceMs}))
  else
    call('SET', key, inOne(record, logs, #packed), 'PX', digits(lifeMs + ${graceMs}))
  end
end
local function remove(record)
  pastsOf[record.key] = nil
  call('DEL', record.key)
end`
