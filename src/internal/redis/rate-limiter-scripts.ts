import { forgettingInLua, logsInLua } from './log-in-lua'
import { keysScript } from './record-in-lua'

/**
 * What limits say, as one text: the units used in each limit's window, the number of the limit that
 * refuses or 0, a space and retryAfterMs. Whole units below 127 are the character of this code, others
 * that of 127, the number and a space.
 */
export const answerInLua = `
local function numberOf(number)
  return number == floor(number) and digits(number) or string.format('%.17g', number)
end
local units = setmetatable({}, { __index = function(known, number)
  if number ~= floor(number) then return string.format('\\127%.17g ', number) end
  if number >= 127 then return string.format('\\127%d ', number) end
  known[number] = char(number)
  return known[number]
end })
local function decision(refuser, wait)
  if wait == 0 then return '0 0' end
  return digits(refuser) .. ' ' .. numberOf(wait)
end`

// The keys are those of records. A log is named by two arguments: the number of its record and its
// name in that.
const readRecords = `
local records = {}
for place, key in ipairs(KEYS) do records[place] = read(key) end
local function saveChanged()
  for _, record in ipairs(records) do
    if record.isChanged then save(record) end
  end
end`

/**
 * Arguments: clock, the charge's name or nothing to only ask, and of each limit its log, max, windowMs
 * and cost. Answers what the limits say.
 */
export const takeScript = keysScript(`${logsInLua}${answerInLua}${readRecords}
local refuser, wait, limits, used, logs = 0, 0, {}, {}, {}
for at = 3, #ARGV, 5 do
  local place, name, max, windowMs, cost =
    tonumber(ARGV[at]), ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local number, log = #limits + 1, open(records[place], name)
  local id = place .. name
  limits[number] = { id = id, max = max, windowMs = windowMs, cost = cost }
  logs[id] = logs[id] or { place = place, name = name, log = log, cost = cost, longest = 0 }
  logs[id].longest = most(logs[id].longest, windowMs)
  used[number] = unitsWithin(log, windowMs)
  if cost > 0 and used[number] + cost > max then
    local limitWait = waitFor(log, max, windowMs, cost)
    if limitWait > wait then refuser, wait = number, limitWait end
  end
end
if refuser == 0 and ARGV[2] ~= '' then
  for _, one in pairs(logs) do
    one.log = charge(records[one.place], one.name, one.log, one.cost, one.longest, ARGV[2])
  end
  for number, limit in ipairs(limits) do
    used[number] = used[number] + limit.cost
    local cost = limit.cost > 0 and limit.cost or 1
    if used[number] + cost > limit.max then
      wait = most(wait, waitFor(logs[limit.id].log, limit.max, limit.windowMs, cost))
    end
  end
  saveChanged()
end
for number, one in ipairs(used) do used[number] = units[one] end
return table.concat(used) .. decision(refuser, wait)`)

/** Arguments: clock, the charge's name, and the logs. */
export const refundScript = keysScript(`${logsInLua}${forgettingInLua}${readRecords}
local function entryOf(log)
  local from = log.head + 1
  while true do
    local at = find(log.text, ARGV[2], from, true)
    if not at then return nil end
    local entry = (at + #ARGV[2] - 1 - log.head) / log.width
    if entry == floor(entry) then return entry end
    from = at + 1
  end
end
for at = 3, #ARGV, 2 do
  local place, name = tonumber(ARGV[at]), ARGV[at + 1]
  local record = records[place]
  local log = opened(record, name)
  local entry = log and entryOf(log)
  if log and log.long and (not entry or log.count == 1) then
    log = long().whole(log)
    entry = entryOf(log)
  end
  if entry then
    record.isChanged = true
    local units = unitsUpTo(log, entry) - unitsUpTo(log, entry - 1)
    local pieces = { cut(log, 1, entry - 1) }
    if log.wide then
      for later = entry + 1, log.count do
        pieces[#pieces + 1] = pack('>I6d', timeOf(log, later), unitsUpTo(log, later) - units)
          .. nameOf(log, later)
      end
    else
      pieces[2] = cut(log, entry + 1, log.count)
    end
    local entries = table.concat(pieces)
    if log.long then
      record.logs[name] = sub(log.text, 1, log.head) .. entries
    else
      keep(record, log, entries)
    end
  end
end
saveChanged()
return 1`)

/** Arguments: clock, how many of the newest or nothing for all, and the logs. */
export const clearScript = keysScript(`${logsInLua}${forgettingInLua}${readRecords}
local newest = tonumber(ARGV[2])
for at = 3, #ARGV, 2 do
  local place, name = tonumber(ARGV[at]), ARGV[at + 1]
  local record = records[place]
  if newest then
    forget(record, name, newest)
  elseif record.logs[name] then
    record.isChanged = true
    record.logs[name] = nil
  end
end
saveChanged()
return 1`)
