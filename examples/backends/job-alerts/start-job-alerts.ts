// For the tests beside it: the backend with its providers, on a clock that stands still.
import { memory } from 'otpkit/databases/memory'
import { memoryHistory } from 'otpkit/histories/memory'
import { testClock } from 'otpkit/testing'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { WebFramework } from '../http/site'
import { backgroundWork } from '../setup/background-work'
import { type DatabasePlace, openDatabase } from '../setup/database'
import { startSite } from '../testing/start-site'
import { readOptions } from './app/settings'
import { createSite } from './app/site'
import { migrations, type Tables } from './app/tables'
import { providers, startMail, startTwilio } from './providers'

export const adminToken = 'an-administrators-token-for-tests-only-1234'
export const secret = 'a-secret-for-tests-only-0123456789abcdef'

/** The registration that the document prints, with a number that exists. */
export const john = {
  username: 'john_doe',
  mobile_number: '+12025550123',
  password: 'securepassword123',
  full_name: 'John Doe',
}

const registered = z.object({ user_id: z.number() })

export async function startJobAlerts(
  framework: WebFramework,
  place: DatabasePlace = { name: 'SQLite', file: ':memory:' },
) {
  const twilio = await startTwilio()
  const mail = await startMail()
  const environment = providers(twilio.url, mail.url)
  const clock = testClock()
  const logged: unknown[] = []
  const log = (entry: unknown) => logged.push(entry)
  const { background, settled } = backgroundWork()
  const database = await openDatabase<Tables>(place, 'job_alerts', migrations(place.name), log)
  onTestFinished(() => database.destroy())
  const site = createSite({
    options: readOptions(environment, { isDevelopment: false, secret, receipts: undefined }),
    codes: memory({ clock: clock.now }),
    background,
    database,
    history: memoryHistory(),
    adminToken,
    metricsToken: adminToken,
    log,
    trustedProxies: 1,
    now: () => new Date(clock.now()),
  })
  const http = await startSite(framework, site)

  /** Ends when what the request set off has ended too. */
  async function post(path: string, body: unknown, ip = '203.0.113.1') {
    const answer = await http.post(`/api/v1/auth/${path}`, body, { 'X-Forwarded-For': ip })
    await settled()
    return answer
  }

  /** Registers, and answers with the id and the code that came to the number. */
  async function register(registration: object = john) {
    const answer = await post('register', registration)
    if (answer.status !== 201) throw new Error(`not registered: ${answer.text}`)
    return { ...registered.parse(answer.body), otp: twilio.code() }
  }

  /** An account, verified by its number. */
  async function account(registration: Omit<typeof john, 'full_name'> = john) {
    const { user_id, otp } = await register(registration)
    const { mobile_number } = registration
    const verified = await post('verify', { mobile_number, otp })
    if (verified.status !== 200) throw new Error(`not verified: ${verified.text}`)
    // Long enough for another message to the number.
    clock.advance(30_000)
    return user_id
  }

  const login = (username: string, password: string) => post('login', { username, password })

  return { ...http, post, register, account, login, twilio, mail, clock, logged, database }
}

/** Another code than this one. */
export function wrong(code: string): string {
  return code === '000000' ? '000001' : '000000'
}

export const wrongCode = { detail: 'Invalid or expired OTP' }

export const usedCode = { detail: 'This code was used already. Go on, or ask for a new one' }

export const invalid = (field: string, message: string) => ({
  detail: 'Invalid request',
  errors: [{ field, message }],
})
