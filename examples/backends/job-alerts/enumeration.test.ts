import { expect, it } from 'vitest'
import { onExpress } from '../http/express'
import { john, startJobAlerts, wrong } from './start-job-alerts'

const { mobile_number } = john
const stranger = { username: 'stranger', mobile_number, password: 'password-of-a-stranger' }
const email = 'stranger@example.com'

type Started = Awaited<ReturnType<typeof startJobAlerts>>

/** What somebody learns who asks about the number, beside the id, which is new each time. */
async function asked({ post, clock }: Started, requests: readonly (readonly [string, object])[]) {
  const answers = []
  for (const [path, body] of requests) {
    const { status, headers, text } = await post(path, body, `203.0.113.${answers.length}`)
    answers.push({
      request: path,
      status,
      retryAfter: headers.get('Retry-After'),
      text: text.replace(/"user_id":\d+/, '"user_id":0'),
    })
    clock.advance(30_000)
  }
  return answers
}

/** Whether the number is an account's makes no difference to any of these. */
async function compare(requests: readonly (readonly [string, object])[]) {
  const without = await startJobAlerts(onExpress)
  const withAccount = await startJobAlerts(onExpress)
  await withAccount.account()
  // The verification was a message to the number, which the limits count for a day.
  await without.account({ ...john, mobile_number: '+12025550199' })
  for (const { clock } of [without, withAccount]) clock.advance(24 * 60 * 60_000)
  const unknown = await asked(without, requests)
  const known = await asked(withAccount, requests)
  expect(known).toEqual(unknown)
  return { known, twilio: withAccount.twilio, mail: withAccount.mail, without }
}

// A guess that is right once in a million.
const guess = (body: object) => ['verify', { ...body, otp: wrong('000001') }] as const

it('a registration of a number answers alike, whether it is an account’s or nobody’s', async () => {
  const guesses = Array.from({ length: 4 }, () => guess({ mobile_number }))
  const { known, twilio } = await compare([
    ['register', stranger],
    ...guesses,
    ['login', { username: stranger.username, password: stranger.password }],
    ['login', { mobile_number, password: stranger.password }],
    ['resend-otp', { mobile_number }],
    ...guesses,
    ['resend-otp', { mobile_number, channel: 'voice' }],
    // The guesses have grown into narrower limits, and these too are the same.
    ...Array.from({ length: 4 }, () => ['resend-otp', { mobile_number }] as const),
    ['register', stranger],
  ])
  expect(known.map(({ status }) => status)).toContain(429)
  // One to verify the account, and none since.
  expect(twilio.messages()).toHaveLength(1)
})

it('a request for another code answers alike for an account and for nobody', async () => {
  const guesses = Array.from({ length: 3 }, () => guess({ mobile_number }))
  const resend = ['resend-otp', { mobile_number }] as const
  // With five failures the limits of a number grow narrower, which guesses at nobody must not do.
  const { known, twilio } = await compare([
    resend,
    ...guesses,
    resend,
    ...guesses,
    ...Array.from({ length: 6 }, () => resend),
  ])
  expect(known[0]?.status).toBe(200)
  expect(known.map(({ status }) => status)).toContain(429)
  expect(twilio.messages()).toHaveLength(1)
})

it('a request for an e-mail answers alike for an account and for nobody', async () => {
  const { known, mail } = await compare([
    ['resend-otp', { mobile_number, channel: 'email' }],
    ['resend-otp', { mobile_number, channel: 'email' }],
    guess({ email }),
    ['resend-otp', { mobile_number }],
  ])
  expect(known.map(({ status }) => status)).toEqual([200, 200, 400, 200])
  expect(mail.mails).toEqual([])
})

it('a registration with an address answers alike, and may verify the address', async () => {
  const { without } = await compare([
    ['register', { ...stranger, email }],
    ['resend-otp', { mobile_number, channel: 'email' }],
    guess({ email }),
    guess({ mobile_number }),
  ])
  expect(without.mail.mails).toHaveLength(1)
})

it('a login answers alike for a wrong password and for nobody', async () => {
  const { known } = await compare([
    ['login', { mobile_number, password: stranger.password }],
    ...Array.from({ length: 10 }, () => {
      return ['login', { mobile_number, password: stranger.password }] as const
    }),
  ])
  expect(known.at(-1)?.status).toBe(429)
})

it('a request for an e-mail answers alike for who waits and for nobody', async () => {
  const { post, register, clock, mail } = await startJobAlerts(onExpress)
  await register({ ...stranger, email })
  clock.advance(30_000)
  const nobody = '+12025550199'
  const answers = []
  for (const mobile_number of [stranger.mobile_number, nobody]) {
    for (const channel of ['sms', 'email', 'email']) {
      const { status, body } = await post('resend-otp', { mobile_number, channel }, mobile_number)
      answers.push([status, { ...Object(body), mobile_number: '' }])
    }
  }
  expect(answers.slice(0, 3)).toEqual(answers.slice(3))
  expect(answers.map(([status]) => status)).toEqual([200, 200, 429, 200, 200, 429])
  expect(mail.mails).toHaveLength(1)
})

it('guesses at nobody are limited like guesses at a registration', async () => {
  const { post } = await startJobAlerts(onExpress)
  const statuses = []
  for (let attempt = 0; attempt < 31; attempt += 1) {
    statuses.push((await post(...guess({ mobile_number }))).status)
  }
  expect(statuses).toEqual([...Array.from({ length: 30 }, () => 400), 429])
})
