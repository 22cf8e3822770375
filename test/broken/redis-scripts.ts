import type { IoRedisClient } from '../../src/internal/redis/client'

/** A mistake in one of the scripts, and the case that must find it out. */
export interface BrokenScript {
  readonly name: string
  /** What stands there, and what the mistake makes of it. */
  readonly right: string
  readonly wrong: string
  /** The case that must fail. */
  readonly failedBy: string
  /** What that case must say, so that it fails for this reason and no other. */
  readonly saying: RegExp
}

/** The check for a time to live, which looks at the server's keys and so is no case of the kit. */
export const expiryCheck = 'S45 no key without a time to live'

/** A client that makes one mistake in every script that goes through it. */
export function mistaken(client: IoRedisClient, { right, wrong }: BrokenScript): IoRedisClient {
  return {
    // Sends every script whole, so that none is run by its digest.
    evalsha: async () => {
      throw new Error('NOSCRIPT')
    },
    eval: (script, ...rest) => client.eval(script.replaceAll(right, wrong), ...rest),
  }
}

export const brokenStoreScripts: readonly BrokenScript[] = [
  {
    name: 'a challenge is kept without a time to live',
    right: ", 'PX', string.format('%.0f', expiresAt - now + 60000)",
    wrong: '',
    failedBy: expiryCheck,
    saying: /keys without a time to live/,
  },
  {
    name: 'a verified challenge is not consumed',
    right: "redis.call('DEL', KEYS[1])",
    wrong: '',
    failedBy: 'S04 of 200 right codes together exactly one verifies',
    saying: /outcomes: expected/,
  },
  {
    name: 'a wrong attempt is not charged',
    right: 'save(challenge.expiresAt, challenge.attempts, left, challenge.rest)',
    wrong: '',
    failedBy: 'S30 of 200 wrong codes together exactly as many are compared as there are attempts',
    saying: /outcomes: expected/,
  },
  {
    name: 'an exhausted challenge is compared all the same',
    right: 'or challenge.left == 0',
    wrong: '',
    failedBy: 'S25 every wrong attempt is charged, and the right code is refused once none is left',
    saying: /a code after the last/,
  },
  {
    name: 'a challenge lives one millisecond too long',
    right: 'now >= expiresAt',
    wrong: 'now > expiresAt',
    failedBy: 'S03 a challenge is alive until 1 ms before its ttl and gone at exactly its ttl',
    saying: /get at the end/,
  },
  {
    name: 'a wrong attempt starts the life anew',
    right: 'save(challenge.expiresAt',
    wrong: 'save(now + 1000',
    failedBy: 'S03 neither reading nor guessing extends a life',
    saying: /remainingMs after 900 ms/,
  },
  {
    name: 'any digest is good enough to delete',
    right: 'challenge and challenge.digest == ARGV[2]',
    wrong: 'challenge',
    failedBy: 'delete removes a challenge only while it holds that digest',
    saying: /attemptsLeft of the other digest/,
  },
  {
    name: 'only the first digest is compared',
    right: 'index = 2, #ARGV do',
    wrong: 'index = 2, math.min(2, #ARGV) do',
    failedBy: 'S06 any of several digests may match, and the list costs one attempt',
    saying: /the right digest at place 1/,
  },
]

export const brokenRateLimiterScripts: readonly BrokenScript[] = [
  {
    name: 'a log is kept without a time to live',
    right: ", 'PX', string.format('%.0f', math.max(1, lifeMs))",
    wrong: '',
    failedBy: expiryCheck,
    saying: /keys without a time to live/,
  },
  {
    name: 'a charge counts one millisecond too long',
    right: 'math.floor(present - ageMs) + 1',
    wrong: 'math.floor(present - ageMs)',
    failedBy: 'S45 a charge counts until 1 ms before its window has passed',
    saying: /a take once the window has passed/,
  },
  {
    name: 'one unit too many fits',
    right: 'units + cost > max',
    wrong: 'units + cost > max + 1',
    failedBy: 'of 200 takes together on a key that does not exist, exactly max are accepted',
    saying: /takes accepted of max 1: expected 1, got 2/,
  },
  {
    name: 'the shortest window decides how long charges are kept',
    right: 'math.max(longest[key] or 0, windowMs)',
    wrong: 'math.min(longest[key] or windowMs, windowMs)',
    failedBy: 'several windows over one key are charged once and all hold',
    saying: /a take on time/,
  },
  {
    name: 'a refund takes the newest charge',
    right: 'if entry == math.floor(entry) then return entry end',
    wrong: 'if entry == math.floor(entry) then return log.count end',
    failedBy: 'a refund takes back its own charge, not the newest or the oldest',
    saying: /the wait after charge 1 of 3/,
  },
  {
    name: 'a refund leaves the units of later charges as they were',
    right: 'unitsUpTo(log, later) - taken',
    wrong: 'unitsUpTo(log, later)',
    failedBy: 'a late refund, after other charges, takes back one charge',
    saying: /units after the refund/,
  },
  {
    name: 'the first limit that refuses is named',
    right: 'if limitWait > wait then',
    wrong: 'if refuser == 0 then',
    failedBy: 'the limit that refuses is named; of several, the one with the longest wait',
    saying: /two full limits/,
  },
  {
    name: 'a look is charged',
    right: 'if cost > 0 then',
    wrong: 'cost = math.max(cost, 1)\n  if cost > 0 then',
    failedBy: 'a cost of 0 looks, charges nothing and never refuses',
    saying: /a look at 0 of 2/,
  },
]
