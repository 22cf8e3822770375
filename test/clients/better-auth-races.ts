import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { phoneNumber } from 'better-auth/plugins'
import { OtpManager } from 'otpkit'
import { migrate, postgres } from 'otpkit/databases/postgres'
import { capturedDelivery } from 'otpkit/testing'
import pg from 'pg'
import { together } from '../../src/testing/conformance'
import { withOtp } from './better-auth'

/** What came of one race. */
export interface Outcome {
  /** Sessions that were opened. */
  readonly sessions: number
  /** Messages that were sent. */
  readonly messages: number
}

export interface Races {
  readonly 'right codes at once': Outcome
  /** For so many persons, a tenth of the count. */
  readonly 'a right code among two wrong ones': Outcome
  readonly 'one number asked for from as many addresses': Outcome
}

let addresses = 0
// better-auth's own limits are those of an address, and one process counts them for all of it.
function nextAddress(): string {
  addresses += 1
  return `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`
}

const base = 'http://localhost:3000'

/** Runs better-auth's races on PostgreSQL, with codes of its own or with those of otpkit. */
export async function race(url: string, count: number, kind: 'alone' | 'with otpkit') {
  const pool = new pg.Pool({ connectionString: url, max: 20 })
  pool.on('error', () => {})
  const sms = capturedDelivery({ reaches: ['phone'] })
  const email = capturedDelivery({ reaches: ['email'] })
  const otp = new OtpManager({
    secret: 'a-secret-for-tests-only-0123456789abcdef',
    database: postgres(pool),
    deliveries: { sms, email },
    countries: ['IN'],
    purposes: ['login', 'password_reset', 'second_factor'],
    namespace: crypto.randomUUID(),
  })
  await migrate(pool)
  const sent: string[] = []
  const alone = {
    plugins: [
      phoneNumber({
        sendOTP: ({ code }) => void sent.push(code),
        signUpOnVerification: { getTempEmail: (to: string) => `${to.slice(1)}@phone.invalid` },
      }),
    ],
  }
  const settings = {
    database: pool,
    baseURL: base,
    secret: 'a-secret-for-tests-only-0123456789abcdef',
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: true },
    advanced: { ipAddress: { ipAddressHeaders: ['x-real-ip'] } },
    ...(kind === 'alone' ? alone : withOtp(otp)),
  }
  const auth = betterAuth(settings)
  await (await getMigrations(settings)).runMigrations()

  const post = (path: string, body: object) =>
    auth.handler(
      new Request(`${base}/api/auth/phone-number/${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          origin: base,
          'x-real-ip': nextAddress(),
        },
        body: JSON.stringify(body),
      }),
    )
  const codes = () => (kind === 'alone' ? sent : sms.messages.map(({ code = '' }) => code))
  let asked = 0

  /** Asks for a code for a number of its own, then submits these at once. */
  async function submit(
    times: number,
    make: (code: string, index: number) => string,
  ): Promise<Outcome> {
    const to = `+91987654${String(3210 + asked++)}`
    await post('send-otp', { phoneNumber: to })
    const code = codes().at(-1) ?? ''
    const before = codes().length
    const answers = await together(times, (index) =>
      post('verify', { phoneNumber: to, code: make(code, index) }),
    )
    const sessions = answers.filter(({ status }) => status === 200).length
    return { sessions, messages: codes().length - before + 1 }
  }

  try {
    const right = await submit(count, (code) => code)
    const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
    const beside = { sessions: 0, messages: 0 }
    for (let person = 0; person < count / 10; person += 1) {
      const place = person % 3
      const one = await submit(3, (code, index) => (index === place ? code : wrong(code)))
      beside.sessions += one.sessions
      beside.messages += one.messages
    }
    const before = codes().length
    await together(count, () => post('send-otp', { phoneNumber: '+919876543999' }))
    const messages = codes().length - before
    return {
      'right codes at once': right,
      'a right code among two wrong ones': beside,
      'one number asked for from as many addresses': { sessions: 0, messages },
    } satisfies Races
  } finally {
    await pool.end()
  }
}

const isMain = process.argv[1]?.endsWith('better-auth-races.ts')
// npx tsx test/clients/better-auth-races.ts postgres://…/an_empty_database 200
if (isMain) {
  const [, , url = '', count = '200'] = process.argv
  for (const kind of ['alone', 'with otpkit'] as const) {
    console.log(kind, await race(url, Number(count), kind))
  }
}
