// For the tests beside it: the backend in one of its two modes, on a clock that stands still.
import { memory } from 'otpkit/databases/memory'
import { memoryHistory } from 'otpkit/histories/memory'
import { testClock } from 'otpkit/testing'
import { onTestFinished } from 'vitest'
import { startProviderServer } from '../../../test/deliveries/provider-server'
import type { WebFramework } from '../http/site'
import { startSite } from '../testing/start-site'
import { readSettings } from './app/settings'
import { createSite } from './app/site'

/** The number that the document prints, and the one that it means: see README.md. */
export const phone = '+801719159900'
export const wholePhone = '+8801719159900'

export const adminToken = 'an-administrators-token-for-tests-only-1234'

/** What production needs, with Twilio at this address. */
export const production = (twilioUrl: string, redisUrl: string) => ({
  NODE_ENV: 'production',
  OTP_SECRET: 'a-secret-for-tests-only-0123456789abcdef',
  ADMIN_TOKEN: adminToken,
  REDIS_URL: redisUrl,
  TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000001',
  TWILIO_AUTH_TOKEN: 'token-for-tests',
  TWILIO_PHONE_NUMBER: '+15017122661',
  TWILIO_BASE_URL: twilioUrl,
})

/** A Twilio that takes every message. */
export async function startTwilio() {
  const server = await startProviderServer()
  onTestFinished(() => server.close())
  const accepts = { status: 201, json: { sid: 'SM1', error_code: null } }
  server.behave(accepts)
  const messages = () => server.requests.map(({ body }) => new URLSearchParams(body))
  return {
    ...server,
    accepts,
    messages,
    /** The code in the newest message, as its recipient reads it. */
    code: () => {
      const [code] = /\d{6,8}/.exec(messages().at(-1)?.get('Body') ?? '') ?? []
      if (code === undefined) throw new Error('there is no message with a code')
      return code
    },
  }
}

/** Sends by Twilio and shows no code, on this clock; or is in development, and shows it. */
export async function startHub(framework: WebFramework, mode: 'development' | 'production') {
  const twilio = await startTwilio()
  const clock = testClock()
  const logged: unknown[] = []
  // Nothing listens there: the codes of this site are in memory, for its clock.
  const environment = production(twilio.url, 'redis://127.0.0.1:1')
  const { options } = readSettings({
    ...environment,
    ...(mode === 'development' && { NODE_ENV: mode }),
  })
  const site = createSite({
    options,
    database: memory({ clock: clock.now }),
    history: memoryHistory({ clock: clock.now }),
    adminToken,
    metricsToken: adminToken,
    exposeCode: mode === 'development',
    log: (entry) => logged.push(entry),
    trustedProxies: 1,
  })
  const http = await startSite(framework, site)
  const post = (path: string, body: unknown, ip = '203.0.113.1') =>
    http.post(`/api/users/${path}/`, body, { 'X-Forwarded-For': ip })
  return { ...http, post, clock, logged, twilio }
}

/** Another code than this one. */
export function wrong(code: string): string {
  return code === '000000' ? '000001' : '000000'
}
