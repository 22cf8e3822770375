import type { Policy } from '../../database'
import { challengesInLua, guessingInLua, puttingInLua } from './challenge-in-lua'
import type { RedisScript } from './client'
import { forgettingInLua, heldInLua, logsInLua } from './log-in-lua'
import { kept, limitsAsLua, lua } from './policy-in-lua'
import type { Group } from './policy-plan'
import { answerInLua } from './rate-limiter-scripts'
import { keysScript } from './record-in-lua'

// Every argument after the clock is named here, for a call reads it at `ARGV[a + n]`. A step answers with
// two texts: what it says, and the data of the challenge that it speaks of, or an empty one. They are
// not made one, since the server's Lua hashes each byte of any text that it makes.

/**
 * Charges limits of one slot or none of them. Arguments: the charge's name or nothing to only ask, the
 * costs. Answers what the limits say.
 */
export function takeGroupScript(group: Group): RedisScript {
  const { read, ask, again, charge, answer, isChargedIn } = limitsAsLua(group, 0)
  const all = () => true
  return stepScript(
    '',
    group.records.length,
    1 + group.paid.length,
    `local charged = ARGV[a + 1]
${costs(group, 1)}
${read}
${ask}
if refuser == 0 and charged ~= '' then
${charge(all)}
${again}
${isChargedIn(1, all) ? 'save(record1)' : ''}
end
return ${answer}`,
  )
}

/**
 * `begin` where the first limit is. The first key is the challenge's. Arguments: the charge's name or
 * nothing to only ask, the digest that may be replaced, digest, attempts, ttlMs and data of the new one,
 * and the costs. Answers what the limits say; then, unless they refuse,
 * `put`, `kept`, or `standing` and the challenge that stands; and its data.
 *
 * Records of others than the recipient are held, since everybody's are the same: they are charged when
 * nothing else of the step can fail, and saved when all steps of the script are taken.
 */
export function beginScript(policy: Policy, group: Group): RedisScript {
  const { read, ask, again, charge, answer, isChargedIn } = limitsAsLua(group, 1, 'hold')
  const { mostUsed = Number.POSITIVE_INFINITY } = policy
  const isOwn = (key: number) => group.logOf(key).record === 1
  return stepScript(
    `${challengesInLua}${puttingInLua}`,
    1 + group.records.length,
    6 + group.paid.length,
    `local key, charged = KEYS[k + 1], ARGV[a + 1]
${costs(group, 6)}
${read}
${ask}
if refuser > 0 or charged == '' then return ${answer} end
local challenge = living(key)
${charge(isOwn)}
local state, data
if challenge and challenge.left > 0 and not challenge.isUsed and challenge.digest ~= ARGV[a + 2] then
  state, data = ' standing ' .. standing(challenge, challenge.left), dataOf(challenge)
elseif first > ${lua(mostUsed)} then
  state = ' kept'
else
  state = ' put'
end
${isChargedIn(1, isOwn) ? 'save(record1)' : ''}
if state == ' put' then
  put(key, ARGV[a + 3], tonumber(ARGV[a + 4]), tonumber(ARGV[a + 5]), ARGV[a + 6])
end
${charge((key) => !isOwn(key))}
${again}
return ${answer} .. state, data`,
  )
}

/**
 * `settle` where the first limit is. The first key is the challenge's. Arguments: the charge's name or
 * nothing to only ask, the call, the most that the first limit may have used, so many digests.
 * Answers what the limits say; then, unless they refuse, what `attemptScript` does; or `again` and
 * what the same call was answered before.
 */
export function settleScript(policy: Policy, group: Group, digests: number): RedisScript {
  const { read, ask, charge, answer, isChargedIn, saveOthers, logOf } = limitsAsLua(group, 1)
  const { key } = policy.limits[0]
  const others = (other: number) => other !== key
  const { mayForgive, forgive } = forgivenessAsLua(policy, logOf)
  return stepScript(
    `${challengesInLua}${guessingInLua}${forgettingInLua}`,
    1 + group.records.length,
    3 + digests,
    `local key, charged = KEYS[k + 1], ARGV[a + 1]
${read}
local challenge = living(key)
if challenge then
  local answered, data = answeredTo(challenge, ARGV[a + 2])
  if answered then return ${answer} .. ' again ' .. answered, data end
end
${ask}
if refuser > 0 or charged == '' then return ${answer} end
local failed = challenge and challenge.attempts - challenge.left or 0
${charge(others)}
local outcome, isGuessed, isCharged = 'gone', false, ${isChargedIn(1, others)}
if first + 1 <= tonumber(ARGV[a + 3]) then
  outcome, isGuessed = guess(challenge, a + 4, a + ${3 + digests})
end
local numbers, data = '', nil
if outcome == 'incorrect' or outcome == 'verified' then
  numbers, data = numbersOf(outcome, challenge), dataOf(challenge)
end
if outcome == 'incorrect' then
${charge((other) => other === key)}
  isCharged = true
elseif outcome == 'verified' and failed > 0 and ${mayForgive} then
${forgive}
  forget(${logOf(key)}, failed)
  isCharged = true
end
${saveOthers(others)}
if isGuessed then saveGuessed(key, challenge, outcome, ARGV[a + 2], data) end
if isCharged then save(record1) end
return ${answer} .. ' ' .. outcome .. numbers, data`,
  )
}

/**
 * A script that takes a step, or several, with the functions that it needs: `k` and `a` say where the keys and arguments of one begin.
 * Several are tried one by one, and answered one behind the other. One that fails is answered with empty texts: it has failed at what
 * it read or at its first write, and so has left nothing.
 */
function stepScript(needed: string, keys: number, size: number, body: string): RedisScript {
  return keysScript(`${logsInLua}${heldInLua}${answerInLua}${needed}
local KEYS, ARGV = KEYS, ARGV
local function step(k, a)
${body}
end
if #KEYS == ${keys} then
  local said, data = step(0, 1)
  saveHeld()
  return { said, data or '' }
end
local replies = {}
for index = 0, #KEYS / ${keys} - 1 do
  local isDone, said, data = pcall(step, index * ${keys}, 1 + index * ${size})
  if not isDone then forgetPasts() end
  replies[2 * index + 1], replies[2 * index + 2] = isDone and said or '', isDone and data or ''
end
saveHeld()
return replies`)
}

function forgivenessAsLua({ forgiveness }: Policy, logOf: (key: number) => string) {
  if (forgiveness === undefined) return { mayForgive: 'true', forgive: '' }
  const { key, max, windowMs } = forgiveness
  const log = logOf(key)
  return {
    mayForgive: `unitsWithin(open(${log}), ${lua(windowMs)}) + failed <= ${lua(max)}`,
    forgive: `  charge(${log}, open(${log}), failed, ${kept(windowMs)}, charged)`,
  }
}

function costs({ paid }: Group, before: number): string {
  const cost = (key: number, index: number) =>
    `local cost${key} = tonumber(ARGV[a + ${before + 1 + index}])`
  return paid.map(cost).join('\n')
}
