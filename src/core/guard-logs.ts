import type { GuardLevel } from '../guard-options'
import { unknownIp } from '../input/ip'
import type { Recipient } from '../input/recipient'
import type { Limit } from '../rate-limiter'
import { dayMs, type GuardSettings, type LevelSettings } from './guard-settings'
import type { Keyring } from './keyring'
import {
  type ChargeFacts,
  type GuardTest,
  type Judgement,
  keyFor,
  type Log,
  lastIndex,
  type NamedLimit,
  noBound,
} from './logs'

// The logs of a subject differ in the first character of their keys, so that they are kept together.
const sent = 'u'
const verified = 'y'
const unknown = 'k'

const fortnightMs = 14 * dayMs

/** What messages are counted by. */
interface Subject {
  readonly name: string
  readonly levels: readonly GuardLevel[]
  /** Nothing where the message has none. */
  valueOf(facts: Pick<ChargeFacts, 'ip' | 'recipient'>): string | undefined
}

const country: Subject = {
  name: 'country',
  levels: ['country', 'burst'],
  valueOf: ({ recipient }) => recipient?.country,
}
const subjects: readonly Subject[] = [
  { name: 'block', levels: ['block'], valueOf: ({ recipient }) => blockOf(recipient, 4) },
  { name: 'wide block', levels: ['wideBlock'], valueOf: ({ recipient }) => blockOf(recipient, 6) },
  country,
  {
    name: 'ip',
    levels: ['ip'],
    // A test recipient is counted nowhere, and comes without its address or number.
    valueOf: ({ ip, recipient }) =>
      recipient === undefined || ip === unknownIp || ip === '' ? undefined : ip,
  },
]

/**
 * Logs of what was verified count in quarters: four for a challenge, and one more for each further message
 * of it. A quarter is about 1 / (1 + ratio) of a message, so what has verified takes all its messages off
 * the count, and makes room for others once, however often its code was sent.
 */
export const quarters = 4

/**
 * The logs of a message: one counts every message of a subject, one what was verified of them, so what
 * was not verified is the difference, and `unverified > floor + ratio · verified` is
 * `sent > floor + (1 + ratio) · verified`, as a policy's `plus` has it. Nothing has to be taken out of a log
 * when a message is verified, so one charge does it.
 *
 * @param judgement - Which of the tests refuse.
 */
export function guardLogs(guard: GuardSettings | undefined, judgement: Judgement): readonly Log[] {
  if (guard === undefined) return []
  return subjects.flatMap((subject) => {
    const windows = verifiedWindows(guard, subject)
    if (windows.length === 0) return []
    const levels = levelsOf(guard, subject)
    const isJudged = judgement === 'all' || (judgement === 'local' && subject !== country)
    const keyOf = keysOf(subject)
    return [
      ...(levels.length === 0 ? [] : [sentLog(keyOf(sent), levels, isJudged)]),
      verifiedLog(keyOf(verified), windows),
      ...(subject === country ? growthLogs(keyOf(unknown), guard, judgement) : []),
    ]
  })
}

/** The logs of a message that nobody tells the fate of. */
export function relayedLogs(
  guard: GuardSettings | undefined,
  judgement: Judgement,
): readonly Log[] {
  if (guard === undefined) return []
  const keyOf = keysOf(country)
  const growing = growthLogs(keyOf(unknown), guard, judgement)
  return growing.length === 0 ? [] : [verifiedLog(keyOf(verified), [fortnightMs]), ...growing]
}

/** What is charged for a challenge that was verified, and so many messages of it. */
export function verifiedLimits(
  guard: GuardSettings,
  keys: Keyring,
  facts: Pick<ChargeFacts, 'ip' | 'recipient'>,
  messages: number,
): Limit[] {
  const cost = quarters + messages - 1
  return subjects.flatMap((subject) => {
    const value = subject.valueOf(facts)
    if (value === undefined) return []
    const key = keyFor(verified, keys.index('guard', subject.name, value))
    const windows = verifiedWindows(guard, subject)
    return windows.map((windowMs) => ({ key, max: noBound, windowMs, cost }))
  })
}

function levelsOf(guard: GuardSettings, { levels }: Subject): readonly LevelSettings[] {
  return levels.map((level) => guard.levels.get(level)).filter((level) => level !== undefined)
}

/** The windows in which something looks at what was verified. */
function verifiedWindows(guard: GuardSettings, subject: Subject): readonly number[] {
  const windows = levelsOf(guard, subject).map(({ windowMs }) => windowMs)
  return subject === country && guard.growth !== null ? [...windows, fortnightMs] : windows
}

function sentLog(keyOf: KeyOf, levels: readonly LevelSettings[], isJudged: boolean): Log {
  return {
    keyOf,
    givenBack: 'always',
    limits: levels.map(({ level, floor, ratio, windowMs }) => {
      const times = (1 + ratio) / quarters
      const verifiedMs = windowMs
      return limitOf(
        { rule: 'conversion', level, floor, times, further: 1, verifiedMs },
        windowMs,
        isJudged,
      )
    }),
  }
}

function verifiedLog(keyOf: KeyOf, windows: readonly number[]): Log {
  return {
    keyOf,
    limits: windows.map((windowMs) => ({ name: 'guard', max: noBound, windowMs, cost: 0 })),
  }
}

/** Behind the log of what was verified in the country. */
function growthLogs(keyOf: KeyOf, { growth }: GuardSettings, judgement: Judgement): readonly Log[] {
  if (growth === null) return []
  const { floor } = growth
  const times = growth.times / 14 / quarters
  const test = { rule: 'growth', level: 'country', floor, times, further: -1 } as const
  return [
    {
      keyOf: (keys, facts) => (facts.isKnown ? undefined : keyOf(keys, facts)),
      givenBack: 'always',
      limits: [limitOf({ ...test, verifiedMs: fortnightMs }, dayMs, judgement !== 'none')],
    },
  ]
}

/** A test that refuses, or one that only counts. */
function limitOf(test: GuardTest, windowMs: number, isJudged: boolean): NamedLimit {
  const { floor, times, further, verifiedMs } = test
  const limit = { name: 'guard', test, windowMs } as const
  return isJudged
    ? { ...limit, max: floor, plus: { further, times, windowMs: verifiedMs } }
    : { ...limit, max: noBound }
}

type KeyOf = Log['keyOf']

/** The keys of a subject's logs, which are asked for in turn. */
function keysOf(subject: Subject): (kind: string) => KeyOf {
  const index = lastIndex('guard', subject.name)
  return (kind) => (keys, facts) => {
    const value = subject.valueOf(facts)
    return value === undefined ? undefined : keyFor(kind, index(keys, value))
  }
}

/** A phone number less so many digits. */
function blockOf(recipient: Recipient | undefined, digits: number): string | undefined {
  return recipient?.kind === 'phone' ? recipient.identity.slice(0, -digits) : undefined
}
