import { expect } from 'vitest'
import { together } from '../../src/testing/conformance'
import { wrong } from '../fixture'
import { address, type Backend, minute, owner, receive, tally, withBackend } from './backend'
import type { Promises } from './promises'

const bindings = ['recipient', 'challenge'] as const
type Binding = (typeof bindings)[number]

/** What guesses at one moment, however many, come to. */
export const guessPromises: Promises = {
  'S25 guesses at nothing, any number at once, change no answer of the owner': async (setting) => {
    for (const bind of bindings) {
      for (const count of [6, 12, 120]) {
        for (const addresses of [1, 4]) {
          await withBackend(setting, 2, { settings: { bind } }, async (backend) => {
            const strangers = await strangersAtNothing(backend, bind)
            const guesses = () => strangers(count / 2, addresses)
            const { otp } = backend
            const { code, challengeId } = await receive(backend)
            const [before, right, after] = await Promise.all([
              guesses(),
              otp.verify({ challengeId, purpose: 'login', code, ip: owner.ip }),
              guesses(),
            ])
            expect(right, "the owner's right code").toMatchObject({ ok: true })
            expect(Object.keys(tally([...before, ...after])).join(), 'guesses at nothing').toMatch(
              /^(expired|rate_limited|,)+$/,
            )
            expect(await backend.failures(), 'the ledger').toBe(0)

            backend.advance(minute)
            const [, sent] = await Promise.all([
              guesses(),
              otp.send({ ...owner, channel: 'sms' }),
              guesses(),
            ])
            expect(sent, "the owner's next message").toMatchObject({ ok: true })
            expect(await backend.failures(), 'the ledger in the end').toBe(0)
          })
        }
      }
    }
  },

  'S04 of 200 right codes at once one verifies, and nobody else is charged': async (setting) => {
    for (const bind of bindings) {
      for (const before of [0, 4]) {
        for (const attempts of [1, 3]) {
          await withBackend(setting, 2, { settings: { bind, attempts } }, async (backend) => {
            await backend.fail(before)
            const { code, challengeId } = await receive(backend)
            const results = await together(200, (index) =>
              managerAt(backend, index).verify({
                challengeId,
                purpose: 'login',
                code,
                ip: address(index),
              }),
            )
            const { verified, used = 0, expired = 0, ...others } = tally(results)
            expect(verified, 'verified').toBe(1)
            expect(others, 'answers but verified, used and expired').toEqual({})
            expect(used, 'used beside the one, of as many as there are attempts').toBeLessThan(
              attempts,
            )
            expect(used + expired).toBe(199)
            expect(await backend.failures(), 'the ledger').toBe(before)
          })
        }
      }
    }
  },

  'S44 a right code among 199 wrong ones verifies once, and within the budget': async (setting) => {
    for (const attempts of [3, 10]) {
      await withBackend(setting, 6, { settings: { attempts } }, async (backend) => {
        const { code, challengeId } = await receive(backend)
        // One of the first, so that it is often in time.
        const place = backend.below(8)
        const results = await together(200, (index) =>
          managerAt(backend, index).verify({
            challengeId,
            purpose: 'login',
            code: index === place ? code : wrong(code, index + 1),
            ip: address(index),
          }),
        )
        const { verified = 0, incorrect = 0, expired = 0, ...others } = tally(results)
        expect(others, 'answers but verified, incorrect and expired').toEqual({})
        expect(verified, 'verified').toBeLessThanOrEqual(1)
        expect(incorrect + verified, 'compared, of the attempts').toBeLessThanOrEqual(attempts)
        // At six characters the ledger has room for five.
        expect(incorrect, 'wrong ones compared').toBeLessThanOrEqual(5)
        expect(verified + incorrect + expired).toBe(200)
        const failures = await backend.failures()
        if (verified === 0) expect(failures, 'the ledger').toBe(incorrect)
        else if (setting.kind.isDatabase) expect(failures, 'the ledger, forgiven').toBe(0)
        else expect(failures, 'the ledger, forgiven').toBeLessThanOrEqual(incorrect)
      })
    }
  },
}

function managerAt({ managers, otp }: Backend, index: number) {
  return managers[index % managers.length] ?? otp
}

/** Gives what makes so many guesses at nothing of the owner's, from so many addresses. */
async function strangersAtNothing(backend: Backend, bind: Binding) {
  const target = bind === 'recipient' ? { to: owner.to } : await endedHandle(backend)
  return (count: number, addresses: number) =>
    together(count, (index) =>
      managerAt(backend, index).verify({
        ...target,
        purpose: 'signup',
        code: '000000',
        ip: address(index % addresses),
      }),
    )
}

/** A handle from which the server reads whom it is about, though nothing is under it any more. */
async function endedHandle(backend: Backend) {
  const { challengeId } = await receive(backend, 'signup')
  await backend.otp.cancel({ challengeId })
  backend.advance(minute)
  return { challengeId }
}
