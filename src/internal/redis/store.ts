import type { AttemptOutcome, OtpStore, StoredChallenge } from '../../store'
import { numberOf } from './answers'
import { type RedisScripts, texts } from './client'
import { challengeKey } from './keys'
import { attemptScript, deleteScript, getScript, putScript } from './store-scripts'

/** A store of what these scripts reach. */
export function redisChallenges(scripts: RedisScripts): OtpStore {
  return {
    put: ({ id, digest, attempts, ttlMs, data }) => {
      const args = [digest, String(attempts), String(ttlMs), data]
      return scripts.carryOut(putScript, [challengeKey(id)], args)
    },

    get: async (id) => {
      const [state, ...fields] = texts(await scripts.run(getScript, [challengeKey(id)], []))
      if (state === 'none') return null
      const found = state === 'alive' || state === 'used' ? readChallenge(id, fields) : undefined
      if (found === undefined) throw scripts.strangeReply()
      return state === 'used' ? { ...found, used: true } : found
    },

    attempt: async (id, digests) => {
      const reply = await scripts.run(attemptScript, [challengeKey(id)], digests)
      const outcome = readOutcome(texts(reply))
      if (outcome === undefined) throw scripts.strangeReply()
      return outcome
    },

    delete: (id, digest) => scripts.carryOut(deleteScript, [challengeKey(id)], [digest]),
  }
}

/** What a script says of a challenge; `undefined` for anything else. */
export function readChallenge(id: string, fields: readonly string[]): StoredChallenge | undefined {
  const [digest, attemptsText, leftText, remainingText, data] = fields
  const attempts = numberOf(attemptsText)
  const attemptsLeft = numberOf(leftText)
  const remainingMs = numberOf(remainingText)
  if (digest === undefined || data === undefined) return undefined
  if (Number.isNaN(attempts + attemptsLeft + remainingMs)) return undefined
  return { id, digest, attempts, attemptsLeft, remainingMs, data }
}

/** What a script says of an attempt; `undefined` for anything else. */
export function readOutcome(reply: readonly string[]): AttemptOutcome | undefined {
  const [outcome, count, remaining, data] = reply
  if (outcome === 'gone' || outcome === 'used') return { outcome }
  const [attempts, remainingMs] = [numberOf(count), numberOf(remaining)]
  if (data === undefined || Number.isNaN(attempts + remainingMs)) return undefined
  if (outcome === 'incorrect') return { outcome, data, attemptsLeft: attempts, remainingMs }
  if (outcome === 'verified') return { outcome, data, attemptsUsed: attempts, remainingMs }
  return undefined
}
