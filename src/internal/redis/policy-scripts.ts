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
    (key) => `cost${key}`,
  )
  const all = () => true
  return stepScript(`local charged = ARGV[a + 1]
${costs(group, 1)}
${read}
${ask}
if refuser == 0 and charged ~= '' then
${charge(all)}
${again}
${isChargedIn(1, all) ? 'save(KEYS[k + 1], record1)' : ''}
end
return ${answer}`)
}

/**
 * `begin` where the first limit is. Arguments: the charge's name or nothing to only ask, the
 * challenge's name, the digest that may be replaced, digest, attempts, ttlMs and data of the new one,
 * and, where it says so, the cost of each key. Answers what the limits say; then, unless they refuse,
 * `put`, `kept`, or `standing` and the challenge that stands.
 */
export function beginScript(policy: Policy, group: Group, hasCosts: boolean): RedisScript {
  const { read, ask, again, charge, answer, isChargedIn, saveOthers } = limitsAsLua(group, (key) =>
    hasCosts ? `cost${key}` : '1',
  )
  const { mostUsed = Number.POSITIVE_INFINITY } = policy
  const all = () => true
  const saveOwn = 'save(KEYS[k + 1], record1)'
  return stepScript(`local charged, name = ARGV[a + 1], ARGV[a + 2]
${hasCosts ? costs(group, 7) : ''}
${read}
${ask}
if refuser > 0 or charged == '' then return ${answer} end
local challenge = living(record1, name)
${charge(all)}
${again}
local state
if challenge and challenge.left > 0 and not challenge.used and challenge.digest ~= ARGV[a + 3] then
  state = ' standing ' .. standing(challenge)
elseif first > ${lua(mostUsed)} then
  state = ' kept'
else
  state = ' put'
  put(record1, name, ARGV[a + 4], tonumber(ARGV[a + 5]), tonumber(ARGV[a + 6]), ARGV[a + 7])
end
${saveOthers(all)}
${isChargedIn(1, all) ? saveOwn : `if state == ' put' then ${saveOwn} end`}
return ${answer} .. state`)
}

/**
 * `settle` where the first limit is. Arguments: the charge's name or nothing to only ask, the
 * challenge's name, the call, the most that the first limit may have used, so many digests.
 * Answers what the limits say; then, unless they refuse, what `attemptScript` does; or `again` and
 * what the same call was answered before.
 */
export function settleScript(policy: Policy, group: Group, digests: number): RedisScript {
  const { read, ask, charge, answer, isChargedIn, saveOthers, logOf } = limitsAsLua(
    group,
    () => '1',
  )
  const { key } = policy.limits[0]
  const others = (other: number) => other !== key
  const { mayForgive, forgive } = forgivenessAsLua(policy, logOf)
  return stepScript(`local charged, name = ARGV[a + 1], ARGV[a + 2]
${read}
local challenge = living(record1, name)
if challenge and challenge.used then
  local call, before = string.match(challenge.rest, '^(%S+) (.*)$')
  if call == ARGV[a + 3] then return ${answer} .. ' again ' .. before end
end
${ask}
if refuser > 0 or charged == '' then return ${answer} end
local failed = challenge and challenge.attempts - challenge.left or 0
${charge(others)}
local outcome, isCharged = 'gone', ${isChargedIn(1, others)}
if first + 1 <= tonumber(ARGV[a + 4]) then
  local isGuessed
  outcome, isGuessed = guess(record1, name, challenge, a + 5, a + ${4 + digests})
  isCharged = isCharged or isGuessed
end
local found = ''
if outcome == 'incorrect' then
${charge((other) => other === key)}
  found = ' ' .. incorrect(challenge)
elseif outcome == 'verified' then
  found = ' ' .. verified(challenge)
  consume(record1, name, challenge, ARGV[a + 3] .. found)
  if failed > 0 and ${mayForgive} then
${forgive}
    forget(${logOf(key)}, failed)
  end
end
${saveOthers(others)}
if isCharged then save(KEYS[k + 1], record1) end
return ${answer} .. ' ' .. outcome .. found`)
}

/** A script that takes a step: `k` and `a` say where its keys and arguments begin. */
function stepScript(body: string): RedisScript {
  return redisScript(`${logsInLua}${answerInLua}${challengesInLua}
local function step(k, a)
${body}
end
return step(0, 1)`)
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
