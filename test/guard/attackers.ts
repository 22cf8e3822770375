import { anyNumber, complete, plans } from './numbers'
import { day, hour, type World } from './world'

/** Somebody who is paid for messages that your app sends. */
export interface Attacker {
  readonly name: string
  /** What stops it at last. */
  readonly stoppedBy: 'block' | 'country' | 'growth'
  /** Messages that it asks for on each day of its attack. */
  readonly perDay: number
  /** How long a day's attack takes. */
  readonly withinMs: number
  /** Of its numbers, how many it verifies. */
  readonly verifies?: number
  /** How often it asks for the same code again at first. */
  readonly resends?: number
  /** The next number: `turn` counts those before it. */
  numberFor(world: World, turn: number, dayOf: number): string
}

/** What an attacker came to. */
export interface Loot {
  readonly attacker: string
  asked: number
  /** Messages that you paid for, by the day of the attack. */
  readonly byDay: number[]
}

const [plan] = plans

/** A: one number of a prefix here and there, day and night. */
export function slowAndDistributed(perDay: number): Attacker {
  return {
    name: `A: ${perDay} a day, all over the country`,
    stoppedBy: 'country',
    perDay,
    withinMs: day,
    numberFor: ({ random }) => anyNumber(plan, random),
  }
}

/** B: one number after another in one block of ten thousand; another block every day. */
export function burst(perDay: number): Attacker {
  return {
    name: 'B: a burst over one block',
    stoppedBy: 'block',
    perDay,
    withinMs: hour / 6,
    numberFor: (_, turn, dayOf) =>
      `+${plan.callingCode}992312${String((dayOf * 911 + turn) % 10_000).padStart(4, '0')}`,
  }
}

/** C: ten series of one operator, a hundred blocks of each, round and round. */
export function oneOperator(perDay: number): Attacker {
  const [operator] = plan.operators
  return {
    name: 'C: ten wide blocks of one operator',
    stoppedBy: 'country',
    perDay,
    withinMs: 6 * hour,
    numberFor: ({ random }, turn) => {
      const series = operator?.series[turn % 10] ?? ''
      const block = String(Math.floor(turn / 10) % 100).padStart(2, '0')
      return complete(plan, series + block, random)
    },
  }
}

/** D: as A, and it verifies some of its own numbers. */
export function verifying(perDay: number, verifies: number): Attacker {
  const name = `D: all over the country, verifies ${100 * verifies} %`
  return { ...slowAndDistributed(perDay), name, stoppedBy: 'growth', verifies }
}

/** D in one block: every number is of one operator, who helps. */
export function verifyingInOneBlock(perDay: number, verifies: number): Attacker {
  const name = `D: one block, verifies ${100 * verifies} %`
  return { ...burst(perDay), withinMs: 4 * hour, name, verifies }
}

/** Makes the most of each number that it has hold of: its code comes four times. */
export function late(attacker: Attacker): Attacker {
  return { ...attacker, name: `${attacker.name} after four messages each`, resends: 3 }
}

/** Plans attacks on these days, each from a second past its hour on. */
export function attack(
  world: World,
  attacker: Attacker,
  days: readonly number[],
  fromHour = 2,
): Loot {
  const { random, startMs } = world
  const otp = () => world.otp
  const loot: Loot = { attacker: attacker.name, asked: 0, byDay: days.map(() => 0) }
  for (const [place, dayOf] of days.entries()) {
    for (let turn = 0; turn < attacker.perDay; turn += 1) {
      const after = fromHour * hour + 1_000 + (turn * attacker.withinMs) / attacker.perDay
      world.at(startMs + dayOf * day + after, async () => {
        const to = attacker.numberFor(world, turn, dayOf)
        const ip = `185.${random.below(256)}.${random.below(256)}.${random.below(256)}`
        const take = (sent: { readonly ok: boolean }) => {
          loot.asked += 1
          if (sent.ok) loot.byDay[place] = (loot.byDay[place] ?? 0) + 1
          return sent.ok
        }
        if (!take(await otp().send({ to, channel: 'sms', purpose: 'login', ip }))) return
        const begun = world.now()
        if (!random.chance(attacker.verifies ?? 0)) return
        for (const seconds of [31, 62, 125].slice(0, attacker.resends ?? 0)) {
          world.at(begun + seconds * 1_000, async () => {
            take(await otp().resend({ to, purpose: 'login', ip }))
          })
        }
        world.at(begun + (attacker.resends === undefined ? 8_000 : 130_000), async () => {
          const code = world.codeOf(to)
          if (code !== undefined) await otp().verify({ to, purpose: 'login', code, ip })
        })
      })
    }
  }
  return loot
}
