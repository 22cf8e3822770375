import { graceMs, nowInLua } from './client'

/** What the text of a part begins with. */
export const forms = { plain: 48, wide: 49, alive: 50, used: 51 } as const

/** Characters of a charge's name. */
export const chargeLength = 8

/** Bytes of a plain log's entry (when, and the charge's name), and of a wide one's. */
export const entryLength = { plain: 6 + chargeLength, wide: 14 + chargeLength } as const

/**
 * Records, for scripts: one string a subject, which packs the texts of its parts by their names. A
 * part is a log or a challenge. The first byte of its text says which form it has, and the six after
 * it how long it matters: a log for so long after its newest charge, a challenge until then.
 *
 * A part that matters no longer goes when the record is saved, and the record lives as long as the
 * last of its parts.
 */
export const recordsInLua = `
${nowInLua}
local call, pack, unpackAt = redis.call, struct.pack, struct.unpack
local sub, byte, char, find = string.sub, string.byte, string.char, string.find
local floor, most = math.floor, math.max
local function read(key)
  local text = call('GET', key)
  if not text then return {} end
  local record = cmsgpack.unpack(text)
  if type(record) ~= 'table' then error('a key holds no record') end
  return record
end
local function endOf(text)
  local form, ends = unpackAt('>BI6', text)
  if form == ${forms.plain} then return ends + unpackAt('>I6', text, #text - ${entryLength.plain - 1}) end
  if form == ${forms.wide} then return ends + unpackAt('>I6', text, #text - ${entryLength.wide - 1}) end
  return ends
end
local function save(key, record)
  local last = 0
  for name, text in pairs(record) do
    local ends = endOf(text)
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
