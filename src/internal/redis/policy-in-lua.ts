import type { Group } from './policy-plan'

/** Parts of a script over the limits of a group: a policy's numbers are constants of its script. */
export interface LimitsAsLua {
  /** Opens the logs, and reads into `used` and `max1`, `max2`, … */
  readonly read: string
  /** Asks every limit. */
  readonly ask: string
  /** When the same would fit again. */
  readonly again: string
  /** Charges these keys and counts it in `used`. */
  charge(chosen: (key: number) => boolean): string
  /** Where a key stands among the script's. */
  placeOf(key: number): number
}

/**
 * @param firstPlace - Where the group's keys begin among the script's.
 * @param costOf - The cost of the key at this place, as Lua.
 */
export function limitsAsLua(
  group: Group,
  firstPlace: number,
  costOf: (place: number) => string,
): LimitsAsLua {
  const placeOf = (key: number) => firstPlace + group.keys.indexOf(key)
  const limits = group.limits.map(({ key, max, windowMs, cost, refuses, from, plus }, index) => {
    const place = placeOf(key)
    const extra = plus && `${lua(plus.times)} * ${unitsWithin(placeOf(plus.key), plus.windowMs)}`
    const charged = cost === 0 ? '0' : costOf(place)
    return {
      number: index + 1,
      key,
      place,
      windowMs,
      max: plus ? `${lua(max)} + ${extra}` : lua(max),
      cost: charged,
      needed: cost === 0 && refuses ? '1' : charged,
      when: (line: string) =>
        from === undefined ? line : `if first >= ${lua(from)} then ${line} end`,
    }
  })
  const opened = group.limits.flatMap(({ key, plus }) => (plus ? [key, plus.key] : [key]))

  return {
    placeOf,
    read: lines([
      ...[...new Set(opened)].map((key) => `open(${placeOf(key)})`),
      ...limits.map(
        ({ number, place, windowMs }) => `used[${number}] = ${unitsWithin(place, windowMs)}`,
      ),
      'local first = used[1]',
      ...limits.map(({ number, max }) => `local max${number} = ${max}`),
    ]),
    ask: lines(
      limits.map(({ number, place, windowMs, needed, when }) =>
        when(`ask(${number}, ${place}, max${number}, ${lua(windowMs)}, ${needed})`),
      ),
    ),
    again: lines(
      limits.map(({ number, place, windowMs, cost, when }) =>
        when(`again(${place}, max${number}, ${lua(windowMs)}, ${cost})`),
      ),
    ),
    charge: (chosen) => {
      const charged = limits.filter(({ key, cost }) => cost !== '0' && chosen(key))
      const places = [...new Set(charged.map(({ place }) => place))]
      const longest = (place: number) =>
        Math.max(...charged.filter((one) => one.place === place).map(({ windowMs }) => windowMs))
      return lines([
        ...places.map(
          (place) => `charge(${place}, ${costOf(place)}, ${lua(longest(place))}, ARGV[2])`,
        ),
        ...charged.map(({ number, cost }) => `used[${number}] = used[${number}] + ${cost}`),
      ])
    },
  }
}

function unitsWithin(place: number, windowMs: number): string {
  return `unitsWithin(${place}, ${lua(windowMs)})`
}

function lines(all: readonly string[]): string {
  return all.join('\n')
}

/** A number as Lua reads it. What is not one must not become part of a script. */
export function lua(number: number): string {
  if (typeof number !== 'number' || Number.isNaN(number)) {
    throw new TypeError('a policy holds something else than numbers')
  }
  return Number.isFinite(number) ? String(number) : `${Math.sign(number)} * math.huge`
}
