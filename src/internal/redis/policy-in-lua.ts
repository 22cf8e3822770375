import { longestMs } from './log-in-lua'
import type { Group } from './policy-plan'

/** Parts of a script over the limits of a group: a policy's numbers are constants of its script. */
export interface LimitsAsLua {
  /** Reads the records `record1`, … and logs `log0`, …, and into `used1`, … and `first`. */
  readonly read: string
  /** Asks every limit; the one that refuses is `refuser`, or 0, and the longest `wait`. */
  readonly ask: string
  /** When the same would fit again, into `wait`. */
  readonly again: string
  /** What the limits say. */
  readonly answer: string
  /** Charges these keys with the name in `charged`, and counts it in `used`. */
  charge(chosen: (key: number) => boolean): string
  /** Whether any of these keys that are charged is in this record. */
  isChargedIn(record: number, chosen: (key: number) => boolean): boolean
  /** Saves the records but the first, as far as these keys are charged in them. */
  saveOthers(chosen: (key: number) => boolean): string
  /** The record and the name of a key's log, as arguments. */
  logOf(key: number): string
}

/**
 * @param before - How many of a step's keys come before its records.
 * @param costOf - The cost of a key, as Lua.
 */
export function limitsAsLua(
  group: Group,
  before: number,
  costOf: (key: number) => string,
): LimitsAsLua {
  const limits = group.limits.map(({ key, max, windowMs, cost, refuses, from, plus }, index) => {
    const charged = cost === 0 ? '0' : costOf(key)
    const extra = plus && `${lua(plus.times)} * ${unitsWithin(plus.key, plus.windowMs)}`
    return {
      number: index + 1,
      key,
      windowMs,
      max: extra === undefined ? lua(max) : `max${index + 1}`,
      readMax: extra === undefined ? '' : `local max${index + 1} = ${lua(max)} + ${extra}`,
      cost: charged,
      needed: cost === 0 && refuses ? '1' : charged,
      when: (line: string) =>
        from === undefined ? line : `if first >= ${lua(from)} then ${line} end`,
    }
  })
  const opened = group.limits.flatMap(({ key, plus }) => (plus ? [key, plus.key] : [key]))
  const logOf = (key: number) => {
    const { record, name } = group.logOf(key)
    return `record${record}, ${luaText(name)}`
  }
  const chargedKeys = (chosen: (key: number) => boolean) => {
    const charged = limits.filter(({ key, cost }) => cost !== '0' && chosen(key))
    return [...new Set(charged.map(({ key }) => key))]
  }
  const isChargedIn = (record: number, chosen: (key: number) => boolean) =>
    chargedKeys(chosen).some((key) => group.logOf(key).record === record)

  return {
    logOf,
    isChargedIn,
    read: lines([
      ...group.records.map(
        (_, index) => `local record${index + 1} = read(KEYS[k + ${before + index + 1}])`,
      ),
      ...[...new Set(opened)].map((key) => `local log${key} = open(${logOf(key)})`),
      ...limits.map(
        ({ number, key, windowMs }) => `local used${number} = ${unitsWithin(key, windowMs)}`,
      ),
      'local first, refuser, wait = used1, 0, 0',
      ...limits.map(({ readMax }) => readMax),
    ]),
    ask: lines(
      limits
        .filter(({ needed }) => needed !== '0')
        .map(({ number, key, max, windowMs, needed, when }) =>
          when(`if used${number} + ${needed} > ${max} then
local limitWait = waitFor(log${key}, ${max}, ${lua(windowMs)}, ${needed})
if limitWait > wait then refuser, wait = ${number}, limitWait end
end`),
        ),
    ),
    again: lines(
      limits.map(({ number, key, max, windowMs, cost, when }) => {
        const needed = cost === '0' ? '1' : cost
        return when(`if used${number} + ${needed} > ${max} then
wait = most(wait, waitFor(open(${logOf(key)}), ${max}, ${lua(windowMs)}, ${needed}))
end`)
      }),
    ),
    answer: `answer(refuser, wait, ${limits.map(({ number }) => `used${number}`).join()})`,
    charge: (chosen) => {
      const longest = (key: number) =>
        Math.max(
          ...limits
            .filter((one) => one.key === key && one.cost !== '0')
            .map(({ windowMs }) => windowMs),
        )
      return lines([
        ...chargedKeys(chosen).map(
          (key) =>
            `charge(${logOf(key)}, log${key}, ${costOf(key)}, ${kept(longest(key))}, charged)`,
        ),
        ...limits
          .filter(({ key, cost }) => cost !== '0' && chosen(key))
          .map(({ number, cost }) => `used${number} = used${number} + ${cost}`),
      ])
    },
    saveOthers: (chosen) =>
      lines(
        group.records.map((_, index) =>
          index > 0 && isChargedIn(index + 1, chosen)
            ? `save(KEYS[k + ${before + index + 1}], record${index + 1})`
            : '',
        ),
      ),
  }
}

function unitsWithin(key: number, windowMs: number): string {
  return `(log${key} and unitsWithin(log${key}, ${lua(windowMs)}) or 0)`
}

function lines(all: readonly string[]): string {
  return all.filter((line) => line !== '').join('\n')
}

/** A window as a log keeps it. */
export function kept(windowMs: number): string {
  return lua(Math.min(Math.ceil(windowMs), longestMs))
}

/** A number as Lua reads it. What is not one must not become part of a script. */
export function lua(number: number): string {
  if (typeof number !== 'number' || Number.isNaN(number)) {
    throw new TypeError('a policy holds something else than numbers')
  }
  return Number.isFinite(number) ? String(number) : `${Math.sign(number)} * math.huge`
}

/** A text as Lua reads it, whatever it holds. */
function luaText(text: string): string {
  const bytes = new TextEncoder().encode(text)
  return `'${Array.from(bytes, (byte) => `\\${String(byte).padStart(3, '0')}`).join('')}'`
}
