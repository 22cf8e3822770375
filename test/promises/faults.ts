import { expect } from 'vitest'
import { together } from '../../src/testing/conformance'
import { wrong } from '../fixture'
import {
  address,
  type Backend,
  changing,
  minute,
  owner,
  receive,
  tally,
  withBackend,
} from './backend'
import type { Promises } from './promises'

type Cut = 'before' | 'after' | undefined

/** Cuts that a check switches on and off. */
function switchboard() {
  let cutting: (method: string) => Cut = () => undefined
  return {
    cut: (method: string) => cutting(method),
    set: (next: (method: string) => Cut) => {
      cutting = next
    },
    heal: () => {
      cutting = () => undefined
    },
  }
}

/** What is left of calls whose connection was cut. */
export const faultPromises: Promises = {
  'S46 whatever is cut, one code verifies once and no more are compared than may be': async (
    setting,
  ) => {
    const line = switchboard()
    await withBackend(setting, 20, { cut: line.cut }, async (backend) => {
      const { code, challengeId } = await receive(backend)
      const kinds: readonly Cut[] = ['before', 'after']
      line.set(() => (backend.below(6) === 0 ? kinds[backend.below(2)] : undefined))
      const results = await together(24, async (index) => {
        const guess = index % 4 === 0 ? code : wrong(code, index)
        const { managers, otp } = backend
        const target = { challengeId, purpose: 'login', ip: address(index) } as const
        return (managers[index % 4] ?? otp).verify({ ...target, code: guess }).catch(() => null)
      })
      line.heal()
      const answers = results.flatMap((result) => result ?? [])
      const { verified = 0, incorrect = 0, used = 0 } = tally(answers)
      expect(verified, 'verified').toBeLessThanOrEqual(1)
      expect(verified + incorrect + used, 'compared, of three attempts').toBeLessThanOrEqual(3)
      expect(await backend.failures(), 'the ledger').toBeLessThanOrEqual(3)
    })
  },

  'what the place did not hear of is not charged': async (setting) => {
    const line = switchboard()
    const downs: readonly ((method: string) => Cut)[] = [
      () => 'before',
      // Of a pair, the store alone.
      (method) => (['take', 'refund', 'clear'].includes(method) ? undefined : 'before'),
    ]
    for (const down of downs) {
      await withBackend(setting, 1, { cut: line.cut }, async (backend) => {
        const { otp } = backend
        line.set(down)
        await expectAllThrow(20, () => otp.send({ ...owner, channel: 'sms' }))
        line.heal()
        const { code } = await receive(backend)
        line.set(down)
        await expectAllThrow(100, (index) => otp.verify({ ...owner, code, ip: address(index) }))
        line.heal()
        await expectUnharmed(backend, code)
      })
    }
  },

  'a message whose answer was lost costs no more than one': async (setting) => {
    const line = switchboard()
    const step = setting.kind.isDatabase ? 'begin' : 'put'
    await withBackend(setting, 2, { cut: line.cut }, async (backend) => {
      const { otp, sms } = backend
      line.set((method) => {
        if (method !== step) return undefined
        line.heal()
        return 'after'
      })
      await expectAllThrow(1, () => otp.send({ ...owner, channel: 'sms' }))
      expect(sms.messages).toEqual([])
      backend.advance(30_000)
      const { code } = await receive(backend)
      await expectUnharmed(backend, code)
    })
  },
}

/** The same where one step decides. */
export const faultPromisesOfDatabases: Promises = {
  'S47 a client that sends a guess again after a lost answer gets its own success': async (
    setting,
  ) => {
    const through = (places: Parameters<typeof changing>[0]) =>
      changing(places, {
        settle: async (submission) => {
          if (places.database === undefined) throw new Error('a pair has no settle')
          await places.database.settle(submission)
          return places.database.settle(submission)
        },
      })
    await withBackend(setting, 4, { through }, async (backend) => {
      const { otp, managers } = backend
      const { code } = await receive(backend)
      await otp.verify({ ...owner, code: wrong(code) })
      const results = await together(12, (index) =>
        (managers[index % 4] ?? otp).verify({ ...owner, code, ip: address(index) }),
      )
      const { verified, used = 0, expired = 0, ...others } = tally(results)
      expect([verified, others], 'of 12 right codes each sent twice').toEqual([1, {}])
      expect(used + expired).toBe(11)
      expect(await backend.failures(), 'the ledger').toBe(0)
    })
  },

  'S46 guesses whose answers were lost cost an attempt and a failure each at most': async (
    setting,
  ) => {
    const line = switchboard()
    await withBackend(setting, 2, { cut: line.cut }, async (backend) => {
      const { otp } = backend
      const { code } = await receive(backend)
      line.set((method) => (method === 'settle' ? 'after' : undefined))
      await expectAllThrow(2, (index) => otp.verify({ ...owner, code: wrong(code, index + 1) }))
      expect(await backend.failures(), 'the ledger after two wrong codes').toBe(2)
      await expectAllThrow(1, () => otp.verify({ ...owner, code }))
      line.heal()
      expect(await backend.failures(), 'the ledger after the right one').toBe(0)
      // No attempt is left that could find out whether it was the same code.
      expect(await otp.verify({ ...owner, code })).toEqual({ ok: false, reason: 'expired' })
    })
    await withBackend(setting, 2, { cut: line.cut }, async (backend) => {
      const { otp } = backend
      const { code } = await receive(backend)
      line.set((method) => (method === 'settle' ? 'after' : undefined))
      await expectAllThrow(1, () => otp.verify({ ...owner, code }))
      line.heal()
      expect(await otp.verify({ ...owner, code })).toEqual({ ok: false, reason: 'used' })
      expect(await backend.failures(), 'the ledger').toBe(0)
    })
  },
}

/** The same where a store is beside a limiter. */
export const faultPromisesOfPairs: Promises = {
  'while the store can be read alone, tries cost no more failures than attempts': async (
    setting,
  ) => {
    const line = switchboard()
    await withBackend(setting, 1, { cut: line.cut }, async (backend) => {
      const { otp } = backend
      const { code } = await receive(backend)
      line.set((method) => (method === 'attempt' ? 'before' : undefined))
      const tries = together(100, (index) =>
        otp.verify({ ...owner, code, ip: address(index) }).catch(() => null),
      )
      for (const answer of await tries) {
        if (answer !== null) expect(answer).toEqual({ ok: false, reason: 'expired' })
      }
      line.heal()
      expect(await backend.failures(), 'the ledger').toBeLessThanOrEqual(3)
    })
  },
}

async function expectAllThrow(
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await expect(call(index)).rejects.toThrow(/failed$/)
  }
}

/** The owner's right code is accepted, at no cost, and so is the next message. */
async function expectUnharmed(backend: Backend, code: string): Promise<void> {
  const { otp } = backend
  expect(await backend.failures(), 'the ledger').toBe(0)
  expect(await otp.verify({ ...owner, code }), "the owner's right code").toMatchObject({ ok: true })
  expect(await backend.failures(), 'the ledger').toBe(0)
  backend.advance(minute)
  expect(await otp.send({ ...owner, channel: 'sms' })).toMatchObject({ ok: true })
}
