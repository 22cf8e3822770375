// For the tests beside it: the site on a clock that stands still, and Kavenegar as a local server.
import { memory } from 'otpkit/databases/memory'
import { memoryHistory } from 'otpkit/histories/memory'
import { testClock } from 'otpkit/testing'
import { onTestFinished } from 'vitest'
import {
  type ProviderBehaviour,
  startProviderServer,
} from '../../../test/deliveries/provider-server'
import { onFastify } from '../http/fastify'
import type { WebFramework } from '../http/site'
import { openDatabase } from '../setup/database'
import type { Environment } from '../setup/environment'
import { startSite } from '../testing/start-site'
import { readSettings } from './settings'
import { createSite, type PhoneLoginParts } from './site'
import { migrations, type Tables } from './tables'

/** The number of the document. */
export const phone = '+989123456789'
export const secret = 'a-secret-for-tests-only-0123456789abcdef'
export const adminToken = 'an-admin-token-for-tests-0123456789abcdef'
export const apiKey = 'kavenegar-key-for-tests'

/** What Kavenegar answers when it takes a message. */
export const accepted: ProviderBehaviour = {
  json: {
    return: { status: 200, message: 'تایید شد' },
    entries: [{ messageid: 8792343, status: 5, receptor: '09123456789' }],
  },
}

/** What it answers when it does not. */
export const refused = (status: number): ProviderBehaviour => ({
  status: 400,
  json: { return: { status, message: 'خطا' }, entries: null },
})

/** Kavenegar as far as these tests need it. */
export async function startKavenegar() {
  const server = await startProviderServer()
  onTestFinished(() => server.close())
  server.behave(accepted)
  const forms = () =>
    server.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
  return {
    ...server,
    /** What was sent, oldest first. */
    forms,
    /** The code of the newest message. */
    lastCode: () => /\d{6,}$/.exec(forms().at(-1)?.message ?? '')?.[0] ?? '',
  }
}

export interface StartOptions {
  readonly framework?: WebFramework
  readonly environment?: Environment
  readonly parts?: Partial<PhoneLoginParts>
}

export async function startPhoneLogin(options: StartOptions = {}) {
  const { framework = onFastify, environment = {}, parts = {} } = options
  const kavenegar = await startKavenegar()
  const clock = testClock()
  const settings = readSettings({
    NODE_ENV: 'test',
    OTP_SECRET: secret,
    ADMIN_TOKEN: adminToken,
    KAVENEGAR_API_KEY: apiKey,
    KAVENEGAR_SENDER: '10008663',
    KAVENEGAR_BASE_URL: kavenegar.url,
    ...environment,
  })
  const place = { name: 'SQLite', file: ':memory:' } as const
  const database = await openDatabase<Tables>(place, 'phone_login', migrations, () => {})
  onTestFinished(() => database.destroy())
  const logged: Readonly<Record<string, unknown>>[] = []
  const site = createSite({
    otp: settings.otp,
    guard: settings.guard,
    codes: memory({ clock: clock.now }),
    database,
    history: memoryHistory(),
    receipts: settings.receipts,
    adminToken: settings.adminToken,
    metricsToken: settings.metricsToken,
    trustedProxies: settings.trustedProxies,
    log: (entry) => logged.push(entry),
    now: clock.now,
    ...parts,
  })
  const api = await startSite(framework, site)

  const send = (phone_number: unknown = phone, headers: Readonly<Record<string, string>> = {}) =>
    api.post('/api/v1/usr/otp', { phone_number }, headers)
  const verify = (code: unknown, phone_number: unknown = phone) =>
    api.post('/api/v1/usr/otp/verify', { phone_number, code })

  return {
    ...api,
    kavenegar,
    clock,
    database,
    /** What was logged, beside one line for each request. */
    problems: () => logged.filter(({ level }) => level !== 'info'),
    logged,
    send,
    verify,
    refresh: (refresh_token: unknown) => api.post('/api/v1/usr/token/refresh', { refresh_token }),
    logOut: (refresh_token: unknown) => api.post('/api/v1/usr/logout', { refresh_token }),
    me: (token: string) => api.get('/api/v1/usr/me', { Authorization: `Bearer ${token}` }),
    /** Proves the number, and answers with what a session begins with. */
    logIn: async (number = phone) => {
      await send(number)
      return tokensOf((await verify(kavenegar.lastCode(), number)).body)
    },
  }
}

export type PhoneLogin = Awaited<ReturnType<typeof startPhoneLogin>>

/** The tokens of an answer. */
export function tokensOf(body: unknown): { readonly access: string; readonly refresh: string } {
  const text = (name: string) => {
    const value: unknown = Object(body)[name]
    if (typeof value !== 'string') throw new Error(`no ${name} in the answer`)
    return value
  }
  return { access: text('access_token'), refresh: text('refresh_token') }
}

/** Another code than this one. */
export function wrong(code: string): string {
  return code === '000000' ? '000001' : '000000'
}
