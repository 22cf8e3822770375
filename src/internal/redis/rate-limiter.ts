import type { Limit, RateLimiter } from '../../rate-limiter'
import { randomText } from '../crypto'
import { expectEqualCosts } from '../equal-costs'
import { type Answer, readAnswer, refusalIn, usedIn, waitIn, without } from './answers'
import type { RedisScripts } from './client'
import { logName, recordKey, subjectOf } from './keys'
import { longestMs } from './log-in-lua'
import { clearScript, refundScript, takeScript } from './rate-limiter-scripts'
import { chargeLength } from './record-in-lua'

/** A limiter over what these scripts reach. */
export function redisCharges(scripts: RedisScripts): RateLimiter {
  /** Charges all limits of one slot or none of them; without a charge, says what it would come to. */
  async function takeGroup(group: readonly PlacedLimit[], charge: string): Promise<Answer> {
    const { records, logs } = recordsOf(group.map(keyOf))
    const limits = group.flatMap(({ max, windowMs, cost }, place) => [
      ...(logs[place] ?? []),
      String(max),
      String(Math.min(windowMs, longestMs)),
      String(cost),
    ])
    const reply = await scripts.run(takeScript, records, [charge, ...limits])
    const places = group.map(({ place }) => place)
    const answered = typeof reply === 'string' ? readAnswer(reply, places) : undefined
    if (answered === undefined || answered.rest !== '') throw scripts.strangeReply()
    return answered.answer
  }

  return {
    take: async (limits) => {
      expectEqualCosts(limits)
      const placed = limits.map(({ key, max, windowMs, cost = 1 }, place) => {
        return { key, max, windowMs, cost, place }
      })
      const charge = newCharge()
      const answers: Answer[] = []
      const charged: PlacedLimit[] = []
      const giveBack = () => refundKeys(scripts, [...new Set(charged.map(keyOf))], charge)
      try {
        for (const group of bySlot(scripts, placed, keyOf)) {
          // After a refusal the others are only asked, for the answer names the longest wait.
          const isOpen = answers.every(({ refuser }) => refuser < 0)
          const answer = await takeGroup(group, isOpen ? charge : '')
          answers.push(answer)
          if (isOpen && answer.refuser < 0) charged.push(...group)
        }
      } catch (error) {
        // What cannot be taken back now stays charged; the fault matters more.
        await giveBack().catch(() => {})
        throw error
      }
      const refusal = refusalIn(answers)
      if (refusal === undefined) {
        return { ok: true, charge, used: usedIn(answers), retryAfterMs: waitIn(answers) }
      }
      await giveBack()
      const costs = new Map(charged.map(({ place, cost }) => [place, cost]))
      const costOf = (place: number) => costs.get(place) ?? 0
      return { ...refusal, used: usedIn(answers.map((answer) => without(answer, costOf))) }
    },

    refund: async (keys, charge) => {
      if (isCharge(charge)) await refundKeys(scripts, keys, charge)
    },

    clear: async (keys, newest) => {
      const args = [newest === undefined ? '' : String(newest)]
      const groups = bySlot(scripts, keys, (key) => key)
      await Promise.all(
        groups.map((group) => {
          const { records, logs } = recordsOf(group)
          return scripts.carryOut(clearScript, records, [...args, ...logs.flat()])
        }),
      )
    },
  }
}

/** Takes this charge back from keys of any slot, in parallel. */
export async function refundKeys(
  scripts: RedisScripts,
  keys: readonly string[],
  charge: string,
): Promise<void> {
  const groups = bySlot(scripts, keys, (key) => key)
  await Promise.all(
    groups.map((group) => {
      const { records, logs } = recordsOf(group)
      return scripts.carryOut(refundScript, records, [charge, ...logs.flat()])
    }),
  )
}

/** A name for a charge, unlike any other that a key still holds. */
export function newCharge(): string {
  return randomText().slice(0, chargeLength)
}

/** A limit, its cost spelled out, and where it stands among those of the take. */
interface PlacedLimit extends Required<Limit> {
  readonly place: number
}

const keyOf = ({ key }: Limit) => key

/** The records of these keys, and each key's log: the number of its record, and its name. */
function recordsOf(keys: readonly string[]) {
  const subjects = [...new Set(keys.map(subjectOf))]
  const logs = keys.map((key) => [String(subjects.indexOf(subjectOf(key)) + 1), logName(key)])
  return { records: subjects.map(recordKey), logs }
}

/** Items whose keys may meet in one script: all of them, but in a cluster those of one slot. */
function bySlot<Item>(
  { cluster }: RedisScripts,
  items: readonly Item[],
  keyOfItem: (item: Item) => string,
): Item[][] {
  if (!cluster) return items.length === 0 ? [] : [[...items]]
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const subject = subjectOf(keyOfItem(item))
    const group = groups.get(subject)
    if (group === undefined) groups.set(subject, [item])
    else group.push(item)
  }
  return [...groups.values()]
}

function isCharge(charge: string): boolean {
  return /^[\w-]+$/.test(charge) && charge.length === chargeLength
}
