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
export function mistaken(
  client: IoRedisClient,
  { right, wrong }: Pick<BrokenScript, 'right' | 'wrong'>,
): IoRedisClient {
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
    right: ", 'PX', digits(lifeMs + 60000)",
    wrong: '',
    failedBy: expiryCheck,
    saying: /keys without a time to live/,
  },
  {
    name: 'a verified challenge is not consumed',
    right: "if outcome ~= 'verified' then",
    wrong: 'if true then',
    failedBy: 'S04 of 200 right codes together exactly one verifies',
    saying: /outcomes: expected/,
  },
  {
    name: 'a wrong attempt is not charged',
    right: 'challenge.left = challenge.left - 1',
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
    right: 'challenge.left = challenge.left - 1',
    wrong:
      "challenge.left = challenge.left - 1 call('SETRANGE', KEYS[1], '1', pack('>d', now + 1000))",
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
    right: 'index = first, last do',
    wrong: 'index = first, math.min(first, last) do',
    failedBy: 'S06 any of several digests may match, and the list costs one attempt',
    saying: /the right digest at place 1/,
  },
]

/** What every attempt did once: a server that is full lets the right code through, and only it. */
export const compareThenWrite: Pick<BrokenScript, 'right' | 'wrong'> = {
  right: 'saveChallenge(key, headOf(85,',
  wrong: "call('DEL', key)\n  saveChallenge(key, headOf(85,",
}

export const brokenRateLimiterScripts: readonly BrokenScript[] = [
  {
    name: 'a log is kept without a time to live',
    right: ", 'PX', digits(lifeMs + 60000)",
    wrong: '',
    failedBy: expiryCheck,
    saying: /keys without a time to live/,
  },
  {
    name: 'a charge counts one millisecond too long',
    right: 'floor(present - ageMs) + 1',
    wrong: 'floor(present - ageMs)',
    failedBy: 'S45 a charge counts until 1 ms before its window has passed',
    saying: /a take once the window has passed/,
  },
  {
    name: 'one unit too many fits',
    right: 'used[number] + cost > max',
    wrong: 'used[number] + cost > max + 1',
    failedBy: 'of 200 takes together on a key that does not exist, exactly max are accepted',
    saying: /takes accepted of max 1: expected 1, got 2/,
  },
  {
    name: 'the shortest window decides how long charges are kept',
    right: 'most(logs[id].longest, windowMs)',
    wrong: 'math.min(logs[id].longest == 0 and windowMs or logs[id].longest, windowMs)',
    failedBy: 'several windows over one key are charged once and all hold',
    saying: /a take on time/,
  },
  {
    name: 'a refund takes the newest charge',
    right: 'if entry == floor(entry) then return entry end',
    wrong: 'if entry == floor(entry) then return log.count end',
    failedBy: 'a refund takes back its own charge, not the newest or the oldest',
    saying: /the wait after charge 1 of 3/,
  },
  {
    name: 'a refund leaves the units of later charges as they were',
    right: 'unitsUpTo(log, later) - units',
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
    right: 'if cost <= 0 then return log end',
    wrong: 'cost = math.max(cost, 1)',
    failedBy: 'a cost of 0 looks, charges nothing and never refuses',
    saying: /a look at 0 of 2/,
  },
]

export const brokenDatabaseScripts: readonly BrokenScript[] = [
  {
    name: 'a guess past the budget is compared',
    right: 'if first + 1 <= tonumber(ARGV[a + 3]) then',
    wrong: 'if true then',
    failedBy: 'S30 no more wrong codes are compared than the ledger has room for',
    saying: /outcomes: expected/,
  },
  {
    name: 'a guess is charged to the ledger before it is decided',
    right: "local outcome, isGuessed, isCharged = 'gone', false, false",
    wrong:
      "charge(record1, 'f', open(record1, 'f'), 1, 15552000000, charged)\nlocal outcome, isGuessed, isCharged = 'gone', false, true",
    failedBy: 'S04 of 200 right codes settled together exactly one verifies',
    saying: /a guess was refused/,
  },
  {
    name: 'the same call is another guess',
    right: 'if answered then return',
    wrong: 'if false then return',
    failedBy: 'S04 the same call is verified again to the letter, for a minute',
    saying: /the same call again: expected .*"verified".* got .*"used"/,
  },
  {
    name: 'any call is answered as the first one',
    right: "or asked == '' then return nil end",
    wrong:
      "then return nil end asked = sub(challenge.text, challenge.rest + 14, challenge.rest + 13 + unpackAt('>I2', challenge.text, challenge.rest))",
    failedBy: 'S04 another call with the same code is used, and verifies nothing',
    saying: /another call: expected .*"used".* got .*"verified"/,
  },
  {
    name: 'the limits refuse a call that is answered again',
    right: 'if answered then return',
    wrong: 'if answered and units2 < 30 then return',
    failedBy: 'a call sent again is verified where every limit would refuse it now',
    saying: /the same call from a full address/,
  },
  {
    name: 'a used challenge is compared for ever',
    right: 'challenge.left = challenge.left - 1',
    wrong: 'challenge.left = challenge.left - (challenge.isUsed and 0 or 1)',
    failedBy: 'S30 a used challenge is compared only while attempts are left',
    saying: /guess 5 at a used one/,
  },
  {
    name: 'a put does not yield to what stands there',
    right: 'challenge.left > 0 and not challenge.isUsed and',
    wrong: 'false and',
    failedBy: 'of 20 begins at once one puts, and the others get its challenge',
    saying: /challenges put: expected 1, got 20/,
  },
  {
    name: 'an exhausted challenge stands',
    right: 'challenge.left > 0 and not',
    wrong: 'not',
    failedBy: 'a begin puts over one that is exhausted',
    saying: /what it came to/,
  },
  {
    name: 'a used challenge stands',
    right: 'and not challenge.isUsed and',
    wrong: 'and',
    failedBy: 'a begin puts over one that is used',
    saying: /what it came to/,
  },
  {
    name: 'a success forgives nothing',
    right: "forget(record1, '\\102', failed)",
    wrong: '',
    failedBy: 'a success after 2 failures, 3 elsewhere, without a window',
    saying: /units afterwards/,
  },
  {
    name: 'forgiveness has no bound',
    right: '+ failed <= 10',
    wrong: '+ failed <= 100',
    failedBy: 'a success after 2 failures, 3 elsewhere, 9 of 10 forgiven before',
    saying: /units afterwards/,
  },
]
