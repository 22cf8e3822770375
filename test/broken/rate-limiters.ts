import type { Limit, RateLimiter } from 'otpkit'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { byRule } from './rules'

/** A limiter that is wrong as real ones are, and the case that must find it out. */
export interface BrokenRateLimiter {
  readonly name: string
  create(clock: () => number): RateLimiter
  /** The case that must fail. */
  readonly failedBy: string
  /** What that case must say, so that it fails for this reason and no other. */
  readonly saying: RegExp
}

/** The sound memory limiter, but for what is changed. */
function onMemory(
  change: (sound: RateLimiter) => Partial<RateLimiter>,
): (clock: () => number) => RateLimiter {
  return (clock) => {
    const sound = memoryRateLimiter({ clock })
    return { ...sound, ...change(sound) }
  }
}

const unlimited = (limits: readonly Limit[]) =>
  limits.map((limit) => ({ ...limit, max: Number.MAX_SAFE_INTEGER }))

const oneLimitAfterAnother = onMemory((sound) => ({
  take: async (limits) => {
    const used: number[] = []
    let taken = await sound.take([])
    for (const [index, limit] of limits.entries()) {
      taken = await sound.take([limit])
      used.push(...taken.used)
      if (!taken.ok) return { ...taken, index, used }
    }
    return { ...taken, used }
  },
}))

