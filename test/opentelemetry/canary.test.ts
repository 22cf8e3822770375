import { inspect } from 'node:util'
import { type Delivery, DeliveryError } from 'otpkit'
import { fallback } from 'otpkit/deliveries/fallback'
import { otelMetrics, otelTrace } from 'otpkit/opentelemetry'
import { describe, expect, it } from 'vitest'
import { createFixture, noLimits, secret, wrong } from '../fixture'
import { createMeters, createSpans, useContexts } from './sdk'

useContexts()

const recipients = ['+919876543210', 'canary.person+tag@gmail.com'] as const

/** A provider that says more than it should wherever it can. */
function talkative(reaches: Delivery['reaches']) {
  const seen = { codes: new Set<string>(), messageIds: new Set<string>() }
  let calls = 0
  const delivery: Delivery = {
    name: 'talkative',
    reaches,
    deliver: async ({ to, code = '', content }) => {
      seen.codes.add(code)
      calls += 1
      const message = `could not send ${content.text} to ${to}`
      if (calls % 4 === 0) throw Object.assign(new Error(message), { to, code, name: message })
      const failure = { kind: 'misconfigured', sent: 'no', provider: 'talkative' } as const
      if (calls % 4 === 2)
        throw Object.assign(new DeliveryError({ ...failure, providerCode: `E${code}` }), {
          cause: new Error(message),
        })
      const messageId = `wamid.${Buffer.from(to).toString('base64')}.${calls}`
      seen.messageIds.add(messageId)
      return { provider: 'talkative', messageId, segments: 1 }
    },
  }
  return { delivery, seen }
}

describe('S11 S83 what OpenTelemetry is told', () => {
  it.each(['recipient', 'challenge'] as const)(
    'holds no code, secret, recipient, handle or id of a message: bind %s',
    async (bind) => {
      const spans = createSpans()
      const meters = createMeters()
      const phone = talkative(['phone'])
      const mail = talkative(['email'])
      const { otp } = createFixture({
        bind,
        // Long enough that no id of a span holds one by chance.
        codeLength: 10,
        limits: noLimits,
        trace: otelTrace({ tracerProvider: spans.provider }),
        deliveries: {
          sms: fallback(phone.delivery, phone.delivery),
          whatsapp: phone.delivery,
          email: mail.delivery,
        },
      })
      otp.subscribe(otelMetrics({ meterProvider: meters.provider }))
      const handles = new Set<string>()

      for (const to of [...recipients, ...recipients, ...recipients]) {
        const channels = to.includes('@') ? (['email'] as const) : (['sms', 'whatsapp'] as const)
        const ask = { to, channel: channels, purpose: 'login', ip: '203.0.113.7' } as const
        const sent = await otp.send(ask).catch(() => undefined)
        if (sent?.ok) {
          handles.add(sent.challengeId)
          const target = bind === 'challenge' ? { challengeId: sent.challengeId } : { to }
          const guess = { ...target, purpose: 'login', ip: null } as const
          await otp.resend({ challengeId: sent.challengeId, ip: null }).catch(() => {})
          const { seen } = to.includes('@') ? mail : phone
          const code = [...seen.codes].at(-1) ?? ''
          await otp.verify({ ...guess, code: wrong(code) })
          await otp.verify({ ...guess, code, proof: '5m' })
        }
        await otp.relay({ ...ask, code: '4711930042' }).catch(() => {})
        await otp.relay({ ...ask, text: 'your code is 4711930042' }).catch(() => {})
        // A request may hold anything anywhere.
        for (const field of ['purpose', 'channel', 'code', 'challengeId', 'locale']) {
          await Reflect.apply(otp.send, otp, [{ ...ask, [field]: to }]).catch(() => {})
          await Reflect.apply(otp.verify, otp, [{ ...ask, [field]: to }]).catch(() => {})
        }
      }
      for (const messageId of [...phone.seen.messageIds, ...mail.seen.messageIds]) {
        otp.receipt({ provider: 'talkative', messageId, status: 'delivered', providerCode: '0' })
      }

      const told = [
        ...spans.spans().map(({ name, attributes, events, status, links }) => {
          return { name, attributes, events, status, links }
        }),
        ...(await meters.read()),
      ]
      expect(told.length).toBeGreaterThan(40)
      const text = inspect(told, { depth: 12, maxArrayLength: null, maxStringLength: null })
      const { codes } = phone.seen
      const canaries = [
        ...[...codes, ...mail.seen.codes].filter((code) => code !== ''),
        ...[...phone.seen.messageIds, ...mail.seen.messageIds],
        ...handles,
        ...recipients.flatMap((to) => [to, to.slice(1, -2), to.slice(3)]),
        secret,
        '4711930042',
        '203.0.113.7',
        // Nor what events have in place of them: too many, and of one person each.
        '••••',
      ]
      expect(codes.size).toBeGreaterThan(3)
      expect(handles.size).toBeGreaterThan(1)
      expect(phone.seen.messageIds.size).toBeGreaterThan(1)
      expect(canaries.filter((canary) => text.includes(canary))).toEqual([])
    },
  )
})
