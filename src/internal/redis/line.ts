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
 * fails has left nothing, and is tried once more by itself for its error. A script that fails as a
 * whole, as with its connection, fails all that share it, and nobody else.
 */
export function lineOfSteps(scripts: RedisScripts): (call: StepCall) => Promise<unknown> {
  const one = ({ script, keys, args }: StepCall) => scripts.run(script, keys, args)

  /** The two texts that each is answered; nothing for one that has failed. */
  async function together(script: RedisScript, calls: readonly StepCall[]): Promise<unknown[]> {
    const keys: string[] = []
    const args: string[] = []
    for (const call of calls) {
      keys.push(...call.keys)
      args.push(...call.args)
    }
    const answers = await scripts.run(script, keys, args)
    const texts: readonly unknown[] = Array.isArray(answers) ? answers : []
    if (texts.length !== 2 * calls.length) throw scripts.strangeReply()
    return calls.map((_, index) => {
      const reply = texts.slice(2 * index, 2 * index + 2)
      return reply[0] === '' ? undefined : reply
    })
  }

  /** Fills in what each is answered. It never fails itself: other scripts' calls have been made. */
  async function answer({ script, calls, places }: Group, replies: unknown[]): Promise<void> {
    const failed = (error: unknown) => calls.map(() => Promise.reject(error))
    const answers = calls.length > 1 ? await together(script, calls).catch(failed) : []
    const pending: Promise<unknown>[] = []
    for (const [index, call] of calls.entries()) {
      const reply = answers[index] ?? one(call)
      if (reply instanceof Promise) pending.push(reply)
      replies[places[index] ?? 0] = reply
    }
    // What is asked of the same recipient afterwards, comes after them.
    await Promise.allSettled(pending)
  }

  async function many(calls: readonly StepCall[]): Promise<unknown[]> {
    const replies: unknown[] = []
    for (const wave of wavesOf(calls)) {
      await Promise.all(wave.map((group) => answer(group, replies)))
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

/** Calls that one script takes, and their places among all. */
interface Group {
  readonly script: RedisScript
  readonly calls: StepCall[]
  readonly places: number[]
}

/**
 * Scripts of one wave may run in any order; a call whose recipient has one of another script before
 * it is in a later wave.
 */
function wavesOf(calls: readonly StepCall[]): readonly (readonly Group[])[] {
  const waves: Group[][] = []
  const latest = new Map<string, { wave: number; script: RedisScript }>()
  for (const [place, call] of calls.entries()) {
    const { script, subject } = call
    const before = latest.get(subject)
    const wave = before === undefined ? 0 : before.wave + (before.script === script ? 0 : 1)
    latest.set(subject, { wave, script })
    const groups = waves[wave] ?? []
    waves[wave] = groups
    const group = groups.find((one) => one.script === script)
    if (group === undefined) groups.push({ script, calls: [call], places: [place] })
    else {
      group.calls.push(call)
      group.places.push(place)
    }
  }
  return waves
}
