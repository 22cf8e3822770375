import { type Delivery, type OtpDatabase, OtpManager, type OtpPlaces } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import { describe, expect, it } from 'vitest'
import type { OtpEvent } from '../src/events'
import { secret, wrong } from './fixture'

/** So many characters in a row of a handle, a recipient or a message id are as good as all of it. */
const tellTale = 12

/** Where a text gives away one of the values: the piece, in a form that somebody could read back. */
function leaks(text: string, values: readonly string[]): string[] {
  return values.flatMap((value) => {
    const pieces = Array.from({ length: Math.max(1, value.length - tellTale + 1) }, (_, from) =>
      value.slice(from, from + tellTale),
    )
    const whole = Buffer.from(value)
    const spelled = ['hex', 'base64', 'base64url'] as const
    const inCode = spelled.map((encoding) => whole.toString(encoding).replaceAll('=', ''))
    return [...pieces, ...inCode].filter((piece) => text.includes(piece))
  })
}

/** Every argument and every answer of an adapter: all that its server ever sees or keeps. */
function recorder() {
  const lines: string[] = []
  const record = <Adapter extends object>(adapter: Adapter): Adapter =>
    new Proxy(adapter, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return async (...given: unknown[]) => {
          const answer: unknown = await Reflect.apply(member, target, given)
          lines.push(JSON.stringify([name, given, answer]))
          return answer
        }
      },
    })
  return { record, dump: () => lines.join('\n') }
}

type Recorder = ReturnType<typeof recorder>

/** A provider whose ids hold the number, as WhatsApp's do. */
function provider(name: string, reaches: Delivery['reaches']) {
  const sent: { readonly messageId: string; readonly code: string }[] = []
  const delivery: Delivery = {
    name,
    reaches,
    deliver: async ({ to, code = '' }) => {
      const random = Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString('hex')
      const messageId = `wamid.${Buffer.from(to).toString('base64')}${random}`
      sent.push({ messageId, code })
      return { provider: name, messageId }
    },
  }
  return { delivery, sent }
}

const places: Readonly<Record<string, (of: Recorder) => OtpPlaces>> = {
  'a database': ({ record }) => ({ database: record<OtpDatabase>(memory()) }),
  'a store and a limiter': ({ record }) => ({
    store: record(memoryStore()),
    rateLimiter: record(memoryRateLimiter()),
  }),
}

/** Everything that can happen to a code, and what a place and a log got to see of it. */
async function course(
  open: (of: Recorder) => OtpPlaces,
  bind: 'recipient' | 'challenge',
  resend: 'same' | 'new',
) {
  const phones = provider('phones', ['phone'])
  const mails = provider('mails', ['email'])
  const place = recorder()
  const events: OtpEvent[] = []
  const otp = new OtpManager({
    ...open(place),
    secret,
    deliveries: { sms: phones.delivery, whatsapp: phones.delivery, email: mails.delivery },
    countries: ['IN'],
    purposes: ['login', 'signup'],
    bind,
    resend,
    limits: { cooldown: false, recipient: [], ip: [], global: [{ max: 1_000, per: '1d' }] },
  })
  otp.subscribe((event) => void events.push(event))

  const values: string[] = []
  for (const [channel, to] of [
    ['sms', '+919876543210'],
    ['whatsapp', '+919876500123'],
    // Its domain is shown to people and logs, and is short of a tell-tale.
    ['email', 'canary.person+tag@mail.in'],
  ] as const) {
    const { sent } = channel === 'email' ? mails : phones
    const ask = { to, purpose: 'login', ip: '203.0.113.7' } as const
    const first = await otp.send({ ...ask, channel })
    if (!first.ok) throw new Error('refused')
    const again = await otp.resend({ challengeId: first.challengeId, ip: ask.ip })
    if (!again.ok) throw new Error('refused')
    const silent = await otp.send({ ...ask, purpose: 'signup', channel, deliver: false })
    if (!silent.ok) throw new Error('refused')
    const { challengeId } = again
    const code = sent.at(-1)?.code ?? ''
    const guess = { challengeId, purpose: 'login', ip: ask.ip, proof: '5m' } as const
    await otp.verify({ ...guess, code: wrong(code) })
    await otp.status({ challengeId })
    const verified = await otp.verify({ ...guess, code })
    if (!verified.ok) throw new Error('not verified')
    await otp.verify({ ...guess, code })
    await otp.redeem(verified.proof ?? '', { purpose: 'login' })
    await otp.verify({ ...ask, code })
    const last = await otp.send({ ...ask, channel })
    if (!last.ok) throw new Error('refused')
    await otp.cancel({ challengeId: last.challengeId })
    await otp.unlock(to)
    const handles = [first, again, silent, last].map((answer) => answer.challengeId)
    const ids = [first, again, silent, last].map(({ messageId = '' }) => messageId)
    values.push(to, ...handles, ...ids, ...sent.map(({ messageId }) => messageId))
  }
  return { otp, place, events, values }
}

describe('S83 what a request and its answers name leads to no row and no line of a log', () => {
  describe.each(Object.entries(places))('of %s', (_, open) => {
    it.each([
      ['recipient', 'same'],
      ['recipient', 'new'],
      ['challenge', 'same'],
      ['challenge', 'new'],
    ] as const)('bound to the %s, resend %s', async (bind, resend) => {
      const { place, events, values } = await course(open, bind, resend)
      expect(values.every((value) => value.length >= tellTale)).toBe(true)
      expect(leaks(place.dump(), values), 'in the store or the limiter').toEqual([])
      expect(leaks(JSON.stringify(events), values), 'in the events').toEqual([])
      // There was something to look through.
      expect(place.dump().length).toBeGreaterThan(10_000)
      const types = new Set<string>(events.map(({ type }) => type))
      for (const type of ['sent', 'incorrect', 'verified', 'redeemed', 'canceled', 'unlocked']) {
        expect(types).toContain(type)
      }
    })

    it('the store and the limiter share nothing of a name with the events', async () => {
      const { place, events } = await course(open, 'challenge', 'new')
      const names = events.flatMap((event) => [
        event.fingerprint ?? '',
        event.challengeKey ?? '',
        ...(event.type === 'sent' ? [event.messageKey ?? ''] : []),
      ])
      expect(leaks(place.dump(), [...new Set(names)].filter(Boolean))).toEqual([])
    })
  })

  it.each(['recipient', 'challenge'] as const)(
    'a limiter whose keys end as the handles do is found out, bound to the %s',
    async (bind) => {
      const place = recorder()
      const rateLimiter = place.record(memoryRateLimiter())
      const { values } = await course(() => ({ database: memory() }), bind, 'same')
      const handles = values.filter((value) => /^[\w-]{44}$/.test(value))
      for (const handle of handles) {
        await rateLimiter.take([{ key: `m${handle.slice(22)}`, max: 5, windowMs: 60_000 }])
      }
      for (const handle of handles) {
        expect(leaks(place.dump(), [handle])).toHaveLength(11)
      }
    },
  )

  it('a log of message ids is found out, though they hold the number in code alone', async () => {
    const { events, values } = await course(() => ({ database: memory() }), 'recipient', 'same')
    const ids = values.filter((value) => value.startsWith('wamid.'))
    const told = events.map((event, index) => ({ ...event, messageId: ids[index % ids.length] }))
    expect(leaks(JSON.stringify(told), ['+919876543210'])).not.toEqual([])
  })
})
