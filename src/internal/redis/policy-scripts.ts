import type { Policy } from '../../database'
import { challengesInLua } from './challenge-in-lua'
import { type RedisScript, redisScript } from './client'
import { logsInLua } from './log-in-lua'
import { kept, limitsAsLua, lua } from './policy-in-lua'
import type { Group } from './policy-plan'
import { answerInLua } from './rate-limiter-scripts'

// Every argument after the clock is named here, for a call reads it at `ARGV[a + n]`.

/**
 * Charges limits of one slot or none of them. Arguments: the charge's name or nothing to only ask, the
 * cost of each key. Answers what the limits say.
 */
export function takeGroupScript(group: Group): RedisScript {
  const { read, ask, again, charge, answer, isChargedIn } = limitsAsLua(
    group,
    0,
    (key) => `cost${key}`,
  )
  const all = () => true
  return stepScript(
    group.records.length,
    1 + group.keys.length,
    `local charged = ARGV[a + 1]
${costs(group, 1)}
${read}
${ask}
if refuser == 0 and charged ~= '' then
${charge(all)}
${again}
${isChargedIn(1, all) ? 'save(KEYS[k + 1], record1)' : ''}
end
return ${answer}`,
  )
}

/**
 * `begin` where the first limit is. The first key is the challenge's. Arguments: the charge's name or
 * nothing to only ask, the digest that may be replaced, digest, attempts, ttlMs and data of the new one,
 * and, where it says so, the cost of each key. Answers what the limits say; then, unless they refuse,
 * `put`, `kept`, or `standing` and the challenge that stands.
 */
export function beginScript(policy: Policy, group: Group, hasCosts: boolean): RedisScript {
  const { read, ask, again, charge, answer, isChargedIn, saveOthers } = limitsAsLua(
    group,
    1,
    (key) => (hasCosts ? `cost${key}` : '1'),
  )
  const { mostUsed = Number.POSITIVE_INFINITY } = policy
  const all = () => true
  const size = 6 + (hasCosts ? group.keys.length : 0)
  return stepScript(
    1 + group.records.length,
    size,
    `local key, charged = KEYS[k + 1], ARGV[a + 1]
${hasCosts ? costs(group, 6) : ''}
${read}
${ask}
if refuser > 0 or charged == '' then return ${answer} end
local challenge = living(key)
${charge(all)}
${again}
local state
if challenge and challenge[3] > 0 and not challenge[6] and challenge[4] ~= ARGV[a + 2] then
  state = ' standing ' .. standing(challenge, challenge[3], challenge[5])
elseif first > ${lua(mostUsed)} then
  state = ' kept'
else
  state = ' put'
end
${saveOthers(all)}
${isChargedIn(1, all) ? 'save(KEYS[k + 2], record1)' : ''}
if state == ' put' then
  put(key, ARGV[a + 3], tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]), ARGV[a + 6])
end
return ${answer} .. state`,
  )
}

/**
 * `settle` where the first limit is. The first key is the challenge's. Arguments: the charge's name or
 * nothing to only ask, the call, the most that the first limit may have used, so many digests.
 * Answers what the limits say; then, unless they refuse, what `attemptScript` does; or `again` and
 * what the same call was answered before.
 */
export function settleScript(policy: Policy, group: Group, digests: number): RedisScript {
  const { read, ask, charge, answer, isChargedIn, saveOthers, logOf } = limitsAsLua(
    group,
    1,
    () => '1',
  )
  const { key } = policy.limits[0]
  const others = (other: number) => other !== key
  const { mayForgive, forgive } = forgivenessAsLua(policy, logOf)
  return stepScript(
    1 + group.records.length,
    3 + digests,
    `local key, charged = KEYS[k + 1], ARGV[a + 1]
${read}
local challenge = living(key)
if challenge and challenge[6] == ARGV[a + 2] and challenge[6] ~= '' then
  return ${answer} .. ' again ' .. challenge[7] .. ' ' .. challenge[8] .. ' ' .. challenge[5]
end
${ask}
if refuser > 0 or charged == '' then return ${answer} end
local failed = challenge and challenge[2] - challenge[3] or 0
${charge(others)}
local outcome, isGuessed, isCharged = 'gone', false, ${isChargedIn(1, others)}
if first + 1 <= tonumber(ARGV[a + 3]) then
  outcome, isGuessed = guess(challenge, a + 4, a + ${3 + digests})
end
local numbers, data = '', ''
if outcome == 'incorrect' or outcome == 'verified' then
  numbers, data = numbersOf(outcome, challenge), challenge[5]
end
if outcome == 'incorrect' then
${charge((other) => other === key)}
  isCharged = true
elseif outcome == 'verified' then
  challenge = used(challenge, ARGV[a + 2])
  if failed > 0 and ${mayForgive} then
${forgive}
    forget(${logOf(key)}, failed)
    isCharged = true
  end
end
${saveOthers(others)}
if isGuessed then saveGuessed(key, challenge, outcome) end
if isCharged then save(KEYS[k + 2], record1) end
return ${answer} .. ' ' .. outcome .. numbers .. data`,
  )
}

/**
 * A script that takes a step, or several: `k` and `a` say where the keys and arguments of one begin.
 * Several are tried one by one. One that fails is answered with an empty text: it has failed at what
 * it read or at its first write, and so has left nothing.
 */
function stepScript(keys: number, size: number, body: string): RedisScript {
  return redisScript(`${logsInLua}${answerInLua}${challengesInLua}
local function step(k, a)
plain = true
${body}
end
if #KEYS == ${keys} then return step(0, 1) end
local replies = {}
for index = 0, #KEYS / ${keys} - 1 do
  local isDone, reply = pcall(step, index * ${keys}, 1 + index * ${size})
  if not isDone then forgetPasts() end
  replies[index + 1] = isDone and reply or ''
end
return replies`)
}

function forgivenessAsLua({ forgiveness }: Policy, logOf: (key: number) => string) {
  if (forgiveness === undefined) return { mayForgive: 'true', forgive: '' }
  const { key, max, windowMs } = forgiveness
  const log = logOf(key)
  return {
    mayForgive: `unitsWithin(open(${log}), ${lua(windowMs)}) + failed <= ${lua(max)}`,
    forgive: `    charge(${log}, open(${log}), failed, ${kept(windowMs)}, charged)`,
  }
}

function costs(group: Group, before: number): string {
  const cost = (key: number, index: number) =>
    `local cost${key} = tonumber(ARGV[a + ${before + 1 + index}])`
  return group.keys.map(cost).join('\n')
}
