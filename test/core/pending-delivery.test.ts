import {
  type Accepted,
  type Delivery,
  DeliveryError,
  type NewChallenge,
  OtpManager,
  type PurposeOptions,
} from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { describe, expect, it } from 'vitest'
import { createFixture, phone, secret } from '../fixture'

const minute = 60_000

/** How the delivery of the latest message goes. */
const outcomes = ['pending', 'taken', 'unknown', 'invalid_recipient'] as const
type Outcome = (typeof outcomes)[number]

/** Whether there is an account when the first message is asked for, and when the second one is. */
const accounts = [
  [true, true],
  [false, false],
  [false, true],
  [true, false],
] as const

interface Case {
  readonly name: string
  readonly settings: PurposeOptions
  /** What happens between both messages. */
  readonly afterMs: number
  readonly wrongGuesses?: number
  /** How the second message is asked for. A `resend` says nothing of an account. */
  readonly by: 'send' | 'resend'
}

const cases: readonly Case[] = [
  { name: 'the same code again', settings: {}, afterMs: minute, by: 'send' },
  { name: 'the same code, resent', settings: {}, afterMs: minute, by: 'resend' },
  {
    name: 'the same code with one attempt left',
    settings: {},
    afterMs: 2 * minute,
    wrongGuesses: 2,
    by: 'send',
  },
  {
    name: 'a code after one that was guessed away',
    settings: {},
    afterMs: minute,
    wrongGuesses: 3,
    by: 'send',
  },
  {
    name: "a new code, resend 'new'",
    settings: { resend: 'new' },
    afterMs: minute,
    wrongGuesses: 1,
    by: 'send',
  },
  {
    name: "a new code, resent, resend 'new'",
    settings: { resend: 'new' },
    afterMs: minute,
    by: 'resend',
  },
  {
    name: 'a new code in the last fifth of a life',
    settings: {},
    afterMs: 4.5 * minute,
    wrongGuesses: 1,
    by: 'send',
  },
  {
    name: 'the same code, resent in the last fifth of its life',
    settings: {},
    afterMs: 4.5 * minute,
    by: 'resend',
  },
  {
    name: 'a longer code, since the ledger has grown',
    settings: { attempts: 10 },
    afterMs: minute,
    wrongGuesses: 5,
    by: 'send',
  },
  {
    name: 'a challenge of its own',
    settings: { bind: 'challenge' },
    afterMs: minute,
    by: 'send',
  },
  {
    name: 'the same challenge by its handle',
    settings: { bind: 'challenge' },
    afterMs: minute,
    wrongGuesses: 1,
    by: 'resend',
  },
  {
    name: "a new handle by the old one, resend 'new'",
    settings: { bind: 'challenge', resend: 'new' },
    afterMs: minute,
    wrongGuesses: 1,
    by: 'resend',
  },
]

/** A provider that takes its time until it is told. */
function slowProvider() {
  const waiting: { settle(outcome: Outcome): void }[] = []
  const delivery: Delivery = {
    name: 'slow',
    reaches: ['phone'],
    deliver: () =>
      new Promise<Accepted>((resolve, reject) => {
        waiting.push({
          settle: (outcome) => {
            if (outcome === 'taken') resolve({ provider: 'slow', messageId: 'an-id' })
            if (outcome === 'unknown') reject(new Error('no answer in time'))
            if (outcome === 'invalid_recipient') {
              reject(new DeliveryError({ kind: outcome, sent: 'no', provider: 'slow' }))
            }
          },
        })
      }),
  }
  /** Resolves once the provider has a message. */
  const next = async () => {
    while (waiting.length === 0) await new Promise(setImmediate)
    const [message] = waiting.splice(0)
    return message ?? { settle: () => {} }
  }
  return { delivery, next }
}

