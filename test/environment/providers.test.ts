import { fromEnvironment } from 'otpkit/from-environment'
import { describe, expect, it } from 'vitest'
import { failureOf, testMessage, useProviderServer } from '../deliveries/delivery-suite'
import { emailMessage } from '../deliveries/samples'
import { smtpPassword, startSmtpServer } from '../deliveries/smtp-provider'
import { freePort } from '../servers/process'
import { clients, environmentOf, secret } from './case'
import { emailCases } from './email-cases'
import { phoneCases } from './phone-cases'

const server = useProviderServer()

describe('the variables of', () => {
  it.each(Object.entries({ ...phoneCases, ...emailCases }))(
    '%s arrive at the provider',
    async (_, tested) => {
      const { channel, answer, check } = tested
      server().behave(answer)
      const { deliveries } = fromEnvironment(environmentOf(tested, server().url), clients)
      expect(Object.keys(deliveries)).toContain(channel)
      const message = channel === 'email' ? emailMessage() : testMessage({ channel })
      const before = server().requests.length
      await deliveries[channel].deliver(message)
      expect(server().requests.length).toBe(before + 1)
      check(server().lastRequest())
    },
  )
})

describe('WA_API_URL', () => {
  const tested = phoneCases.cloud
  if (tested === undefined) throw new Error('cloud is tested')

  it.each([
    ['/v23.0', '/v23.0/106540352242922/messages'],
    ['/v23.0/', '/v23.0/106540352242922/messages'],
    ['/', '/v22.0/106540352242922/messages'],
    ['/through/a/proxy/v23.0', '/through/a/proxy/v23.0/106540352242922/messages'],
  ])('with the path %s posts to %s', async (path, expected) => {
    server().behave(tested.answer)
    const env = environmentOf(tested, `${server().url}${path}`)
    await fromEnvironment(env).deliveries.whatsapp.deliver(testMessage({ channel: 'whatsapp' }))
    expect(server().lastRequest().path).toBe(expected)
  })

  it.each(['/22.0', '/v22', '/v22.0/messages', '/v22.0?debug=all'])(
    'with the path %s is refused',
    (path) => {
      const env = environmentOf(tested, `https://graph.facebook.com${path}`)
      expect(() => fromEnvironment(env)).toThrow('WA_API_URL must end in a version such as /v22.0')
    },
  )

  it('is not needed, and neither is the language of the template', async () => {
    server().behave(tested.answer)
    const { WA_TEMPLATE_LANGUAGE: _, ...env } = environmentOf(tested, server().url)
    await fromEnvironment(env).deliveries.whatsapp.deliver(testMessage({ channel: 'whatsapp' }))
    const { template } = JSON.parse(server().lastRequest().body)
    expect(template.language).toEqual({ code: 'en_US' })
    expect(() => fromEnvironment({ ...env, WA_API_URL: '' })).not.toThrow()
  })
})

describe('SMTP_URL', () => {
  const env = { OTP_SECRET: secret, EMAIL_FROM: 'Acme <otp@acme.example>' }
  /** The URL as nodemailer gets it. */
  const completed = (url: string) => {
    const urls: string[] = []
    const createTransport = (given: string) => {
      urls.push(given)
      return clients.createTransport(given)
    }
    fromEnvironment({ ...env, SMTP_URL: url }, { createTransport })
    return new URL(urls[0] ?? '')
  }

  it('sends mail through the server, as the user in it', async () => {
    const signedIn: unknown[] = []
    const smtp = await startSmtpServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _, callback) {
        signedIn.push([username, password])
        callback(null, { user: username })
      },
    })
    const url = `smtp://otp%40acme:${smtpPassword}%2F1@127.0.0.1:${smtp.port}?ignoreTLS=true`
    const { deliveries } = fromEnvironment({ ...env, SMTP_URL: url }, clients)
    await deliveries.email.deliver(emailMessage())
    expect(signedIn).toEqual([['otp@acme', `${smtpPassword}/1`]])
    expect(smtp.commands).toContain('MAIL FROM:<otp@acme.example>')
    expect(smtp.mails[0]).toContain('047382')
    await smtp.close()
  })

  it('S76 never sends the password to a server without TLS unless it says so', async () => {
    const smtp = await startSmtpServer()
    const url = `smtp://otp:${smtpPassword}@127.0.0.1:${smtp.port}`
    const { deliveries } = fromEnvironment({ ...env, SMTP_URL: url }, clients)
    const error = await failureOf(deliveries.email, emailMessage())
    expect(error).toMatchObject({ kind: 'misconfigured', sent: 'no' })
    expect(smtp.commands.filter((command) => command.startsWith('AUTH'))).toEqual([])
    await smtp.close()
  })

  it('gets short timeouts, unless it has its own', () => {
    const { searchParams } = completed('smtps://smtp.acme.example:465?socketTimeout=3000&pool=true')
    expect(Object.fromEntries(searchParams)).toEqual({
      pool: 'true',
      connectionTimeout: '5000',
      greetingTimeout: '5000',
      socketTimeout: '3000',
    })
  })

  it.each([
    ['smtp://otp:a@smtp.acme.example:587', 'true'],
    ['smtp://otp:a@smtp.acme.example:587?requireTLS=false', 'false'],
    ['smtp://otp:a@smtp.acme.example:587?ignoreTLS=true', null],
    ['smtps://otp:a@smtp.acme.example', null],
    ['smtp://mailpit:1025', null],
  ])('%s requires TLS: %s', (url, requireTLS) => {
    expect(completed(url).searchParams.get('requireTLS')).toBe(requireTLS)
  })

  it('that nobody listens at fails like any other', async () => {
    const url = `smtp://127.0.0.1:${await freePort()}`
    const { deliveries } = fromEnvironment({ ...env, SMTP_URL: url }, clients)
    const error = await failureOf(deliveries.email, emailMessage())
    expect(error).toMatchObject({ kind: 'unavailable', sent: 'no' })
  })
})
