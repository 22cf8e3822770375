import { anyNumber, complete, plans } from './numbers'
import { day, hour, type World } from './world'

/** Somebody who is paid for messages that your app sends. */
export interface Attacker {
  readonly name: string
  /** Messages that it asks for on each day of its attack. */
  readonly perDay: number
  /** How long a day's attack takes. */
  readonly withinMs: number
  /** Of its messages, how many it verifies. */
  readonly verifies?: number
  /** The next number: `turn` counts those before it. */
  numberFor(world: World, turn: number, dayOf: number): string
}

/** What an attacker came to. */
export interface Loot {
  asked: number
  /** Messages that you paid for, by the day of the attack. */
  readonly byDay: number[]
}

const [plan] = plans

/** A: one number of a prefix here and there, day and night. */
export function slowAndDistributed(perDay: number): Attacker {
  return {
    name: 'A: slow, all over the country',
    perDay,
    withinMs: day,
    numberFor: ({ random }) => anyNumber(plan, random),
  }
}

/** B: one number after another in one block of ten thousand; another block every day. */
export function burst(perDay: number): Attacker {
  return {
    name: 'B: a burst over one prefix',
    perDay,
    withinMs: hour / 6,
    numberFor: (_, turn, dayOf) =>
      `+${plan.callingCode}995812${String((dayOf * 911 + turn) % 10_000).padStart(4, '0')}`,
  }
}

/** C: ten series of one operator, a hundred blocks of each, round and round. */
export function oneOperator(perDay: number): Attacker {
  const [operator] = plan.operators
  return {
    name: 'C: one operator, many prefixes',
    perDay,
    withinMs: 6 * hour,
    numberFor: ({ random }, turn) => {
      const series = operator?.series[turn % 10] ?? ''
      const block = String(Math.floor(turn / 10) % 100).padStart(2, '0')
      return complete(plan, series + block, random)
    },
  }
}

/** D: as A, and it verifies some of its own messages. */
export function verifying(perDay: number, verifies: number): Attacker {
  return { ...slowAndDistributed(perDay), name: `D: verifies ${verifies * 100} %`, verifies }
}

/** D in one block: every message is a number of one operator who helps. */
export function verifyingInOneBlock(perDay: number, verifies: number): Attacker {
  return { ...burst(perDay), name: `D: verifies ${verifies * 100} % of one prefix`, verifies }
}

/** Plans attacks on these days, each from a second past its hour on. */
export function attack(
  world: World,
  attacker: Attacker,
  days: readonly number[],
  fromHour = 2,
): Loot {
  const { random, otp, startMs } = world
  const loot: Loot = { asked: 0, byDay: days.map(() => 0) }
  for (const [place, dayOf] of days.entries()) {
    for (let turn = 0; turn < attacker.perDay; turn += 1) {
      const after = fromHour * hour + 1_000 + (turn * attacker.withinMs) / attacker.perDay
      world.at(startMs + dayOf * day + after, async () => {
        const to = attacker.numberFor(world, turn, dayOf)
        const ip = `185.${random.below(256)}.${random.below(256)}.${random.below(256)}`
        loot.asked += 1
        const sent = await otp.send({ to, channel: 'sms', purpose: 'login', ip })
        if (!sent.ok) return
        loot.byDay[place] = (loot.byDay[place] ?? 0) + 1
        if (!random.chance(attacker.verifies ?? 0)) return
        world.at(world.now() + 8_000, async () => {
          const code = world.codeOf(to)
          if (code !== undefined) await otp.verify({ to, purpose: 'login', code, ip })
        })
      })
    }
  }
  return loot
}
