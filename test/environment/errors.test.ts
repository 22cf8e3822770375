import { fromEnvironment } from 'otpkit/from-environment'
import { describe, expect, it } from 'vitest'
import { aws, clients, problemsOf, secret } from './case'

type Variables = Readonly<Record<string, string | undefined>>

const url = 'smtps://otp:canary-smtp-password@smtp.acme.example'
const smtp = { OTP_SECRET: secret, EMAIL_FROM: 'otp@acme.example', SMTP_URL: url }

describe('variables that contradict each other', () => {
  const twilio = {
    OTP_SECRET: secret,
    TWILIO_ACCOUNT_SID: 'ACcanary',
    TWILIO_AUTH_TOKEN: 'canary-token',
    TWILIO_PHONE_NUMBER: '+15017122661',
  }
  const kavenegar = { KAVENEGAR_API_KEY: 'canary-key' }
  const resend = { RESEND_API_KEY: 're_canary', EMAIL_FROM: 'otp@acme.example' }

  it.each<[Variables, string]>([
    [
      { OTP_TTL_SECONDS: '120', OTP_EXPIRY_TIME: '121' },
      'OTP_TTL_SECONDS and OTP_EXPIRY_TIME say different times: set one of them',
    ],
    [
      { OTP_EXPIRY_TIME: '300', OTP_EXPIRY_MINUTES: '6' },
      'OTP_EXPIRY_TIME and OTP_EXPIRY_MINUTES say different times: set one of them',
    ],
    [
      { OTP_MAX_ATTEMPTS: '3', MAX_ATTEMPTS: '5' },
      'OTP_MAX_ATTEMPTS and MAX_ATTEMPTS mean the same, but differ: set one of them',
    ],
    [
      { TWILIO_FROM_NUMBER: '+15017122662' },
      'TWILIO_FROM_NUMBER and TWILIO_PHONE_NUMBER mean the same, but differ: set one of them',
    ],
    [
      { TWILIO_MESSAGING_SERVICE_SID: 'MGcanary' },
      'TWILIO_PHONE_NUMBER or TWILIO_MESSAGING_SERVICE_SID is needed, and not both',
    ],
    [{ TWILIO_API_KEY: 'SKcanary' }, 'TWILIO_API_SECRET must be a non-empty string without spaces'],
    [{ TWILIO_API_SECRET: 'canary' }, 'TWILIO_API_KEY must be a non-empty string without spaces'],
    [
      { OTP_COUNTRIES: 'IN,BD', OTP_DEFAULT_COUNTRY: 'IR' },
      'OTP_DEFAULT_COUNTRY must be one of OTP_COUNTRIES',
    ],
    [
      kavenegar,
      'TWILIO_ACCOUNT_SID (twilio) and KAVENEGAR_API_KEY (kavenegar) are set: ' +
        'say in SMS_PROVIDER which provider to use',
    ],
    [
      { ...resend, SENDGRID_API_KEY: 'SG.canary' },
      'RESEND_API_KEY (resend) and SENDGRID_API_KEY (sendgrid) are set: ' +
        'say in EMAIL_PROVIDER which provider to use',
    ],
  ])('%j', (variables, problem) => {
    expect(problemsOf({ ...twilio, ...variables })).toEqual([problem])
  })

  it.each(['SMS_PROVIDER', 'WHATSAPP_PROVIDER', 'VOICE_PROVIDER', 'EMAIL_PROVIDER'])(
    '%s names a provider that does not exist',
    (selector) => {
      const problems = problemsOf({ ...twilio, [selector]: 'pigeon-post' })
      expect(problems).toEqual([expect.stringMatching(`^${selector} must be one of .*console$`)])
    },
  )

  it.each<[Variables, string]>([
    [{ SMS_PROVIDER: 'msg91', MSG91_AUTH_KEY: 'canary-key' }, 'msg91 needs MSG91_TEMPLATE_ID'],
    [{ MSG91_SENDER_ID: 'e-GO' }, 'msg91 needs MSG91_AUTH_KEY, MSG91_TEMPLATE_ID'],
    [
      { WA_API_TOKEN: 'canary-token', WA_TEMPLATE: '' },
      'cloud needs WA_PHONE_NUMBER_ID, WA_TEMPLATE (empty)',
    ],
    [{ KAVENEGAR_SENDER: '10008663' }, 'kavenegar needs KAVENEGAR_API_KEY'],
    [{ SMTP_URL: url }, 'smtp needs EMAIL_FROM'],
    [
      { TWILIO_ACCOUNT_SID: 'ACcanary' },
      'twilio needs TWILIO_AUTH_TOKEN or TWILIO_API_KEY, ' +
        'TWILIO_FROM_NUMBER or TWILIO_PHONE_NUMBER or TWILIO_MESSAGING_SERVICE_SID',
    ],
    [{ VOICE_PROVIDER: 'kavenegar' }, 'kavenegar needs KAVENEGAR_API_KEY'],
  ])('a provider that is configured by half: %j', (variables, problem) => {
    expect(problemsOf({ OTP_SECRET: secret, ...variables })).toEqual([problem])
  })

  it.each<Variables>([
    { POSTMARK_MESSAGE_STREAM: 'canary-stream' },
    { RESEND_BASE_URL: 'https://resend.canary.example' },
    { TELEGRAM_CALLBACK_URL: 'https://acme.example/hooks/telegram' },
    { WA_TEMPLATE_LANGUAGE: 'en' },
  ])('what only a provider reads that no channel has: %j', (variables) => {
    const [name] = Object.keys(variables)
    const problem = `${name} is set, but no channel has a provider that reads it`
    expect(problemsOf({ ...twilio, ...variables })).toEqual([problem])
    // Another provider's, which may be the next one, and what is none of this application's.
    const others = { VONAGE_CALLBACK_URL: 'https://acme.example/v', AWS_REGION: 'eu-west-1' }
    const env = { ...twilio, ...others, SMS_PROVIDER: 'twilio' }
    expect(() => fromEnvironment(env)).not.toThrow()
    expect(() => fromEnvironment({ ...twilio, ...variables }, { channels: ['sms'] })).not.toThrow()
  })

  it('a webhook that no channel names, where codes would be printed', () => {
    const env = {
      OTP_SECRET: secret,
      NODE_ENV: 'development',
      OTP_WEBHOOK_URL: 'https://a.example',
    }
    expect(problemsOf(env)).toEqual([
      'OTP_WEBHOOK_URL is set, but no channel has a provider that reads it',
    ])
  })

  it.each([
    ['OTP_CODE_LENGTH', 'OTP_LENGTH', '6'],
    ['OTP_TTL_MINUTES', 'OTP_TTL_SECONDS', '60'],
    ['OTP_EXPIRES_IN', 'OTP_TTL_SECONDS', '60'],
    ['OTP_ATTEMPTS', 'OTP_MAX_ATTEMPTS', '3'],
    ['OTP_COUNTRY', 'OTP_COUNTRIES', 'IN'],
    ['OTP_APP_NAME', 'APP_NAME', 'Acme'],
    ['otp_ttl_ms', 'OTP_TTL_SECONDS', '60'],
  ])('%s, which is %s elsewhere and would be its default in silence', (name, meant, value) => {
    const problem = `${name} is not known: did you mean ${meant}?`
    expect(problemsOf({ ...twilio, [name]: value })).toEqual([problem])
    const both = { ...twilio, [name]: value, [meant]: value }
    expect(() => fromEnvironment(both)).not.toThrow()
  })

  it.each(['OTP-LENGTH', 'OTP_LENGTH ', '\ufeffOTP_LENGTH', 'export OTP_LENGTH', 'otp.length'])(
    'a name that no shell would have: %j',
    (name) => {
      const problem = 'a name with other characters is not known: did you mean OTP_LENGTH?'
      expect(problemsOf({ ...twilio, [name]: '8' })).toEqual([problem])
    },
  )

  it.each([`\${OTP_SECRET}`, '{{ secret }}', '<token>', 'undefined', 'null'])(
    'what stands where a value is missing: %s',
    (value) => {
      const problem = 'TWILIO_AUTH_TOKEN must not be a placeholder'
      expect(problemsOf({ ...twilio, TWILIO_AUTH_TOKEN: value })).toEqual([problem])
    },
  )

  it('a sender of e-mail without a provider', () => {
    const [problem, ...others] = problemsOf({ ...twilio, EMAIL_FROM: 'otp@acme.example' })
    expect(problem).toMatch(/^EMAIL_FROM is set, but email has no provider: .*RESEND_API_KEY/)
    expect(others).toEqual([])
  })

  it('everything that is wrong is said at once', () => {
    const env = { SMS_PROVIDER: 'pigeon-post', OTP_LENGTH: '66', OTP_TTL_SECONDS: '', ...resend }
    expect(problemsOf({ ...env, EMAIL_FROM: 'nobody' })).toEqual([
      expect.stringContaining('OTP_SECRET'),
      expect.stringContaining('OTP_LENGTH'),
      expect.stringContaining('SMS_PROVIDER'),
      expect.stringContaining('EMAIL_FROM'),
    ])
  })
})

