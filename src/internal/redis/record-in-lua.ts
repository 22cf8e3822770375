import { graceMs, nowInLua } from './client'

/** What the text of a log begins with. */
export const forms = { plain: 48, wide: 49 } as const

/** Characters of a charge's name. */
export const chargeLength = 8

/** Bytes of a plain log's entry (when, and the charge's name), and of a wide one's. */
export const entryLength = { plain: 6 + chargeLength, wide: 14 + chargeLength } as const

/**
 * Records, for scripts: one string a subject, which packs the logs about it by their names.
 *
 * A log that matters no longer goes when the record is saved, and the record lives as long as the last
 * of its logs.
 */
export const recordsInLua = `
${nowInLua}
local call, pack, unpackAt = redis.call, struct.pack, struct.unpack
local sub, char, find = string.sub, string.char, string.find
local floor, most = math.floor, math.max
local function unpacked(text)
  local value = cmsgpack.unpack(text)
  if type(value) ~= 'table' then error('a key holds something else') end
  return value
end
local function read(key)
  local text = call('GET', key)
  if not text then return {} end
  return unpacked(text)
end
local function endOf(log)
  local form, longest = unpackAt('>BI6', log)
  local entry = form == ${forms.wide} and ${entryLength.wide} or ${entryLength.plain}
  return longest + unpackAt('>I6', log, #log - entry + 1)
end
local function save(key, record)
  local last = 0
  for name, log in pairs(record) do
    local ends = endOf(log)
    if ends <= now then
      record[name] = nil
    else
      last = most(last, ends)
    end
  end
  if last == 0 then
    call('DEL', key)
  else
    call('SET', key, cmsgpack.pack(record), 'PX', last - now + ${graceMs})
  end
end`
