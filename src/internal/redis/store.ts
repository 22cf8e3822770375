import type { AttemptOutcome, OtpStore, StoredChallenge } from '../../store'
import { fieldsOf, numberOf } from './answers'
import type { RedisScripts } from './client'
import { challengeKey } from './keys'
import { attemptScript, deleteScript, getScript, putScript } from './store-scripts'

/** A store of what these scripts reach. */
export function redisChallenges(scripts: RedisScripts): OtpStore {
  return {
    put: ({ id, digest, attempts, ttlMs, data }) => {
      const args = [digest, String(attempts), wholeMs(ttlMs), data]
      return scripts.carryOut(putScript, [challengeKey(id)], args)
    },

    get: async (id) => {
      const reply = await scripts.run(getScript, [challengeKey(id)], [])
      if (reply === 'none') return null
      const [state, rest = ''] = fieldsOf(String(reply), 1)
      const found = state === 'alive' || state === 'used' ? readChallenge(id, rest) : undefined
      if (found === undefined) throw scripts.strangeReply()
      return state === 'used' ? { ...found, used: true } : found
    },

    attempt: async (id, digests) => {
      const reply = await scripts.run(attemptScript, [challengeKey(id)], digests)
      const outcome = readOutcome(reply)
      if (outcome === undefined) throw scripts.strangeReply()
      return outcome
    },

    delete: (id, digest) => scripts.carryOut(deleteScript, [challengeKey(id)], [digest]),
  }
}

/** As scripts count: a life ends at a whole millisecond. */
export function wholeMs(ttlMs: number): string {
  return String(Math.ceil(ttlMs))
}

/** What a script says of a challenge; `undefined` for anything else. */
export function readChallenge(id: string, text: string): StoredChallenge | undefined {
  const [digest = '', attemptsText, leftText, remainingText, data] = fieldsOf(text, 4)
  const attempts = numberOf(attemptsText)
  const attemptsLeft = numberOf(leftText)
  const remainingMs = numberOf(remainingText)
  if (data === undefined || Number.isNaN(attempts + attemptsLeft + remainingMs)) return undefined
  return { id, digest, attempts, attemptsLeft, remainingMs, data }
}

/** What a script says of an attempt; `undefined` for anything else. */
export function readOutcome(reply: unknown): AttemptOutcome | undefined {
  if (typeof reply !== 'string') return undefined
  const [outcome, count, remaining, data] = fieldsOf(reply, 3)
  if (reply === 'gone' || reply === 'used') return { outcome: reply }
  const [attempts, remainingMs] = [numberOf(count), numberOf(remaining)]
  if (data === undefined || Number.isNaN(attempts + remainingMs)) return undefined
  if (outcome === 'incorrect') return { outcome, data, attemptsLeft: attempts, remainingMs }
  if (outcome === 'verified') return { outcome, data, attemptsUsed: attempts, remainingMs }
  return undefined
}
