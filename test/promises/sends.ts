import type { PurposeOptions } from 'otpkit'
import { expect } from 'vitest'
import { together } from '../../src/testing/conformance'
import { type Backend, type BackendOptions, minute, owner, receive, withBackend } from './backend'
import type { Promises } from './promises'

const noWait = { cooldown: false, recipient: [], ip: [] } as const
const resends = ['same', 'new'] as const

interface Twins {
  readonly name: string
  readonly settings: PurposeOptions
  /** How long before the twins a code was sent; nothing stands without. */
  readonly earlierMs?: number
}

const fresh: readonly Twins[] = resends.map((resend) => {
  return { name: `nothing, resend '${resend}'`, settings: { resend } }
})
const replacing: readonly Twins[] = [
  { name: "a living code, resend 'same'", settings: { resend: 'same' }, earlierMs: minute },
  { name: "a living code, resend 'new'", settings: { resend: 'new' }, earlierMs: minute },
  { name: 'a code in its last fifth', settings: {}, earlierMs: 4.5 * minute },
]

/** What messages asked for at one moment come to. */
export const sendPromises: Promises = {
  'S39 of messages asked for at once one is sent in a cooldown': async (setting) => {
    for (const count of [2, 20]) {
      await withBackend(setting, 4, { settings: { limits: { ip: [] } } }, async (backend) => {
        const sent = await sendTogether(backend, count)
        expect(sent.filter(({ ok }) => ok)).toHaveLength(1)
        expect(backend.sms.messages).toHaveLength(1)
        for (const other of sent.filter(({ ok }) => !ok)) {
          expect(other).toMatchObject({ reason: 'rate_limited', limit: 'cooldown' })
        }
        await expectVerified(backend, [backend.sms.lastCode()])
      })
    }
  },

  'of two messages at once in place of a code, none kills what the other sent': async (setting) => {
    await forEach(setting, replacing, async (backend) => {
      backend.meet(2)
      const sent = await sendTogether(backend, 2)
      expect(sent.map(({ ok }) => ok)).toEqual([true, true])
      await expectVerified(backend, sentSince(backend, 1))
    })
  },

  'a message that nobody took kills no code that somebody has': async (setting) => {
    await forEach(setting, replacing, async (backend, earlier) => {
      backend.refuse(1)
      const [failed] = await sendTogether(backend, 1)
      expect(failed).toEqual({ ok: false, error: 'delivery_failed' })
      await expectVerified(backend, [earlier])
    })
    await forEach(setting, replacing, async (backend) => {
      backend.refuse(1 + backend.below(2))
      backend.meet(2)
      const sent = await sendTogether(backend, 2)
      expect(sent.map(({ ok }) => ok).sort()).toEqual([false, true])
      await expectVerified(backend, sentSince(backend, 1))
    })
  },

  'a message that nobody took leaves its code to the next one': async (setting) => {
    await forEach(setting, fresh, async (backend) => {
      backend.refuse(1)
      const [failed] = await sendTogether(backend, 1)
      expect(failed).toEqual({ ok: false, error: 'delivery_failed' })
      await sendTogether(backend, 1)
      await expectVerified(backend, [backend.sms.lastCode()])
    })
  },

  'two messages of one handle at once under handles of their own leave both codes': async (
    setting,
  ) => {
    const settings = { bind: 'challenge', resend: 'new', limits: noWait } as const
    for (const failing of [0, 1, 2]) {
      await withBackend(setting, 4, { settings }, async (backend) => {
        const { code, challengeId } = await receive(backend)
        const { managers, sms } = backend
        if (failing === 1) backend.refuse(1 + backend.below(2))
        if (failing === 2) for (const number of [1, 2]) backend.refuse(number)
        backend.meet(2)
        const again = await Promise.all(
          managers
            .slice(0, 2)
            .map((otp) => otp.resend({ challengeId, ip: owner.ip }).catch(() => null)),
        )
        const handles = again.flatMap((sent) => (sent?.ok ? [sent.challengeId] : []))
        const codes = sms.messages.slice(1).map(({ code = '' }) => code)
        expect([handles.length, codes.length]).toEqual([2 - failing, 2 - failing])
        if (failing === 2) {
          await expectVerified(backend, [code], [challengeId])
        } else {
          await expectVerified(backend, codes, handles)
        }
      })
    }
  },
}

