// For the tests beside it: the app on a free port, on a clock that stands still.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Limit, NewChallenge } from 'otpkit'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { onTestFinished } from 'vitest'
import { createApp } from './app'
import { type BackendParts, createBackend } from './operators/backend'
import { memoryOperators } from './operators/operator-repository'

export const phone = '+919876543210'
export const email = 'test@example.com'
export const whatsapp = { contact: phone, contact_type: 'whatsapp' } as const
export const mail = { contact: email, contact_type: 'email' } as const

/** The registration data that the document prints for WhatsApp. */
export const company = {
  company_name: 'Test Bus Company',
  contact_phone: phone,
  business_license: 'BL123456789',
  address: '123 Test Street, Test City',
  city: 'Mumbai',
  state: 'Maharashtra',
  country: 'India',
  postal_code: '400001',
}

/** The registration data that the document prints for e-mail. */
export const otherCompany = {
  ...company,
  contact_phone: '+919876543211',
  business_license: 'BL123456790',
  address: '456 Test Avenue, Test City',
  city: 'Delhi',
  state: 'Delhi',
  postal_code: '110001',
}

/** A body of the API: only what the tests look into has a type. */
export interface Envelope {
  readonly status: string
  readonly code: number
  readonly message?: string
  readonly errors?: readonly { readonly field: string; readonly message: string }[]
  readonly data?: unknown
  readonly meta: { readonly requestId: string; readonly timestamp: string }
}

export async function startApp(options: Partial<BackendParts> & { trustedProxies?: number } = {}) {
  const { trustedProxies = 0, ...parts } = options
  const clock = testClock()
  const deliveries = {
    whatsapp: capturedDelivery({ name: 'whatsapp', reaches: ['phone'] }),
    sms: capturedDelivery({ name: 'sms', reaches: ['phone'] }),
    email: capturedDelivery({ name: 'email', reaches: ['email'] }),
  }
  const logged: Readonly<Record<string, unknown>>[] = []
  const log = (entry: Readonly<Record<string, unknown>>) => logged.push(entry)
  const registration = createBackend({
    secret: 'a-secret-for-tests-only-0123456789abcdef',
    store: memoryStore({ clock: clock.now }),
    rateLimiter: memoryRateLimiter({ clock: clock.now }),
    deliveries,
    countries: ['IN', 'US'],
    operators: memoryOperators(),
    exposeCode: false,
    log,
    ...parts,
  })
  const server = createServer(createApp({ registration, log, trustedProxies }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no address')
  const url = `http://127.0.0.1:${address.port}`

  async function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = await response.text()
    const envelope: Envelope = JSON.parse(text)
    return { status: response.status, headers: response.headers, text, body: envelope }
  }

  const send = (body: object) =>
    post('/auth/send-otp', { purpose: 'operator_registration', ...body })
  const verify = (body: object) => post('/auth/verify-otp', { purpose: 'registration', ...body })
  const register = (body: object) => post('/operators/register', body)

  /** Sends a code, and reads it where the person would. */
  async function receive(to: typeof whatsapp | typeof mail, purpose = 'operator_registration') {
    const sent = await send({ ...to, purpose })
    if (sent.status !== 200) throw new Error(`not sent: ${sent.text}`)
    return deliveries[to.contact_type].lastCode(to.contact)
  }

  return { url, clock, deliveries, logged, post, send, verify, register, receive }
}

/** Another code than this one. */
export function wrong(code: string): string {
  return code === '000000' ? '000001' : '000000'
}

/** A store that fails from now on, quoting what it was asked to keep. */
export function failingStore() {
  const fail = async (given: NewChallenge | string): Promise<never> => {
    throw new Error(`connection lost at ${phone}, ${email}: ${JSON.stringify(given)}`)
  }
  return { put: fail, get: fail, attempt: fail, delete: fail }
}

/** A limiter that fails from now on. */
export function failingRateLimiter() {
  const fail = async (given: readonly Limit[] | readonly string[]): Promise<never> => {
    throw new Error(`connection lost with ${given.length} keys`)
  }
  return { take: fail, refund: fail, clear: fail }
}
