import { expect } from 'vitest'
import { together } from '../../src/testing/conformance'
import { type Backend, minute, owner, withBackend } from './backend'
import type { Promises } from './promises'

const relayed = { ...owner, channel: 'sms' } as const

/** What codes come to that somebody else made, as hosts hand them over and try again. */
export const relayPromises: Promises = {
  'of one message relayed many times at once, one is sent and the others are duplicates': async (
    setting,
  ) => {
    for (const count of [2, 20]) {
      await withBackend(setting, 6, {}, async (backend) => {
        const answers = await relayTogether(backend, count)
        expect(backend.sms.messages, 'messages').toHaveLength(1)
        expect(tally(answers)).toEqual({ sent: 1, duplicate: count - 1 })
        // A limit is used up by now: a repeat is not refused for it.
        expect(await relayTogether(backend, 1)).toMatchObject([{ ok: true, duplicate: true }])
        backend.advance(2 * minute)
        expect(await relayTogether(backend, 1)).toMatchObject([{ ok: true, duplicate: false }])
      })
    }
  },

  'a relayed message that nobody took is sent by the next try': async (setting) => {
    await withBackend(setting, 6, {}, async (backend) => {
      backend.refuse(1)
      expect(tally(await relayTogether(backend, 1))).toEqual({ delivery_failed: 1 })
      expect(tally(await relayTogether(backend, 2))).toEqual({ sent: 1, duplicate: 1 })
      expect(backend.sms.messages, 'messages').toHaveLength(1)
    })
  },

  'of different messages relayed at once one is sent in a cooldown': async (setting) => {
    await withBackend(setting, 4, {}, async (backend) => {
      const answers = await together(10, (index) => relayBy(backend, index, `${100_000 + index}`))
      expect(tally(answers)).toEqual({ sent: 1, rate_limited: 9 })
      expect(backend.sms.messages, 'messages').toHaveLength(1)
    })
  },
}

type Answer = Awaited<ReturnType<typeof relayBy>>

function relayTogether(backend: Backend, count: number): Promise<readonly Answer[]> {
  return together(count, (index) => relayBy(backend, index, '471193'))
}

/** Relays by one of the managers; what was thrown is named by its code. */
function relayBy({ managers, otp }: Backend, index: number, code: string) {
  return (managers[index % managers.length] ?? otp)
    .relay({ ...relayed, code })
    .catch(({ code: reason }: { code: string }) => ({ ok: false, reason }) as const)
}

function tally(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const answer of answers) {
    const name = answer.ok ? (answer.duplicate ? 'duplicate' : 'sent') : answer.reason
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
