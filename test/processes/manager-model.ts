import type { ManagerCall, Moment } from './history'
import type { Model } from './models'

// What managers promise, in plain words. `managerModel` says it of one call after another, and
// `findContradiction` looks for an order of the calls in which it holds:
//
// - a code verifies once, and never after that; until another code takes its place it is `used`
//   while attempts are left, and else `expired`;
// - a challenge has three attempts, whoever makes them, and every one is charged;
// - failures of a recipient are counted one by one, over all challenges, and a success takes back
//   those of its own challenge;
// - from five failures on, codes have eight characters and shorter ones are not compared;
// - what finds nothing changes nothing;
// - a message repeats the code that stands, if there is one, and starts another one if not;
// - a recipient gets three messages.
//
// Nothing here expires: histories are shorter than a minute. What depends on moments is in
// `findUntimely`.

/** Between two messages to one recipient. */
export const cooldownMs = 60
const mostMessages = 3
const attempts = 3
const mostForgiven = 10
const growthFailures = 5
const grownLength = 8
/** How long a code is known as used. */
const usedMs = 60_000

interface Recipient {
  readonly failures: number
  readonly forgiven: number
  readonly messages: number
  /** How many of the messages have come to their code. */
  readonly codes: number
  readonly challenges: Readonly<Record<string, Challenge>>
}

interface Challenge {
  readonly code: string
  readonly left: number
  readonly used: boolean
}

const untouched: Recipient = { failures: 0, forgiven: 0, messages: 0, codes: 0, challenges: {} }

/** One recipient of a manager. */
export const managerModel: Model<ManagerCall> = {
  initial: JSON.stringify(untouched),
  apply: (state, call) => {
    const recipient: Recipient = JSON.parse(state)
    const next =
      call.method === 'verify'
        ? verify(recipient, call)
        : call.method === 'code'
          ? put(recipient, call.challenge, call.outcome)
          : charge(recipient, call.outcome)
    return next && JSON.stringify(next)
  },
  changesNothing: (call, state) => {
    if (call.method === 'message') return call.outcome !== 'accepted'
    if (call.method === 'code' || call.outcome !== 'expired') return false
    if (call.challenge === 'nothing') return true
    const { challenges, codes }: Recipient = JSON.parse(state)
    // Else it may take an attempt of a used challenge, or of one that is yet to come.
    const isLast = call.challenge !== 'login' || codes === mostMessages
    return isLast && challenges[call.challenge]?.left === 0
  },
}

function charge(recipient: Recipient, outcome: string | undefined): Recipient | null {
  const { messages } = recipient
  // Of two limits that refuse, the one with the longer wait is named.
  const refusals = messages === 0 ? [] : messages < mostMessages ? ['cooldown'] : ['recipient']
  if (outcome !== 'accepted') return refusals.includes(String(outcome)) ? recipient : null
  return messages < mostMessages ? { ...recipient, messages: messages + 1 } : null
}

function put(before: Recipient, name: string, code = ''): Recipient | null {
  const recipient = { ...before, codes: before.codes + 1 }
  const standing = recipient.challenges[name]
  if (standing !== undefined && !standing.used && standing.left > 0) {
    if (standing.code === code) return recipient
    // Its code had become too short.
    if (standing.code.length >= grownLength || code.length < grownLength) return null
  }
  if (code.length < grownLength && recipient.failures >= growthFailures) return null
  return withChallenge(recipient, name, { code, left: attempts, used: false })
}

function verify(
  recipient: Recipient,
  { challenge: name, code, outcome }: ManagerCall & { readonly method: 'verify' },
): Recipient | null {
  const [expected, next] = guess(recipient, name, code)
  return outcome === undefined || outcome === expected ? next : null
}

function guess(recipient: Recipient, name: string, code: string) {
  const { failures, forgiven } = recipient
  const found = recipient.challenges[name]
  const isShort = code.length < grownLength && failures >= growthFailures
  if (found === undefined || found.left === 0 || isShort) return ['expired', recipient] as const
  const matches = found.code === code
  const left = found.left - 1
  const charged = withChallenge(recipient, name, { ...found, left, used: found.used || matches })
  if (found.used) return [matches ? 'used' : 'expired', charged] as const
  if (!matches) {
    const counted = failures + 1
    return [`incorrect ${left} ${counted}`, { ...charged, failures: counted }] as const
  }
  const earlier = attempts - left - 1
  // Where strangers share the challenge, only so many are forgiven.
  const isShared = name === 'login'
  const takenBack = isShared && forgiven + earlier > mostForgiven ? 0 : earlier
  const forgiving = {
    failures: failures - takenBack,
    forgiven: isShared ? forgiven + takenBack : forgiven,
  }
  return [`verified ${earlier + 1}`, { ...charged, ...forgiving }] as const
}

function withChallenge(recipient: Recipient, name: string, challenge: Challenge): Recipient {
  const all = Object.entries({ ...recipient.challenges, [name]: challenge })
  // In one order, whichever was first.
  all.sort(([left], [right]) => (left < right ? -1 : 1))
  return { ...recipient, challenges: Object.fromEntries(all) }
}

/**
 * What certainly happened at the wrong moment, whatever the moment inside each call: messages closer
 * than the cooldown, a refusal by a cooldown that was over, a code that was `used` before it had
 * verified or longer than a minute after it.
 *
 * @returns what is wrong, or `null`
 */
export function findUntimely(calls: readonly (ManagerCall & Moment)[]): string | null {
  const accepted = calls.filter((call) => call.method === 'message' && call.outcome === 'accepted')
  for (const call of calls) {
    const { about, method, outcome } = call
    const isSame = (other: ManagerCall & Moment) => other.about === about && other !== call
    if (method === 'message' && outcome === 'accepted') {
      // Servers count whole milliseconds, so the last one proves nothing.
      const isNear = (other: Moment) => span(call, other) < cooldownMs - 1
      if (accepted.some((other) => isSame(other) && isNear(other))) {
        return `${about}: two messages within ${cooldownMs} ms`
      }
    }
    if (method === 'message' && outcome === 'cooldown') {
      if (!accepted.some((other) => isSame(other) && isWithin(cooldownMs + 1, other, call))) {
        return `${about}: a cooldown without a message before it`
      }
    }
    if (method === 'verify' && outcome === 'used') {
      const verified = calls.filter(
        (other) =>
          isSame(other) &&
          other.method === 'verify' &&
          other.code === call.code &&
          (other.outcome === undefined || other.outcome.startsWith('verified')),
      )
      if (!verified.some((other) => isWithin(usedMs + 1, other, call))) {
        return `${about}: a used code without a success in the minute before it`
      }
    }
  }
  return null
}

/** The longest time that can lie between two calls. */
function span(one: Moment, other: Moment): number {
  return Math.max(one.end, other.end) - Math.min(one.start, other.start)
}

/** Whether one call may have happened before another one, and not longer before it than this. */
function isWithin(milliseconds: number, before: Moment, after: Moment): boolean {
  return before.start <= after.end && after.start - before.end <= milliseconds
}