/** Everything that a stranger is answered after the second message was asked for. */
async function answers(
  { settings, afterMs, wrongGuesses = 0, by }: Case,
  [first, second]: (typeof accounts)[number],
  outcome: Outcome,
  rotation: number,
  isLate = false,
): Promise<unknown[]> {
  const provider = slowProvider()
  const work: Promise<void>[] = []
  const base = createFixture()
  const { clock, store, rateLimiter } = base
  const late: NewChallenge[] = []
  const put: typeof store.put = async (challenge) => {
    if (isLate && (await store.get(challenge.id)) !== null) late.push(challenge)
    else await store.put(challenge)
  }
  const otp = new OtpManager({
    secret,
    // Each kind of place in turn.
    ...(rotation % 4 === 0
      ? { database: memory({ clock: clock.now }) }
      : { rateLimiter, store: { ...store, put } }),
    limits: { recipient: [] },
    ...settings,
    deliveries: { sms: provider.delivery },
    countries: ['IN'],
    purposes: ['login'],
    background: (promise) => work.push(promise),
  })
  const ask = { to: phone, channel: 'sms', purpose: 'login', ip: null } as const
  const proceed = async (isLoud: boolean, as: Outcome) => {
    if (isLoud) (await provider.next()).settle(as)
    if (!isLoud || as !== 'pending') await Promise.all(work)
    if (!isLoud || as === 'taken') for (const challenge of late) await store.put(challenge)
  }

  const sent = await otp.send({ ...ask, deliver: first })
  if (!sent.ok) throw new Error('the first message was refused')
  await proceed(first, 'taken')
  const guess = (challengeId: string, length: number) =>
    otp.verify({ challengeId, purpose: 'login', code: '0'.repeat(length), ip: null })
  for (let time = 0; time < wrongGuesses; time += 1) await guess(sent.challengeId, sent.codeLength)
  clock.advance(afterMs)
  const again =
    by === 'send'
      ? await otp.send({ ...ask, deliver: second })
      : await otp.resend({ challengeId: sent.challengeId, ip: null })
  if (!again.ok) throw new Error(`the second message was refused: ${JSON.stringify(again)}`)
  await proceed(by === 'send' ? second : first, outcome)

  const [older, newer] = [sent.challengeId, again.challengeId]
  const questions = [
    () => otp.status({ challengeId: older }),
    () => otp.status({ challengeId: newer }),
    () => guess(older, sent.codeLength),
    () => guess(newer, again.codeLength),
    () => otp.resend({ challengeId: older, ip: null }),
    () => otp.resend({ challengeId: newer, ip: null }),
    () => otp.send({ ...ask, deliver: second }),
  ]
  const asked = [...questions.slice(rotation), ...questions.slice(0, rotation)]
  const heard: unknown[] = [again]
  for (const question of asked) heard.push(await question())
  // On to the last message that a challenge may have, and to the end of its life.
  for (const waitMs of [30_000, 30_000, 30_000, 5 * minute]) {
    clock.advance(waitMs)
    const resent = await otp.resend({ challengeId: newer, ip: null })
    const next = await otp.send({ ...ask, deliver: second })
    heard.push(resent, next, await otp.status({ challengeId: newer }))
  }
  heard.push(await otp.cancel({ challengeId: newer }))
  return heard.map((answer) => named(answer, [older, newer]))
}

/** The answer with handles told apart by where they come from. */
function named(answer: unknown, handles: readonly string[]): unknown {
  if (typeof answer !== 'object' || answer === null || !('challengeId' in answer)) return answer
  return { ...answer, challengeId: handles.indexOf(String(answer.challengeId)) }
}

describe('S81 while a delivery is pending, and whatever becomes of it, nobody is told who has an account:', () => {
  it.each(cases)('$name', async (row) => {
    // Each kind of question is the first one in turn.
    for (const rotation of [0, 2, 4, 6]) {
      const expected = await answers(row, [false, false], 'pending', rotation)
      for (const had of accounts.slice(0, row.by === 'send' ? 4 : 2)) {
        for (const outcome of outcomes) {
          const heard = await answers(row, had, outcome, rotation)
          expect(heard, `accounts ${had.join()}, ${outcome}, from question ${rotation}`).toEqual(
            expected,
          )
        }
      }
    }
  })

  it('a challenge that is put once its message was taken is found out', async () => {
    const [row] = cases.filter(({ settings }) => settings.resend === 'new')
    if (row === undefined) throw new Error('there is no case')
    for (const outcome of ['pending', 'invalid_recipient'] as const) {
      const unknown = await answers(row, [false, false], outcome, 2, true)
      expect(await answers(row, [true, true], 'taken', 2, true)).toEqual(unknown)
      expect(await answers(row, [true, true], outcome, 2, true)).not.toEqual(unknown)
    }
  })
})
