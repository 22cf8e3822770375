import { randomBytes } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startProviderServer } from '../../../test/deliveries/provider-server'
import { startSmtpServer } from '../../../test/deliveries/smtp-provider'
import { eventually } from '../../../test/servers/process'
import { redisUrl } from '../../../test/servers/shared'
import { ownPostgres } from '../testing/own-postgres'
import { runProcess } from '../testing/start-process'
import { temporaryFolder } from '../testing/temporary-folder'
import {
  adminToken,
  asAdmin,
  company,
  email,
  mail,
  otherCompany,
  phone,
  whatsapp,
} from './start-backend'

/** A WhatsApp that takes every message. */
async function startWhatsapp() {
  const server = await startProviderServer()
  onTestFinished(() => server.close())
  server.behave({
    json: {
      messaging_product: 'whatsapp',
      contacts: [{ input: phone, wa_id: phone.slice(1) }],
      messages: [{ id: 'wamid.1', message_status: 'accepted' }],
    },
  })
  return server
}

async function startMail() {
  const server = await startSmtpServer()
  onTestFinished(() => server.close())
  return server
}

/** The code in what a provider was handed: in the template's parameter, or in the text. */
function codeIn(message: string | undefined): string {
  const [code] = /(?<="text":")\d{6}(?=")|\b\d{6}(?= is your)/.exec(message ?? '') ?? []
  if (code === undefined) throw new Error(`there is no code in: ${message}`)
  return code
}

/** What every start in production has, with its mail at this port. */
const production = (smtpPort: number) => ({
  NODE_ENV: 'production',
  OTP_SECRET: randomBytes(32).toString('base64'),
  ADMIN_TOKEN: adminToken,
  DATA_FOLDER: temporaryFolder(),
  SMTP_URL: `smtp://127.0.0.1:${smtpPort}?ignoreTLS=true`,
  EMAIL_FROM: 'otp@operators.example.com',
})
const registration = { purpose: 'operator_registration' }

describe.each(['express-operators', 'fastify-operators'])('%s in production', (name) => {
  it('S10 S83 registers over real servers with codes from before a crash, and tells nobody a code', async () => {
    const cloud = await startWhatsapp()
    const smtp = await startMail()
    const environment = {
      ...production(smtp.port),
      REDIS_URL: await redisUrl(),
      DATABASE_URL: await ownPostgres(),
      WA_API_URL: cloud.url,
      WA_API_TOKEN: 'EAAGtoken',
      WA_PHONE_NUMBER_ID: '106540352242922',
      WA_TEMPLATE: 'verification_code',
      WA_NOTICE_TEMPLATE: 'operator_notice',
    }
    const first = await runProcess(environment, name)
    for (const to of [whatsapp, mail]) {
      const sent = await first.post('/auth/send-otp', { ...to, ...registration })
      expect([sent.status, sent.body]).toMatchObject([200, { data: { expires_in_seconds: 300 } }])
    }
    const code = codeIn(cloud.lastRequest().body)
    const mailed = codeIn(smtp.mails.at(-1))
    const verified = await first.post('/auth/verify-otp', { ...mail, otp: mailed, ...registration })
    expect(verified.status).toBe(200)
    await first.end('SIGKILL')

    const second = await runProcess(environment, name)
    const byPhone = { ...whatsapp, otp: code, registration_data: company }
    expect((await second.post('/operators/register', byPhone)).status).toBe(201)
    const byMail = { ...mail, otp: mailed, registration_data: otherCompany }
    expect((await second.post('/operators/register', byMail)).status).toBe(201)
    expect((await second.post('/operators/register', byMail)).status).toBe(409)

    await eventually(async () => {
      expect(cloud.lastRequest().body).toContain('operator_notice')
      expect(smtp.mails.at(-1)).toContain('Your registration was received')
    })
    expect(cloud.lastRequest().body).toContain('Test Bus Company is registered')
    expect(smtp.mails.at(-1)).toContain(`To: ${email}`)

    const session = await second.post('/admin/session', { token: adminToken })
    expect(session.headers.get('Set-Cookie')).toMatch(/; Secure$/)
    expect((await second.get('/operators/', asAdmin)).body).toMatchObject([
      { contact_phone: phone, phone_verified: true },
      { contact_email: email, email_verified: true },
    ])
    expect(await second.end()).toBe(0)

    expect(second.printed.out).toContain('Accounts are kept in PostgreSQL, codes in Redis, and')
    expect(first.printed.error + second.printed.error).toBe('')
    const printed = first.printed.out + second.printed.out
    for (const secret of [
      code,
      mailed,
      phone.slice(1),
      email,
      adminToken,
      environment.OTP_SECRET,
    ]) {
      expect(printed).not.toContain(secret)
    }
  })
})

it('sends what it promised before it ends', async () => {
  const smtp = await startMail()
  const { post, end } = await runProcess(production(smtp.port), 'fastify-operators')
  await post('/auth/send-otp', { ...mail, ...registration })
  const otp = codeIn(smtp.mails.at(-1))
  const registered = await post('/operators/register', {
    ...mail,
    otp,
    registration_data: otherCompany,
  })
  expect(registered.status).toBe(201)
  expect(await end()).toBe(0)
  const subjects = smtp.mails.map((text) => /^Subject: (.*)\r$/m.exec(text)?.[1])
  expect(subjects).toEqual([`${otp} is your Bus Operators code`, 'Your registration was received'])
})