describe('what variables cannot hold', () => {
  const refuse = (value: unknown) => () => {
    throw new TypeError(`no client for ${JSON.stringify(value)}`)
  }

  it.each([
    ['is missing', {}, /^SMTP_URL needs the option createTransport/],
    ['throws', { createTransport: refuse(url) }, /^SMTP_URL was refused by createTransport$/],
    [
      'makes no transport',
      { createTransport: () => ({}) },
      /^otpkit: smtpEmail: option `transport` must be/,
    ],
  ])('createTransport %s', (_, makers, problem) => {
    expect(problemsOf(smtp, ['email'], makers)).toEqual([expect.stringMatching(problem)])
  })

  it.each([
    ['is missing', {}, /^AWS_ACCESS_KEY_ID needs the option createAwsSigner$/],
    ['throws', { createAwsSigner: refuse(aws) }, /^AWS_ACCESS_KEY_ID was refused by/],
    [
      'makes no signer',
      { createAwsSigner: () => ({}) },
      /^otpkit: snsSms: option `signer` must have a method sign/,
    ],
  ])('createAwsSigner %s', (_, makers, problem) => {
    const env = { OTP_SECRET: secret, SMS_PROVIDER: 'sns', ...aws }
    expect(problemsOf(env, ['sms'], makers)).toEqual([expect.stringMatching(problem)])
  })

  it.each([
    'smtp.acme.example:587',
    'https://otp:canary-smtp-password@smtp.acme.example',
    'smtp://otp:canary#password@smtp.acme.example',
    'smtp://',
    'smtp://otp:canary-smtp-password@smtp.acme\r\n.example',
    'smtp://otp:canary-smtp\tpassword@smtp.acme.example',
    'direct://smtp.acme.example',
    `${url}?debug=true`,
    `${url}?logger=true`,
  ])('SMTP_URL=%s', (text) => {
    const problems = problemsOf({ ...smtp, SMTP_URL: text }, ['email'])
    expect(problems).toEqual([expect.stringMatching(/^SMTP_URL must /)])
  })

  it.each([undefined, null, 'OTP_LENGTH=6'])('no variables at all: %j', (env) => {
    expect(() => Reflect.apply(fromEnvironment, undefined, [env])).toThrow(
      'otpkit: fromEnvironment: option `env` must be the environment variables',
    )
  })

  it.each([
    [null, 'option `options` must be an object'],
    [{ channels: 'sms' }, 'option `channels` must be a list of sms, whatsapp'],
    [{ channel: ['sms'] }, 'option `channel` is not known: did you mean `channels`?'],
  ])('the options %j', (options, problem) => {
    expect(() => Reflect.apply(fromEnvironment, undefined, [{}, options])).toThrow(
      `otpkit: fromEnvironment: ${problem}`,
    )
  })

  it('a value that is no text, and a channel that does not exist', () => {
    const env = { ...smtp, OTP_LENGTH: 6 }
    const read = (...args: unknown[]) => Reflect.apply(fromEnvironment, undefined, args)
    expect(() => read(env, clients)).toThrow('OTP_LENGTH must be a text')
    expect(() => read(smtp, { ...clients, channels: ['fax'] })).toThrow(
      'otpkit: fromEnvironment: option `channels` must be a list of sms, ',
    )
  })
})
