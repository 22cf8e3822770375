import { longestMs } from './log-in-lua'
import type { Group } from './policy-plan'

/** Parts of a script over the limits of a group: a policy's numbers are constants of its script. */
export interface LimitsAsLua {
  /** Reads the records `record1`, … and logs `log0`, …, and into `units1`, … and `first`. */
  readonly read: string
  /** Asks every limit; the one that refuses is `refuser`, or 0, and the longest `wait`. */
  readonly ask: string
  /** When the same would fit again, into `wait`. */
  readonly again: string
  /** What the limits say. */
  readonly answer: string
  /** Charges these keys with the name in `charged`, and counts it in `units`. */
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
 * @param readOthers - The function that reads a record that is not the first.
 */
export function limitsAsLua(
  group: Group,
  before: number,
  readOthers: 'read' | 'hold' = 'read',
): LimitsAsLua {
  const costOf = (key: number) => (group.paid.includes(key) ? `cost${key}` : '1')
  const windows: { readonly name: string; readonly key: number; readonly id: string }[] = []
  const counts = new Map<number, string[]>()
  /** Units of a key's log in a window, of which many limits may ask. */
  const unitsIn = (key: number, windowMs: number, cost: string) => {
    const id = [key, windowMs, cost].join(' ')
    const known = windows.find((one) => one.id === id)
    if (known !== undefined) return known.name
    const name = `units${windows.length + 1}`
    windows.push({ name, key, id })
    counts.set(key, [
      ...(counts.get(key) ?? []),
      `${name} = unitsWithin(log${key}, ${lua(windowMs)})`,
    ])
    return name
  }
  const limits = group.limits.map(({ key, max, windowMs, cost, refuses, from, plus }, index) => {
    const charged = cost === 0 ? '0' : costOf(key)
    return {
      number: index + 1,
      key,
      windowMs,
      used: unitsIn(key, windowMs, charged),
      max: plus === undefined ? lua(max) : `max${index + 1}`,
      readMax:
        plus === undefined
          ? ''
          : `local max${index + 1} = ${lua(max)} + ${lua(plus.times)} * ${unitsIn(plus.key, plus.windowMs, '0')}`,
      cost: charged,
      needed: cost === 0 && refuses ? '1' : charged,
      when: (line: string) =>
        from === undefined ? line : `if first >= ${lua(from)} then ${line} end`,
    }
  })
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
      ...group.records.map((_, index) => {
        const reader = index === 0 ? 'readOwn' : readOthers
        return `local record${index + 1} = ${reader}(KEYS[k + ${before + index + 1}])`
      }),
      `local ${windows.map(({ name }) => name).join()} = ${windows.map(() => '0').join()}`,
      ...[...counts].flatMap(([key, all]) => [
        `local log${key} = open(${logOf(key)})`,
        `if log${key} then ${all.join(' ')} end`,
      ]),
      `local first, refuser, wait = units1, 0, 0`,
      ...limits.map(({ readMax }) => readMax),
    ]),
    ask: lines(
      limits
        .filter(({ needed }) => needed !== '0')
        .map(({ number, key, max, windowMs, needed, used, when }) =>
          when(`if ${used} + ${needed} > ${max} then
local limitWait = waitFor(log${key}, ${max}, ${lua(windowMs)}, ${needed})
if limitWait > wait then refuser, wait = ${number}, limitWait end
end`),
        ),
    ),
    again: lines(
      limits.map(({ key, max, windowMs, cost, used, when }) => {
        const needed = cost === '0' ? '1' : cost
        return when(`if ${used} + ${needed} > ${max} then
wait = most(wait, waitFor(log${key}, ${max}, ${lua(windowMs)}, ${needed}))
end`)
      }),
    ),
    answer: `${limits.map(({ used }) => `units[${used}]`).join(' .. ')} .. decision(refuser, wait)`,
    charge: (chosen) => {
      const longest = (key: number) =>
        Math.max(
          ...limits
            .filter((one) => one.key === key && one.cost !== '0')
            .map(({ windowMs }) => windowMs),
        )
      const charged = chargedKeys(chosen)
      const counted = limits.filter(({ key, cost }) => cost !== '0' && charged.includes(key))
      return lines([
        ...charged.map(
          (key) =>
            `log${key} = charge(${logOf(key)}, log${key}, ${costOf(key)}, ${kept(longest(key))}, charged)`,
        ),
        ...new Set(counted.map(({ used, cost }) => `${used} = ${used} + ${cost}`)),
      ])
    },
    saveOthers: (chosen) =>
      lines(
        group.records.map((_, index) =>
          index > 0 && isChargedIn(index + 1, chosen) ? `save(record${index + 1})` : '',
        ),
      ),
  }
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
