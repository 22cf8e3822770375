import { OtpManager, type OtpManagerOptions, type PurposeOptions } from 'otpkit'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import type { OtpEvent } from '../src/events'

export const secret = 'a-secret-for-tests-only-0123456789abcdef'
export const phone = '+919876543210'
export const email = 'person@example.com'

type Options = OtpManagerOptions<'sms' | 'whatsapp' | 'email', 'login' | 'signup'>

/** A manager on memory with a clock that stands still and deliveries that keep their messages. */
export function createFixture(options: Partial<Options> = {}) {
  const clock = testClock()
  const store = memoryStore({ clock: clock.now })
  const rateLimiter = memoryRateLimiter({ clock: clock.now })
  const sms = capturedDelivery({ name: 'sms-provider', reaches: ['phone'] })
  const whatsapp = capturedDelivery({ name: 'whatsapp-provider', reaches: ['phone'] })
  const mail = capturedDelivery({ name: 'mail-provider', reaches: ['email'] })
  const complete: Options = {
    secret,
    store,
    rateLimiter,
    deliveries: { sms, whatsapp, email: mail },
    countries: ['IN', 'US'],
    purposes: ['login', 'signup'],
    ...options,
  }
  const otp = new OtpManager(complete)
  const events: OtpEvent[] = []
  otp.subscribe((event) => {
    events.push(event)
  })

  const send = (more: Partial<Parameters<typeof otp.send>[0]> = {}) =>
    otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null, ...more })
  const verify = (code: string, more: { to?: string; purpose?: 'login' | 'signup' } = {}) =>
    otp.verify({ to: phone, purpose: 'login', ip: null, code, ...more })

  /** Sends, and returns the code that arrived. */
  const receive = async (more: Parameters<typeof send>[0] = {}) => {
    const sent = await send(more)
    if (!sent.ok) throw new Error(`not sent: ${JSON.stringify(sent)}`)
    const { channel } = sent
    const code = { sms, whatsapp, email: mail }[channel as 'sms' | 'whatsapp' | 'email'].lastCode()
    return { sent, code }
  }

  return { otp, clock, store, rateLimiter, sms, whatsapp, mail, events, send, verify, receive }
}

/** Limits wide enough that they do not get in the way of what a test is about. */
export const noLimits: NonNullable<PurposeOptions['limits']> = {
  cooldown: false,
  recipient: [],
  ip: [],
  verifyIp: [],
}

/** A code of the same length that is certainly another. */
export function wrong(code: string, by = 1): string {
  return String((Number(code) + by) % 10 ** code.length).padStart(code.length, '0')
}
