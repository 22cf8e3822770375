import { expect } from 'vitest'
import { together } from '../../src/testing/conformance'
import { phone, wrong } from '../fixture'
import { address, type Backend, minute, owner, tally, withBackend } from './backend'
import type { Promises } from './promises'

const fixed = '314159'
const codes = { [phone]: fixed }
const bindings = ['recipient', 'challenge'] as const

/** What fixed codes come to, as long as there are any. */
export const testRecipientPromises: Promises = {
  'of 200 times the fixed code at once one verifies, challenge after challenge, and nothing is sent':
    async (setting) => {
      for (const bind of bindings) {
        const settings = { bind, testRecipients: { codes } }
        await withBackend(setting, 1, { settings }, async (backend) => {
          for (let round = 0; round < 2; round += 1) {
            const challengeId = await ask(backend)
            const guess = (code: string, index: number) =>
              managerAt(backend, index).verify({
                challengeId,
                purpose: 'login',
                code,
                ip: address(index),
              })
            expect(await guess(wrong(fixed), 0)).toMatchObject({ attemptsLeft: 2 })
            const results = await together(round === 0 ? 200 : 10, (index) => guess(fixed, index))
            const { verified, used = 0, expired = 0, ...others } = tally(results)
            // Those that find the code used take the attempts that were left.
            expect([verified, used + expired, others], `round ${round}`).toEqual([
              1,
              results.length - 1,
              {},
            ])
            backend.advance(3 * minute)
          }
          expect(backend.sms.messages, 'messages').toEqual([])
        })
      }
    },

  'of a fixed code after its time none verifies, whatever was begun before': async (setting) => {
    for (const bind of bindings) {
      const time = { now: 1_000 }
      const settings = {
        bind,
        testRecipients: { codes, until: new Date(2_000) },
        clock: () => time.now,
      }
      await withBackend(setting, 1, { settings }, async (backend) => {
        const challengeId = await ask(backend)
        time.now = 2_000
        const results = await together(20, (index) =>
          managerAt(backend, index).verify({
            challengeId,
            purpose: 'login',
            code: fixed,
            ip: address(index),
          }),
        )
        expect(tally(results)).toEqual({ expired: 20 })
        expect(backend.sms.messages, 'messages').toEqual([])
        expect(await backend.otp.send({ ...owner, channel: 'sms' })).toMatchObject({ ok: true })
        expect(backend.sms.messages, 'messages').toHaveLength(1)
      })
    }
  },
}

async function ask({ otp }: Backend): Promise<string> {
  const sent = await otp.send({ ...owner, channel: 'sms' })
  if (!sent.ok) throw new Error(`the message was refused: ${JSON.stringify(sent)}`)
  return sent.challengeId
}

function managerAt({ managers, otp }: Backend, index: number) {
  return managers[index % managers.length] ?? otp
}