export const brokenRateLimiters: readonly BrokenRateLimiter[] = [
  {
    name: 'one limit is charged when another refuses',
    create: oneLimitAfterAnother,
    failedBy: 'when one limit refuses, none is charged',
    saying: /units after the refusal/,
  },
  {
    name: 'every window over one key charges its log',
    create: oneLimitAfterAnother,
    failedBy: 'several windows over one key are charged once and all hold',
    saying: /a take on time: expected/,
  },
  {
    name: 'read, then write',
    create: onMemory((sound) => ({
      take: async (limits) => {
        const { used } = await sound.take(limits.map((limit) => ({ ...limit, cost: 0 })))
        const full = limits.some(({ max, cost = 1 }, index) => (used[index] ?? 0) + cost > max)
        return sound.take(full ? limits : unlimited(limits))
      },
    })),
    failedBy: 'of 200 takes together on a key that does not exist, exactly max are accepted',
    saying: /takes accepted of max 1: expected 1, got 200/,
  },
  {
    name: 'a counter per key, none of them told of the others',
    create: onMemory((sound) => ({
      take: async (limits) => {
        const all = await Promise.all(limits.map((limit) => sound.take([limit])))
        const used = all.flatMap((taken) => taken.used)
        const index = all.findIndex(({ ok }) => !ok)
        const taken = all[Math.max(0, index)] ?? (await sound.take([]))
        return taken.ok ? { ...taken, used } : { ...taken, index, used }
      },
    })),
    failedBy: 'of 200 takes together over two keys, each charges both or neither',
    saying: /units afterwards: expected \[5,50\], got \[128,50\]/,
  },
  {
    name: 'fixed windows',
    create: byRule({
      units: (log, { windowMs }, now) =>
        log
          .filter(({ at }) => Math.floor(at / windowMs) === Math.floor(now / windowMs))
          .reduce((sum, { units }) => sum + units, 0),
    }),
    failedBy: 'S39 no burst across the border of two windows, wherever the border is',
    saying: /6 of 5 were accepted within a minute/,
  },
  {
    name: 'a bucket that refills',
    create: byRule({
      units: (log, { max, windowMs }, now) => {
        let [level, last] = [0, log[0]?.at ?? now]
        for (const { at, units } of log) {
          level = Math.max(0, level - ((at - last) * max) / windowMs) + units
          last = at
        }
        return Math.max(0, level - ((now - last) * max) / windowMs)
      },
    }),
    failedBy: 'S39 no burst across the border of two windows, wherever the border is',
    saying: /6 of 5 were accepted within a minute/,
  },
  {
    name: 'the expiry was lost',
    create: byRule({ units: (log) => log.reduce((sum, { units }) => sum + units, 0) }),
    failedBy: 'S45 a charge counts until 1 ms before its window has passed',
    saying: /a take (1 ms before|once) the window has passed/,
  },
  {
    name: 'every take renews the expiry',
    create: byRule({
      units: (log, { windowMs }, now) =>
        now - (log.at(-1)?.at ?? 0) < windowMs ? log.reduce((sum, { units }) => sum + units, 0) : 0,
    }),
    failedBy: 'used and retryAfterMs are exact: 1 ms earlier is refused, on time is accepted',
    saying: /a take without room|a take on time/,
  },
  {
    name: 'a charge counts 1 ms too long',
    create: byRule({ ages: (at, windowMs, now) => now - at > windowMs }),
    failedBy: 'S45 a charge counts until 1 ms before its window has passed',
    saying: /a take (1 ms before|once) the window has passed/,
  },
  {
    name: 'charges are merged at their earliest instant',
    create: byRule({
      ages: (at, windowMs, now) => {
        const slotMs = windowMs / 32
        return now - Math.floor(at / slotMs) * slotMs >= windowMs
      },
    }),
    failedBy: 'a window of more than 128 is never exceeded, and early by at most 1/32',
    saying: /(were accepted|where there are|says to wait) .*\(seed \d+\)$/,
  },
  {
    name: 'a refused take is charged',
    create: onMemory((sound) => ({
      take: async (limits) => {
        const taken = await sound.take(limits)
        if (!taken.ok) await sound.take(unlimited(limits))
        return taken
      },
    })),
    failedBy: 'S45 a charge counts until 1 ms before its window has passed',
    saying: /a take 1 ms before the window has passed/,
  },
  {
    name: 'room is asked for one unit, whatever the cost',
    create: onMemory((sound) => ({
      take: (limits) =>
        sound.take(limits.map((limit) => ({ ...limit, max: limit.max + (limit.cost ?? 1) - 1 }))),
    })),
    failedBy: 'a cost of several units is charged whole or not at all',
    saying: /4 \+ 5 of 10: expected .*9000.* got .*0/,
  },
  {
    name: 'a look is charged',
    create: onMemory((sound) => ({
      take: (limits) => sound.take(limits.map((limit) => ({ ...limit, cost: limit.cost || 1 }))),
    })),
    failedBy: 'a cost of 0 looks, charges nothing and never refuses',
    saying: /a look at 0 of 2/,
  },
  {
    name: 'the first limit that refuses is named',
    create: onMemory((sound) => ({
      take: async (limits) => {
        const taken = await sound.take(limits)
        if (taken.ok) return taken
        const index = limits.findIndex(({ max }, place) => (taken.used[place] ?? 0) >= max)
        return { ...taken, index }
      },
    })),
    failedBy: 'the limit that refuses is named; of several, the one with the longest wait',
    saying: /two full limits/,
  },
  {
    name: 'a refund takes back the newest charge',
    create: onMemory((sound) => ({
      refund: (keys) => sound.clear(keys, 1),
    })),
    failedBy: 'a refund takes back its own charge, not the newest or the oldest',
    saying: /the wait after charge 1 of 3 was taken back/,
  },
  {
    name: 'a charge is taken back as often as it is asked',
    create: byRule({ refund: (entry) => ({ ...entry, units: -entry.units }) }),
    failedBy: 'a charge is taken back once, however often and at once it is asked',
    saying: /units after 50 refunds at once: expected \[2\], got \[-47\]/,
  },
  {
    name: 'a refund counts down without looking at the age',
    create: byRule({
      refund: (entry, now) => ({ ...entry, at: now, name: '', units: -entry.units }),
    }),
    failedBy: 'a refund after the charge has aged out frees no other',
    saying: /units after the refund: expected \[2\], got \[1\]/,
  },
  {
    name: 'a refund of some limits takes back all of the take',
    create: onMemory((sound) => {
      const taken = new Map<string, readonly string[]>()
      return {
        take: async (limits) => {
          const result = await sound.take(limits)
          if (result.ok) {
            taken.set(
              result.charge,
              limits.map(({ key }) => key),
            )
          }
          return result
        },
        refund: (_keys, charge) => sound.refund(taken.get(charge) ?? [], charge),
      }
    }),
    failedBy: 'a refund of some of the limits leaves the others charged',
    saying: /units after the first refund/,
  },
  {
    name: 'charges of one instant share a name',
    create: byRule({ nameOf: (_number, now) => String(now) }),
    failedBy: 'refunds of many charges at once are all counted',
    saying: /different names of 60 charges: expected 60, got 1/,
  },
  {
    name: 'clear forgets everything, whatever number it is given',
    create: onMemory((sound) => ({ clear: (keys) => sound.clear(keys) })),
    failedBy: 'clear with a number forgets so many of the newest charges of each key',
    saying: /units when none was forgotten/,
  },
  {
    name: 'a log is kept for its first window',
    create: byRule({
      units: (log, { windowMs }, now) => {
        const kept = log.filter(({ at, keptMs }) => now - at < Math.min(windowMs, keptMs))
        return kept.reduce((sum, { units }) => sum + units, 0)
      },
    }),
    failedBy: 'a charge under a short window is seen by a later long one whose length came with it',
    saying: /a take under a (short|long) window/,
  },
  {
    name: 'keys compare without case, as some databases do',
    create: onMemory((sound) => ({
      take: (limits) =>
        sound.take(limits.map((limit) => ({ ...limit, key: limit.key.toLowerCase() }))),
    })),
    failedBy: 'keys do not touch each other, however alike they are',
    saying: /used: expected \[1\], got \[2\]/,
  },
]
