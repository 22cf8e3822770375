import { type EnvironmentChannel, fromEnvironment } from 'otpkit/from-environment'
import { describe, expect, it } from 'vitest'
import { clients, environmentOf, problemsOf, secret } from './case'
import { emailCases } from './email-cases'
import { phoneCases } from './phone-cases'

type Variables = Readonly<Record<string, string | undefined>>

const address = 'https://provider.canary.example'
const smtp = {
  OTP_SECRET: secret,
  EMAIL_FROM: 'otp@canary.example',
  SMTP_URL: 'smtps://otp:canary-smtp-password@smtp.acme.example',
}
const settings = {
  OTP_COUNTRIES: 'IN,BD',
  OTP_DEFAULT_COUNTRY: 'BD',
  APP_NAME: 'Canary Coaches',
  OTP_TTL_SECONDS: '240',
  OTP_EXPIRY_TIME: '240',
  OTP_EXPIRY_MINUTES: '4',
  OTP_LENGTH: '6',
  OTP_MAX_ATTEMPTS: '3',
}

/** A complete configuration, and what is required in it. */
interface Configuration {
  readonly channel: EnvironmentChannel
  readonly env: Variables
  readonly required: readonly string[]
  readonly malformed: Variables
}
const configurations: Readonly<Record<string, Configuration>> = {
  ...Object.fromEntries(
    Object.entries({ ...phoneCases, ...emailCases }).map(([name, tested]) => [
      name,
      {
        channel: tested.channel,
        env: environmentOf(tested, address),
        required: [...Object.keys(tested.required), 'OTP_SECRET'],
        malformed: { [tested.address]: 'http://provider.canary.example', ...tested.malformed },
      },
    ]),
  ),
  smtp: {
    channel: 'email',
    env: smtp,
    required: ['EMAIL_FROM', 'SMTP_URL'],
    malformed: { SMTP_URL: 'canary.acme.example:587' },
  },
  'the other name of the attempts': {
    channel: 'email',
    env: { ...smtp, MAX_ATTEMPTS: '3' },
    required: [],
    malformed: { MAX_ATTEMPTS: '0x3' },
  },
  settings: {
    channel: 'email',
    env: { ...smtp, ...settings },
    required: ['OTP_SECRET'],
    malformed: {
      OTP_SECRET: 'too-short-canary',
      OTP_COUNTRIES: 'IN,XX',
      OTP_DEFAULT_COUNTRY: 'Bangladesh',
      APP_NAME: 'Canary\u202e',
      OTP_TTL_SECONDS: '9999',
      OTP_EXPIRY_TIME: '5m',
      OTP_EXPIRY_MINUTES: '2.5',
      OTP_LENGTH: 'sixteen',
      OTP_MAX_ATTEMPTS: '-3',
    },
  },
}

describe.each(Object.entries(configurations))('%s', (_, { channel, env, required, malformed }) => {
  const names = Object.keys(env)

  it('is complete', () => {
    expect(fromEnvironment(env, { ...clients, channels: [channel] }).deliveries).toHaveProperty(
      channel,
    )
  })

  it.each(required)('without %s', (name) => {
    const { [name]: _, ...rest } = env
    const problem = problemsOf(rest, [channel]).find((line) => line.includes(name))
    expect(problem).toBeDefined()
    expect(problem).not.toContain('(empty)')
  })

  it.each(required)('with %s empty', (name) => {
    for (const nothing of ['', ' ', '\n']) {
      expect(problemsOf({ ...env, [name]: nothing }, [channel]).join('\n')).toContain(name)
    }
  })

  it.each(names)('with %s misspelt', (name) => {
    for (const misspelt of misspellings(name)) {
      const { [name]: value, ...rest } = env
      expect(problemsOf({ ...rest, [misspelt]: value }, [channel])).toContain(
        `${misspelt} is not known: did you mean ${name}?`,
      )
    }
  })

  it.each(names)('with white space around %s', (name) => {
    for (const value of [` ${env[name]}`, `${env[name]}\n`]) {
      expect(problemsOf({ ...env, [name]: value }, [channel])).toContain(
        `${name} must not begin or end with white space`,
      )
    }
  })

  // Of a file in double quotes some hosts make a line break of it, and some do not.
  it.each(names)('with a line break written out behind %s', (name) => {
    // These are no numbers with it.
    if (/^OTP_(LENGTH|\w+_(MINUTES|SECONDS))$/.test(name)) return
    for (const ending of ['\\n', '\\r\\n']) {
      expect(problemsOf({ ...env, [name]: env[name] + ending }, [channel])).toContain(
        `${name} must not end with a line break, written out or not`,
      )
    }
  })

  it.each(names.filter((name) => !['OTP_SECRET', 'MSG91_SENDER_ID'].includes(name)))(
    'with a control character in %s',
    (name) => {
      const value = `${env[name]?.slice(0, 2)}\u0007${env[name]?.slice(2)}`
      // A template needs no sender, so nothing looks at it.
      if (name === 'KAVENEGAR_SENDER' && env.KAVENEGAR_TEMPLATE !== undefined) return
      expect(problemsOf({ ...env, [name]: value }, [channel]).join('\n')).toContain(name)
    },
  )

  it.each(Object.entries(malformed))('with %s malformed', (name, value) => {
    const problems = problemsOf({ ...env, [name]: value }, [channel])
    expect(problems.join('\n')).toMatch(new RegExp(`^${name} must `, 'm'))
  })
})

/** The mistakes of fingers: a letter left out, doubled, swapped, an underscore lost, lower case. */
function misspellings(name: string): string[] {
  const at = Math.floor(name.length / 2)
  const swapped = [...name]
  const [first = '', second = ''] = swapped.splice(at, 2)
  return [
    name.slice(0, at) + name.slice(at + 1),
    `${name}S`,
    name.replace(/_(?=[^_]*$)/, ''),
    name.toLowerCase(),
    ...(first === second ? [] : [name.slice(0, at) + second + first + name.slice(at + 2)]),
  ]
}

describe('names that are nearly right', () => {
  const env = { OTP_SECRET: secret, EMAIL_FROM: 'otp@canary.example', RESEND_API_KEY: 're_canary' }

  it('belong to somebody else where the right one is set too', () => {
    expect(() => fromEnvironment({ ...env, RESEND_API_KEY_2: 'other', APP_NAM: '' })).not.toThrow()
  })

  it('are told apart from those of other software', () => {
    const others =
      'PATH HOME PORT HOST DEBUG APP_ENV APP_URL APP_KEY APP_HOST DB_NAME MAIL_FROM MAIL_FROM_NAME ' +
      'EMAIL_HOST EMAIL_PORT EMAIL_USER SMTP_HOST SMTP_PORT SMTP_USER SMTP_PASS SMTP_FROM ' +
      'SMTP_PROVIDER AWS_DEFAULT_REGION AWS_PROFILE AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME ' +
      'AWS_LAMBDA_FUNCTION_VERSION AWS_SECURITY_TOKEN AWS_ROLE_ARN TWILIO_EDGE TWILIO_REGION ' +
      'TWILIO_VERIFY_SID TWILIO_TEST_TOKEN OTP_ENABLED OTP_ISSUER OTP_TTL WA_API_VERSION ' +
      'WA_VERIFY_TOKEN WA_WEBHOOK_SECRET VONAGE_API_URL PLIVO_NUMBER REDIS_URL DATABASE_URL'
    const more = Object.fromEntries(others.split(' ').map((name) => [name, 'something']))
    expect(() => fromEnvironment({ ...process.env, ...env, ...more })).not.toThrow()
  })
})