/** The same where one step decides; a pair may put two challenges, the first of which is dead. */
export const sendPromisesOfDatabases: Promises = {
  'of two first messages at once, none kills what the other sent': async (setting) => {
    await forEach(setting, fresh, async (backend) => {
      const sent = await sendTogether(backend, 2)
      expect(sent.map(({ ok }) => ok)).toEqual([true, true])
      const codes = sentSince(backend, 0)
      if (backend.isNew) await expectOneVerified(backend, codes)
      else await expectVerified(backend, codes)
    })
  },

  'of two first messages at once, one that nobody took kills no code of the other': async (
    setting,
  ) => {
    await forEach(setting, fresh, async (backend) => {
      backend.refuse(1 + backend.below(2))
      const sent = await sendTogether(backend, 2)
      expect(sent.map(({ ok }) => ok).sort()).toEqual([false, true])
      await expectVerified(backend, sentSince(backend, 0))
    })
  },
}

type TwinBackend = Backend & { readonly isNew: boolean }

async function forEach(
  setting: Parameters<Promises[string]>[0],
  rows: readonly Twins[],
  check: (backend: TwinBackend, earlierCode: string) => Promise<void>,
): Promise<void> {
  for (const { name, settings, earlierMs } of rows) {
    const options: BackendOptions = { settings: { ...settings, limits: noWait } }
    await withBackend(setting, 10, options, async (backend, round) => {
      // What fell due meanwhile is the same on whichever manager.
      const { code } = earlierMs === undefined ? { code: '' } : await receive(backend)
      backend.advance(earlierMs ?? round)
      await check({ ...backend, isNew: settings.resend === 'new' }, code).catch(
        (cause: unknown) => {
          throw new Error(`over ${name}: ${cause}`, { cause })
        },
      )
    })
  }
}

/** Sends of so many managers at once; what was thrown is named by its code. */
function sendTogether({ managers, otp }: Backend, count: number) {
  return together(count, (index) =>
    (managers[index % managers.length] ?? otp)
      .send({ ...owner, channel: 'sms' })
      .catch(({ code }: { code: string }) => ({ ok: false, error: code }) as const),
  )
}

function sentSince({ sms }: Backend, count: number): readonly string[] {
  return sms.messages.slice(count).map(({ code = '' }) => code)
}

/** Each of these codes verifies; equal ones are one. */
async function expectVerified(
  backend: Backend,
  codes: readonly string[],
  handles: readonly string[] = [],
): Promise<void> {
  const { otp } = backend
  const guesses = handles.length > 0 ? codes : [...new Set(codes)]
  expect(guesses.length, 'codes to verify').toBeGreaterThan(0)
  const results = []
  for (const code of guesses) {
    const tries = handles.length > 0 ? handles.map((challengeId) => ({ challengeId })) : [owner]
    const answers = []
    for (const target of tries) {
      answers.push(await otp.verify({ ...target, purpose: 'login', code, ip: owner.ip }))
    }
    results.push(answers.some(({ ok }) => ok))
  }
  expect(results, 'codes that were sent verify').toEqual(guesses.map(() => true))
}

async function expectOneVerified({ otp }: Backend, codes: readonly string[]): Promise<void> {
  const results = []
  for (const code of new Set(codes)) results.push(await otp.verify({ ...owner, code }))
  expect(results, 'one of the codes that were sent verifies').toContainEqual(
    expect.objectContaining({ ok: true }),
  )
}
