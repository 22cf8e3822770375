import type { Policy } from '../../database'
import { challengesInLua } from './challenge-in-lua'
import { type RedisScript, redisScript } from './client'
import { limitsAsLua, lua } from './policy-in-lua'
import type { Group } from './policy-plan'
import { limitsInLua } from './rate-limiter-scripts'

/**
 * Charges limits of one slot or none of them. Arguments: clock, the charge's name or nothing to only
 * ask, the cost of each key. Answers as `takeScript` does.
 */
export function takeGroupScript(group: Group): RedisScript {
  const { read, ask, again, charge } = limitsAsLua(group, 1, (place) => `cost${place}`)
  return redisScript(`${limitsInLua}
${costs(group, 1, 3)}
${read}
${ask}
if refuser == 0 and ARGV[2] ~= '' then
${charge(() => true)}
${again}
end
return taken()`)
}

/**
 * `begin` where the first limit is. The first key is the challenge's. Arguments: clock, the charge's
 * name or nothing to only ask, the digest that may be replaced, then the new challenge as `putScript`
 * takes it, the cost of each key. Answers what the limits say; then, unless they refuse, `put`,
 * `kept`, or `standing` and the challenge that stands.
 */
export function beginScript(policy: Policy, group: Group): RedisScript {
  const { read, ask, again, charge } = limitsAsLua(group, 2, (place) => `cost${place}`)
  const { mostUsed = Number.POSITIVE_INFINITY } = policy
  return redisScript(`${limitsInLua}${challengesInLua}
${costs(group, 2, 8)}
local challenge = living(KEYS[1])
${read}
${ask}
if refuser > 0 or ARGV[2] == '' then return { taken() } end
${charge(() => true)}
${again}
if challenge and challenge.left > 0 and not challenge.used and challenge.digest ~= ARGV[3] then
  local _, remainingMs = numbersOf(challenge)
  return { taken(), 'standing', challenge.digest, challenge.attempts, challenge.left, remainingMs,
    challenge.rest }
end
if first > ${lua(mostUsed)} then return { taken(), 'kept' } end
put(KEYS[1], ARGV[4], tonumber(ARGV[5]), ARGV[6], ARGV[7])
return { taken(), 'put' }`)
}

/**
 * `settle` where the first limit is. The first key is the challenge's. Arguments: clock, the charge's
 * name or nothing to only ask, the call, the most that the first limit may have used, the digests.
 * Answers what the limits say; then, unless they refuse, what `attemptScript` does; or `again` and
 * what the same call was answered before.
 */
export function settleScript(policy: Policy, group: Group): RedisScript {
  const { read, ask, charge, placeOf } = limitsAsLua(group, 2, () => '1')
  const { key } = policy.limits[0]
  const { open, mayForgive, forgive } = forgivenessAsLua(policy, placeOf)
  return redisScript(`${limitsInLua}${challengesInLua}
local challenge = living(KEYS[1])
${read}
if challenge and challenge.used then
  local call, attemptsUsed, remainingMs, data =
    string.match(challenge.rest, '^(%S+) (%S+) (%S+) (.*)$')
  if call == ARGV[3] then return { taken(), 'again', attemptsUsed, remainingMs, data } end
end
${ask}
if refuser > 0 or ARGV[2] == '' then return { taken() } end
local failed = challenge and challenge.attempts - challenge.left or 0
${open}
${charge((other) => other !== key)}
if first + 1 > tonumber(ARGV[4]) then return { taken(), 'gone' } end
local outcome = guess(KEYS[1], challenge, 5)
if outcome == 'gone' or outcome == 'used' then return { taken(), outcome } end
local attemptsUsed, remainingMs = numbersOf(challenge)
if outcome == 'incorrect' then
${charge((other) => other === key)}
  return { taken(), outcome, challenge.left, remainingMs, challenge.rest }
end
consume(KEYS[1], challenge, ARGV[3] .. ' ' .. attemptsUsed .. ' ' .. remainingMs .. ' ' .. challenge.rest)
if failed > 0 and ${mayForgive} then
${forgive}
  forget(${placeOf(key)}, failed)
end
return { taken(), outcome, attemptsUsed, remainingMs, challenge.rest }`)
}

function forgivenessAsLua({ forgiveness }: Policy, placeOf: (key: number) => number) {
  if (forgiveness === undefined) return { open: '', mayForgive: 'true', forgive: '' }
  const { key, max, windowMs } = forgiveness
  const place = placeOf(key)
  return {
    // Before anything is written, since a log that cannot be read stops the script.
    open: `if failed > 0 then open(${place}) end`,
    mayForgive: `unitsWithin(${place}, ${lua(windowMs)}) + failed <= ${lua(max)}`,
    forgive: `charge(${place}, failed, ${lua(windowMs)}, ARGV[2])`,
  }
}

function costs(group: Group, firstPlace: number, firstArgument: number): string {
  const cost = (index: number) =>
    `local cost${firstPlace + index} = tonumber(ARGV[${firstArgument + index}]) or 1`
  return group.keys.map((_, index) => cost(index)).join('\n')
}
