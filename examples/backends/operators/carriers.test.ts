import { describe, expect, it, onTestFinished } from 'vitest'
import { startProviderServer } from '../../../test/deliveries/provider-server'
import { startSmtpServer } from '../../../test/deliveries/smtp-provider'
import { freePort } from '../../../test/servers/process'
import { readSettings } from './settings'
import { email, phone } from './start-backend'

const notice = {
  subject: 'Your account is active',
  text: 'Your registration was approved. You can sign in now.',
}
const toPhone = { ...notice, to: phone }
const toAddress = { ...notice, to: email }
const accountSid = 'AC00000000000000000000000000000001'
const EMAIL_FROM = 'Operators <notices@operators.example.com>'

/** Who carries notices in production, by these variables. */
const carriersBy = (environment: Readonly<Record<string, string>>) =>
  readSettings({
    NODE_ENV: 'production',
    OTP_SECRET: 'kq3Zr8vW1xT6mB9nC2yL5pF7hJ4dG0sA',
    ADMIN_TOKEN: 'Vb7Xc2Nm5Qw8Er1Ty4Ui9Op3As6Df0Gh',
    ...environment,
  }).carriers

async function startProvider() {
  const server = await startProviderServer()
  onTestFinished(() => server.close())
  server.behave({ status: 201, json: {} })
  const { sms, whatsapp } = carriersBy({
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: 'token',
    TWILIO_FROM_NUMBER: '+15017122661',
    TWILIO_BASE_URL: server.url,
    WA_API_URL: `${server.url}/v22.0`,
    WA_API_TOKEN: 'EAAGtoken',
    WA_PHONE_NUMBER_ID: '106540352242922',
    WA_TEMPLATE: 'verification_code',
    WA_NOTICE_TEMPLATE: 'operator_notice',
  })
  if (sms === undefined || whatsapp === undefined) throw new Error('there are no carriers')
  return { server, sms, whatsapp }
}

async function startMail(options?: Parameters<typeof startSmtpServer>[0], user = '') {
  const smtp = await startSmtpServer(options)
  onTestFinished(() => smtp.close())
  const SMTP_URL = `smtp://${user}127.0.0.1:${smtp.port}`
  const { email: carry } = carriersBy({ SMTP_URL, EMAIL_FROM })
  if (carry === undefined) throw new Error('there is no carrier')
  return { smtp, carry }
}

describe('a notice', () => {
  it('goes out over Twilio as text', async () => {
    const { server, sms } = await startProvider()
    await sms(toPhone)
    const { method, path, headers, body } = server.lastRequest()
    expect([method, path]).toEqual(['POST', `/2010-04-01/Accounts/${accountSid}/Messages.json`])
    expect(headers.authorization).toBe(
      `Basic ${Buffer.from(`${accountSid}:token`).toString('base64')}`,
    )
    expect(headers['content-type']).toContain('application/x-www-form-urlencoded')
    const form = Object.fromEntries(new URLSearchParams(body))
    expect(form).toEqual({ To: phone, From: '+15017122661', Body: notice.text })
  })

  it('goes out over WhatsApp in its template', async () => {
    const { server, whatsapp } = await startProvider()
    await whatsapp(toPhone)
    const { method, path, headers, body } = server.lastRequest()
    expect([method, path]).toEqual(['POST', '/v22.0/106540352242922/messages'])
    expect(headers).toMatchObject({
      authorization: 'Bearer EAAGtoken',
      'content-type': 'application/json',
    })
    const { to, template } = JSON.parse(body)
    expect([to, template.name]).toEqual([phone.slice(1), 'operator_notice'])
    const [{ parameters }] = template.components
    expect(parameters).toEqual([{ type: 'text', text: notice.text }])
  })

  it('goes out by mail, to one address', async () => {
    const { smtp, carry } = await startMail()
    await carry(toAddress)
    expect(smtp.commands.filter((command) => command.startsWith('RCPT'))).toEqual([
      `RCPT TO:<${email}>`,
    ])
    expect(smtp.mails[0]).toContain(`From: ${EMAIL_FROM}`)
    expect(smtp.mails[0]).toContain(`Subject: ${notice.subject}`)
    expect(smtp.mails[0]).toContain('You can sign in now.')
  })

  it('S76 gives no password to a mail server without TLS', async () => {
    const options = {
      allowInsecureAuth: true,
      onAuth: (_auth: unknown, _session: unknown, done: (error: null, answer: object) => void) =>
        done(null, { user: 'otp' }),
    }
    const { smtp, carry } = await startMail(options, 'otp:pa55word@')
    await expect(carry(toAddress)).rejects.toThrow()
    expect(smtp.commands.join('\n')).not.toContain('AUTH')
    expect(smtp.mails).toEqual([])
  })

  it.each(['sms', 'whatsapp'] as const)(
    'S75 that %s refuses is an error without a word of it',
    async (name) => {
      const { server, ...carriers } = await startProvider()
      server.behave({ status: 400, json: { message: `${phone} is not reachable` } })
      const refusal = await carriers[name](toPhone).then(String, String)
      expect(refusal).toBe('Error: the provider answered with status 400')
    },
  )

  it.each(['sms', 'whatsapp'] as const)('S76 follows no redirect: %s', async (name) => {
    const { server, ...carriers } = await startProvider()
    server.behave({ status: 307, headers: { location: '/elsewhere' } })
    await expect(carriers[name](toPhone)).rejects.toThrow()
    expect(server.requests).toHaveLength(1)
  })

  it('that no server takes is an error', async () => {
    const SMTP_URL = `smtp://127.0.0.1:${await freePort()}`
    const { email: carry } = carriersBy({ SMTP_URL, EMAIL_FROM })
    await expect(carry?.(toAddress)).rejects.toThrow('ECONNREFUSED')
  })
})
