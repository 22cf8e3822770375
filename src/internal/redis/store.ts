import type { AttemptOutcome, OtpStore, StoredChallenge } from '../../store'
import { fieldsOf, numberOf, type Reply, readReply } from './answers'
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
      const { said, data } = readReply(reply) ?? { said: '', data: undefined }
      const [state, rest = ''] = fieldsOf(said, 1)
      const isFound = state === 'alive' || state === 'used'
      const found = isFound ? readChallenge(id, { said: rest, data }) : undefined
      if (found === undefined) throw scripts.strangeReply()
      return state === 'used' ? { ...found, used: true } : found
    },

    attempt: async (id, digests) => {
      const reply = await scripts.run(attemptScript, [challengeKey(id)], digests)
      const read = readReply(reply)
      const outcome = read && readOutcome(read)
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
export function readChallenge(id: string, { said, data }: Reply): StoredChallenge | undefined {
  const [digest = '', attemptsText, leftText, remainingText] = fieldsOf(said, 3)
  const attempts = numberOf(attemptsText)
  const attemptsLeft = numberOf(leftText)
  const remainingMs = numberOf(remainingText)
  if (data === undefined || Number.isNaN(attempts + attemptsLeft + remainingMs)) return undefined
  return { id, digest, attempts, attemptsLeft, remainingMs, data }
}

/** What a script says of an attempt; `undefined` for anything else. */
export function readOutcome({ said, data }: Reply): AttemptOutcome | undefined {
  if (said === 'gone' || said === 'used') return { outcome: said }
  const [outcome, count, remaining] = fieldsOf(said, 2)
  const [attempts, remainingMs] = [numberOf(count), numberOf(remaining)]
  if (data === undefined || Number.isNaN(attempts + remainingMs)) return undefined
  if (outcome === 'incorrect') return { outcome, data, attemptsLeft: attempts, remainingMs }
  if (outcome === 'verified') return { outcome, data, attemptsUsed: attempts, remainingMs }
  return undefined
}
