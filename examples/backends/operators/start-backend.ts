// For the tests beside it: the whole backend on a web framework, on a clock that stands still.
import { join } from 'node:path'
import type { History } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { memoryHistory } from 'otpkit/histories/memory'
import type { CreateReceiptsOptions } from 'otpkit/receipts'
import { capturedDelivery, type TestClock, testClock } from 'otpkit/testing'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { WebFramework } from '../http/site'
import { type DatabasePlace, openDatabase } from '../setup/database'
import { startSite } from '../testing/start-site'
import { temporaryFolder } from '../testing/temporary-folder'
import { type BackendParts, createBackend } from './backend'
import type { Notice } from './notifier'
import { migrations, type Tables } from './tables'

export const adminToken = 'an-administrators-token-for-tests-only-1234'
export const metricsToken = 'a-token-for-metrics-for-tests-only-12345678'
export const phone = '+919876543210'
export const email = 'test@example.com'
/** Where a code goes. */
export interface Contact {
  readonly contact: string
  readonly contact_type: 'whatsapp' | 'sms' | 'email'
}
export const whatsapp: Contact = { contact: phone, contact_type: 'whatsapp' }
export const mail: Contact = { contact: email, contact_type: 'email' }

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

/** The least that the first document registers with. */
export const user = {
  username: 'ravi',
  password: 'a long password',
  company_name: 'Ravi Bus Lines',
}

export interface StartOptions {
  readonly otp?: Partial<BackendParts['otp']>
  readonly place?: DatabasePlace
  /** Two backends may share one. */
  readonly clock?: TestClock
  readonly history?: History
  readonly receipts?: CreateReceiptsOptions
  readonly trustedProxies?: number
  readonly secureCookies?: boolean
  /** Limits of so many are narrowed, for tests that come to them by hashes of passwords. */
  readonly narrow?: { readonly from: number; readonly to: number }
}

export type Backend = Awaited<ReturnType<typeof startBackend>>

export async function startBackend(framework: WebFramework, options: StartOptions = {}) {
  const { place = { name: 'SQLite', file: ':memory:' }, trustedProxies = 0 } = options
  const { clock = testClock(Date.UTC(2026, 0, 1)) } = options
  const now = () => new Date(clock.now())
  const codes = memory({ clock: clock.now })
  const narrowed = (max: number) => (max === options.narrow?.from ? options.narrow.to : max)
  const deliveries = {
    whatsapp: capturedDelivery({ name: 'whatsapp', reaches: ['phone'] }),
    sms: capturedDelivery({ name: 'sms', reaches: ['phone'] }),
    voice: capturedDelivery({ name: 'voice', reaches: ['phone'] }),
    email: capturedDelivery({ name: 'email', reaches: ['email'] }),
  }
  const notices: (Notice & { readonly channel: string })[] = []
  const carrier = (channel: string) => async (notice: Notice) => {
    notices.push({ channel, ...notice })
  }
  const logged: Readonly<Record<string, unknown>>[] = []
  const log = (entry: Readonly<Record<string, unknown>>) => logged.push(entry)
  const folder = temporaryFolder()
  const database = await openDatabase<Tables>(place, 'operators', migrations(place.name), log)
  const history = options.history ?? memoryHistory({ clock: clock.now })
  const backend = createBackend({
    otp: {
      secret: 'a-secret-for-tests-only-0123456789abcdef',
      database: {
        ...codes,
        take: (limits) =>
          codes.take(limits.map((limit) => ({ ...limit, max: narrowed(limit.max) }))),
      },
      deliveries,
      countries: ['IN', 'US'],
      clock: clock.now,
      ...options.otp,
    },
    database,
    history,
    receipts: options.receipts,
    documentsFolder: join(folder, 'documents'),
    carriers: { whatsapp: carrier('whatsapp'), sms: carrier('sms'), email: carrier('email') },
    adminToken,
    metricsToken,
    secureCookies: options.secureCookies ?? false,
    trustedProxies,
    log,
    now,
  })
  const site = await startSite(framework, backend)
  onTestFinished(() => database.destroy())

  const send = (body: object) =>
    site.post('/auth/send-otp', { purpose: 'operator_registration', ...body })

  /** Sends a code, and reads it where the person would. */
  async function receive(to: Contact, purpose = 'operator_registration') {
    const sent = await send({ ...to, purpose })
    if (sent.status !== 200) throw new Error(`not sent: ${sent.text}`)
    await backend.settled()
    return deliveries[to.contact_type].lastCode(to.contact)
  }

  const register = (body: object) => site.post('/operators/register', body)

  /** Registers as the document does, and answers with the id and the temporary password. */
  async function registered(to: Contact = whatsapp, data: object = company) {
    const answer = await register({ ...to, otp: await receive(to), registration_data: data })
    if (answer.status !== 201) throw new Error(`not registered: ${answer.text}`)
    return registeredBody.parse(answer.body).data
  }

  /** Registers with a password as the first document does, and answers with the id and a session. */
  async function registeredUser(data: object = {}) {
    const answer = await site.post('/api/users/register-operator/', { ...user, ...data })
    if (answer.status !== 201) throw new Error(`not registered: ${answer.text}`)
    const { access, operator } = userBody.parse(answer.body)
    return { id: operator.id, session: { Authorization: `Bearer ${access}` } }
  }

  /** A session of whoever has this contact. */
  async function signedIn(to: Contact = whatsapp) {
    clock.advance(30_000)
    const answer = await site.post('/auth/login', { ...to, otp: await receive(to, 'login') })
    if (answer.status !== 200) throw new Error(`not signed in: ${answer.text}`)
    return { Authorization: `Bearer ${tokenBody.parse(answer.body).data.access_token}` }
  }

  return {
    ...site,
    clock,
    database,
    deliveries,
    documentsFolder: join(folder, 'documents'),
    logged,
    history,
    /** What somebody should look at: all but a line for each request. */
    alarms: () => logged.filter(({ level }) => level !== 'info'),
    notices,
    settled: backend.settled,
    send,
    verify: (body: object) => site.post('/auth/verify-otp', { purpose: 'registration', ...body }),
    register,
    receive,
    registered,
    registeredUser,
    signedIn,
  }
}

const registeredBody = z.object({
  data: z.object({
    operator: z.object({ id: z.number() }),
    login_credentials: z.object({ email: z.string(), temporary_password: z.string() }),
  }),
})
const userBody = z.object({ access: z.string(), operator: z.object({ id: z.number() }) })
const tokenBody = z.object({ data: z.object({ access_token: z.string() }) })

export const asAdmin = { Authorization: `Bearer ${adminToken}` }

/** What a code gets that was used less than a minute ago. */
export const usedCode = {
  status: 'error',
  code: 409,
  message: 'This code was used already. Go on, or ask for a new one',
  detail: 'This code was used already. Go on, or ask for a new one',
}

/** What anybody gets for a code that is wrong, used up, expired or another's. */
export const invalidCode = {
  status: 'error',
  code: 400,
  message: 'Invalid or expired OTP',
  detail: 'Invalid or expired OTP',
}

/** Another code than this one. */
export function wrong(code: string): string {
  return code === '000000' ? '000001' : '000000'
}
