import {
  OtpManager,
  type OtpManagerSettings,
  type OtpStore,
  type PurposeOptions,
  type RateLimiter,
} from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { createKeyring } from '../src/core/keyring'
import { recipientLabel } from '../src/core/labels'
import type { OtpEvent } from '../src/events'

export const secret = 'a-secret-for-tests-only-0123456789abcdef'
export const phone = '+919876543210'
export const email = 'person@example.com'

type Settings = OtpManagerSettings<'sms' | 'whatsapp' | 'email', 'login' | 'signup'>
type Options = Settings & { readonly store?: OtpStore; readonly rateLimiter?: RateLimiter }

/** Where fixtures keep what they know, unless a test brings a store or a limiter of its own. */
export const places: { kind: 'a pair' | 'one database' } = { kind: 'a pair' }

/** A manager on memory with a clock that stands still and deliveries that keep their messages. */
export function createFixture(options: Partial<Options> = {}) {
  const clock = testClock()
  const database = memory({ clock: clock.now })
  const isPair = places.kind === 'a pair' || options.store || options.rateLimiter
  const { store, rateLimiter } = isPair
    ? {
        store: options.store ?? memoryStore({ clock: clock.now }),
        rateLimiter: options.rateLimiter ?? memoryRateLimiter({ clock: clock.now }),
      }
    : { store: database, rateLimiter: database }
  const sms = capturedDelivery({ name: 'sms-provider', reaches: ['phone'] })
  const whatsapp = capturedDelivery({ name: 'whatsapp-provider', reaches: ['phone'] })
  const mail = capturedDelivery({ name: 'mail-provider', reaches: ['email'] })
  const settings: Settings = {
    secret,
    deliveries: { sms, whatsapp, email: mail },
    countries: ['IN', 'US'],
    purposes: ['login', 'signup'],
    clock: clock.now,
    ...options,
  }
  const otp = new OtpManager(
    isPair ? { ...settings, store, rateLimiter } : { ...settings, database },
  )
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

/** The key of a recipient's failure ledger in the limiter, under the secret of the tests. */
export async function ledgerKeyOf(recipient: string): Promise<string> {
  const bytes = new TextEncoder().encode(secret)
  const keys = createKeyring([{ id: '1', bytes }], bytes, 'otpkit')
  return `f${recipientLabel(keys, recipient)}`
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
