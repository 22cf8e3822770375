import type { RelayResult } from '../../../src/core/relay'
import type { SendResult } from '../../../src/core/send'
import { createAccount } from './account'
import { fixedCode, price, type World } from './world'

/** Somebody whose number is the only one of its block, or one of a crowd. */
export interface Person {
  readonly kind: 'careful' | 'guessed' | 'turning' | 'unknown' | 'tester' | 'relayed' | 'crowd'
  readonly to: string
}

/** How a message is asked for. */
export interface Asked {
  readonly channel: readonly ('sms' | 'whatsapp')[]
  readonly ip: string | null
  readonly locale: string
  /** Whether somebody whose account comes and goes has one now. */
  readonly isDelivered: boolean
  readonly challenged: boolean
}

/** So that a test can tell that the storm was one. */
export interface Seen {
  readonly carried: number
  readonly verified: number
}

export type Truth = ReturnType<typeof createTruth>

/** Asks the managers, and keeps what they and the provider have said. */
export function createTruth(world: World, everybody: readonly Person[], crowded: string) {
  const { carried, mix } = world
  const account = createAccount(world, everybody, crowded)
  const verifiedCodes = new Map<string, number>()
  /** Codes of which nobody knows whether they were used: an answer was lost. */
  const doubtful = new Set<string>()

  /** The answer, or nothing where one was thrown. */
  async function answerOf<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await asking
    } catch (error) {
      const code = String(Reflect.get(Object(error), 'code'))
      const isTold = code === 'delivery_failed' || (mix.isCut && code === 'database_unavailable')
      if (!isTold) throw error
      return undefined
    }
  }

  function checkAnswer(answer: SendResult | RelayResult | { ok: false; reason: 'expired' }) {
    if (answer.ok || answer.reason !== 'rate_limited' || mix.mode !== 'record') return
    expectThat(answer.limit !== 'guard', 'the guard refused while it records')
  }

  function keep(person: Person, cost: number, answer: SendResult | { ok: boolean } | undefined) {
    account.asked(person, cost, answer?.ok === true)
  }

  const costOf = (channels: readonly ('sms' | 'whatsapp')[]) =>
    Math.max(...channels.map((channel) => price[channel]))

  return {
    /** The code that somebody received last. */
    codeOf: (to: string) => carried.findLast((message) => message.to === to)?.code,

    send: async (person: Person, asked: Asked) => {
      const { kind, to } = person
      const { channel, ip, locale, isDelivered } = asked
      const deliver = kind === 'turning' ? isDelivered : kind !== 'unknown'
      const challenged = mix.mode === 'challenge' && asked.challenged
      const request = { to, channel, ip, locale, deliver, challenged, purpose: 'login' } as const
      const answer = await answerOf(world.otp().send(request))
      if (answer !== undefined) checkAnswer(answer)
      keep(person, costOf(channel), answer)
    },

    resend: async (person: Person) => {
      const target = { to: person.to, purpose: 'login' } as const
      const request = { ...target, channel: 'sms', ip: '192.0.2.7', locale: 'en' } as const
      const answer = await answerOf(world.otp().resend(request))
      if (answer !== undefined) checkAnswer(answer)
      keep(person, price.sms, answer)
    },

    relay: async (person: Person, code: string) => {
      const request = { to: person.to, channel: 'sms', purpose: 'login', ip: null, code } as const
      const answer = await answerOf(world.otp().relay(request))
      if (answer !== undefined) checkAnswer(answer)
      // A duplicate is charged nothing.
      keep(person, price.sms, answer?.ok === true && answer.duplicate ? { ok: false } : answer)
    },

    verify: async (person: Person, code: string) => {
      const { kind, to } = person
      const name = `${to} ${code}`
      const wasUsed = verifiedCodes.has(name) || doubtful.has(name)
      const request = { to, code, purpose: 'login', ip: '192.0.2.8' } as const
      const answer = await answerOf(world.otp().verify(request))
      if (answer === undefined) {
        doubtful.add(name)
        account.maybeVerified(person)
        return
      }
      const isFree = kind === 'careful' && mix.resend === 'same' && !wasUsed
      if (isFree && !answer.ok) {
        // The same code twice at once: one of both verifies.
        const isTwin = answer.reason === 'used' || verifiedCodes.has(name) || doubtful.has(name)
        expectThat(isTwin, `the right code of ${to} was ${answer.reason}`)
      }
      if (!answer.ok) return
      expectThat(answer.recipient === to, `the code of ${to} verified ${answer.recipient}`)
      if (kind !== 'tester') {
        expectThat(
          carried.some((message) => message.to === to && message.code === code),
          `${to} verified by a code that nobody carried there`,
        )
        expectThat(!verifiedCodes.has(name), `a code of ${to} verified twice`)
      } else {
        expectThat(code === fixedCode, 'a test recipient verified by another code')
      }
      verifiedCodes.set(name, (verifiedCodes.get(name) ?? 0) + 1)
      account.verified(person)
    },

    check: account.check,
    seen: (): Seen => ({ carried: carried.length, verified: verifiedCodes.size }),
  }
}

export function expectThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what)
}
