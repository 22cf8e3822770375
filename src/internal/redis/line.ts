import { batching } from '../batches'
import type { RedisScript, RedisScripts } from './client'

/** A step that a script takes, alone or beside others. */
export interface StepCall {
  readonly script: RedisScript
  /** Whose it is: a recipient. */
  readonly subject: string
  readonly keys: readonly string[]
  readonly args: readonly string[]
}

/** Scripts are short, and whoever asks meanwhile waits for the whole of one. */
const mostCalls = 64

/**
 * Steps that are asked for at the same moment go in one script; those of one recipient in their order.
 *
 * Redis has no rollback, and needs none: the steps of a script are tried one by one there. One that
 * fails has left nothing, and is tried once more by itself for its error.
 */
export function lineOfSteps(scripts: RedisScripts): (call: StepCall) => Promise<unknown> {
  const one = ({ script, keys, args }: StepCall) => scripts.run(script, keys, args)

  async function sameScript(script: RedisScript, calls: readonly StepCall[]): Promise<unknown[]> {
    const [first] = calls
    if (calls.length === 1 && first !== undefined) return [await one(first)]
    const keys = calls.flatMap((call) => call.keys)
    const args = calls.flatMap((call) => call.args)
    const replies = await scripts.run(script, keys, args)
    if (!Array.isArray(replies) || replies.length !== calls.length) throw scripts.strangeReply()
    return replies.map((reply, index) => {
      const call = calls[index]
      return reply === '' && call !== undefined ? one(call) : reply
    })
  }

  async function many(calls: readonly StepCall[]): Promise<unknown[]> {
    const replies: unknown[] = []
    for (const wave of wavesOf(calls)) {
      const groups = [...wave].map(async ([script, places]) => {
        const own = places.flatMap((place) => calls[place] ?? [])
        for (const [index, reply] of (await sameScript(script, own)).entries()) {
          const place = places[index]
          if (place !== undefined) replies[place] = reply
        }
      })
      await Promise.all(groups)
    }
    return replies
  }

  return batching({
    most: mostCalls,
    atOnce: 2,
    subjectOf: ({ subject }) => subject,
    one,
    many,
    isUndone: () => false,
  })
}

/**
 * The places of calls, by their scripts. Scripts of one wave may run in any order; a call whose
 * recipient has one of another script before it is in a later wave.
 */
function wavesOf(calls: readonly StepCall[]): readonly Map<RedisScript, number[]>[] {
  const waves: Map<RedisScript, number[]>[] = []
  const latest = new Map<string, { wave: number; script: RedisScript }>()
  for (const [place, { script, subject }] of calls.entries()) {
    const before = latest.get(subject)
    const wave = before === undefined ? 0 : before.wave + (before.script === script ? 0 : 1)
    latest.set(subject, { wave, script })
    const groups = waves[wave] ?? new Map<RedisScript, number[]>()
    waves[wave] = groups
    const places = groups.get(script)
    if (places === undefined) groups.set(script, [place])
    else places.push(place)
  }
  return waves
}
