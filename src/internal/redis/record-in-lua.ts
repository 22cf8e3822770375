import { nowInLua, type RedisScript, redisScript } from './client'

/** What the text of a log begins with. */
export const forms = { plain: 48, wide: 49, long: 50 } as const

/** Characters of a charge's name. */
export const chargeLength = 8

/** Bytes of a plain log before its first entry. */
export const plainHead = 7

/** Bytes of a plain log's entry (when, and the charge's name), and of a wide one's. */
export const entryLength = { plain: 6 + chargeLength, wide: 14 + chargeLength } as const

/** What a record with long logs begins with, which a packed table never does. */
export const longForm = 76
export const longHead = 9

// What is read at once. The server's Lua hashes each byte of any text that it makes, which costs more
// than all else here: so texts are kept short.
const firstRead = 1024

// What all scripts about keys are made of.
const commonsInLua = `
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
 * A script about keys, with `now` and what all of them are made of. These stand outside of the function that
 * the rest is in: to make a function, Lua looks through the locals beside it for each that it uses, which takes
 * longer than a step does.
 */
export function keysScript(body: string): RedisScript {
  return redisScript(`${commonsInLua}
local function script()
${body}
end
return script()`)
}

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
export const recordsInLua = `
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
end`
