import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import type { Delivery, ReceiptReader } from 'otpkit'
import { kavenegarLookup } from 'otpkit/deliveries/kavenegar'
import { msg91Otp } from 'otpkit/deliveries/msg91'
import { plivoSms } from 'otpkit/deliveries/plivo'
import { postmarkEmail } from 'otpkit/deliveries/postmark'
import { resendEmail } from 'otpkit/deliveries/resend'
import { sendgridEmail } from 'otpkit/deliveries/sendgrid'
import { telegramGateway } from 'otpkit/deliveries/telegram'
import { twilioSms, twilioVoice, twilioWhatsapp } from 'otpkit/deliveries/twilio'
import { vonageMessages, vonageSms } from 'otpkit/deliveries/vonage'
import { webhook } from 'otpkit/deliveries/webhook'
import { whatsappCloud } from 'otpkit/deliveries/whatsapp'
import { kavenegarReceipts } from 'otpkit/receipts/kavenegar'
import { msg91Receipts } from 'otpkit/receipts/msg91'
import { plivoReceipts } from 'otpkit/receipts/plivo'
import { postmarkReceipts } from 'otpkit/receipts/postmark'
import { resendReceipts } from 'otpkit/receipts/resend'
import { sendgridReceipts } from 'otpkit/receipts/sendgrid'
import { telegramReceipts } from 'otpkit/receipts/telegram'
import { twilioReceipts } from 'otpkit/receipts/twilio'
import { vonageMessagesReceipts, vonageSmsReceipts } from 'otpkit/receipts/vonage'
import { webhookReceipts } from 'otpkit/receipts/webhook'
import { whatsappReceipts } from 'otpkit/receipts/whatsapp'
import type { ProviderBehaviour, ProviderRequest } from '../deliveries/provider-server'

export const publicOrigin = 'https://otp.example.com'

/** What a provider reports on. */
interface Reported {
  readonly id: string
  /** The reference, of providers that return what the message brought. */
  readonly reference: string
  /** The request that brought the message. */
  readonly sent: ProviderRequest
  readonly status: 'delivered' | 'failed'
}

/** A report as the provider signs it, written apart from the library. */
export interface Report {
  readonly method: 'POST' | 'GET'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A provider that sends and reports. */
export interface ReportingProvider {
  readonly channel: 'sms' | 'whatsapp' | 'voice' | 'email'
  /** The reader's name in the path of the reports. */
  readonly path: string
  delivery(baseUrl: string): Delivery
  /** The answer of a message that was taken. */
  taken(id: string): ProviderBehaviour
  reader(): ReceiptReader
  report(of: Reported): Report
  /** Whether a report names the message's reference. */
  readonly hasReference: boolean
  /** Ids are numbers only. */
  readonly numeric?: true
}

const secret = 'a-secret-that-the-provider-shares'
const standardSecret = `whsec_${Buffer.from('k'.repeat(32)).toString('base64')}`
const pathSecret = 'Zr8_vN4p-0QmXc71LbTgYw2sKdHeUaJf'
const accountSid = 'AC00000000000000000000000000000001'
const twilioOptions = {
  accountSid,
  authToken: secret,
  from: '+15017122661',
  statusCallback: `${publicOrigin}/hooks/twilio?tenant=1`,
}
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')

const hmac = (hash: string, key: string | Buffer, text: string) =>
  createHmac(hash, key).update(text)
const now = () => String(Math.floor(Date.now() / 1000))
const at = (path: string) => `${publicOrigin}/hooks/${path}`
const formOf = (sent: ProviderRequest) => Object.fromEntries(new URLSearchParams(sent.body))
const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' }

function json(url: string, value: unknown, headers: (body: string) => Report['headers']): Report {
  const body = JSON.stringify(value)
  return { method: 'POST', url, headers: headers(body), body }
}

function form(url: string, fields: Readonly<Record<string, string>>, headers = {}): Report {
  const body = new URLSearchParams(fields).toString()
  return { method: 'POST', url, headers: { ...formHeaders, ...headers }, body }
}

const joined = (fields: Readonly<Record<string, string>>) =>
  Object.keys(fields)
    .sort()
    .map((name) => name + fields[name])
    .join('')

/** A form of Twilio's, at the address that the message named. */
function twilioReport(sent: ProviderRequest, fields: Readonly<Record<string, string>>): Report {
  const url = formOf(sent).StatusCallback ?? ''
  const signature = hmac('sha1', secret, url + joined(fields)).digest('base64')
  return form(url, fields, { 'x-twilio-signature': signature })
}

function standard(prefix: string, key: Buffer, body: string) {
  // Read once: the next second may begin between two looks at the clock.
  const timestamp = now()
  const signature = hmac('sha256', key, `id-1.${timestamp}.${body}`).digest('base64')
  return {
    [`${prefix}-id`]: 'id-1',
    [`${prefix}-timestamp`]: timestamp,
    [`${prefix}-signature`]: `v1,${signature}`,
  }
}
const standardKey = Buffer.from('k'.repeat(32))

const twilio = {
  path: 'twilio',
  taken: (id: string) => ({ status: 201, json: { sid: id, num_segments: '1', error_code: null } }),
  reader: () => twilioReceipts({ authToken: secret }),
  hasReference: true,
} as const

const vonageJwt = (body: string) => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const payload_hash = createHash('sha256').update(body).digest('hex')
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iat: Number(now()), payload_hash })}`
  return `${text}.${hmac('sha256', secret, text).digest('base64url')}`
}

/** Every provider that the library sends with and whose reports it reads. */
export const reportingProviders: Readonly<Record<string, ReportingProvider>> = {
  twilioSms: {
    ...twilio,
    channel: 'sms',
    delivery: (baseUrl) => twilioSms({ ...twilioOptions, baseUrl }),
    report: ({ id, sent, status }) =>
      twilioReport(sent, {
        MessageSid: id,
        MessageStatus: status,
        ...(status === 'failed' ? { ErrorCode: '30003' } : {}),
        To: formOf(sent).To ?? '',
      }),
  },
  twilioWhatsapp: {
    ...twilio,
    channel: 'whatsapp',
    delivery: (baseUrl) =>
      twilioWhatsapp({
        ...twilioOptions,
        contentSid: 'HX00000000000000000000000000000001',
        baseUrl,
      }),
    report: ({ id, sent, status }) =>
      twilioReport(sent, { MessageSid: id, MessageStatus: status, To: formOf(sent).To ?? '' }),
  },
  twilioVoice: {
    ...twilio,
    channel: 'voice',
    delivery: (baseUrl) => twilioVoice({ ...twilioOptions, baseUrl }),
    report: ({ id, sent, status }) =>
      twilioReport(sent, {
        CallSid: id,
        CallStatus: status === 'failed' ? 'failed' : 'completed',
        To: formOf(sent).To ?? '',
      }),
  },
  whatsappCloud: {
    channel: 'whatsapp',
    path: 'whatsapp',
    delivery: (baseUrl) =>
      whatsappCloud({
        accessToken: 'EAAGm0PX4ZCpsBAExampleToken',
        phoneNumberId: '106540352242922',
        template: { name: 'verification_code', language: 'en_US' },
        baseUrl,
      }),
    taken: (id) => ({ json: { messages: [{ id, message_status: 'accepted' }] } }),
    reader: () => whatsappReceipts({ appSecret: secret, verifyToken: 'word-of-our-own' }),
    report: ({ id, reference, status, sent }) => {
      const recipient_id = JSON.parse(sent.body).to
      const errors = status === 'failed' ? [{ code: 131026, title: recipient_id }] : []
      const biz_opaque_callback_data = reference
      const statuses = [{ id, status, recipient_id, errors, biz_opaque_callback_data }]
      const changes = [{ field: 'messages', value: { statuses } }]
      return json(at('whatsapp'), { entry: [{ changes }] }, (body) => ({
        'x-hub-signature-256': `sha256=${hmac('sha256', secret, body).digest('hex')}`,
      }))
    },
    hasReference: true,
  },
  vonageSms: {
    channel: 'sms',
    path: 'vonage-sms',
    delivery: (baseUrl) =>
      vonageSms({ apiKey: 'a1b2c3d4', apiSecret: 'S3cret-of-Vonage', from: 'AcmeInc', baseUrl }),
    taken: (id) => ({ json: { messages: [{ 'message-id': id, status: '0' }] } }),
    reader: () => vonageSmsReceipts({ signatureSecret: secret }),
    report: ({ id, reference, status, sent }) => {
      const fields: Record<string, string> = {
        messageId: id,
        'client-ref': reference,
        status,
        'err-code': status === 'failed' ? '1' : '0',
        msisdn: JSON.parse(sent.body).to,
        timestamp: now(),
      }
      const text = Object.keys(fields)
        .sort()
        .map((name) => `&${name}=${fields[name]?.replace(/[&=]/g, '_')}`)
        .join('')
      return form(at('vonage-sms'), { ...fields, sig: hmac('sha256', secret, text).digest('hex') })
    },
    hasReference: true,
  },
  vonageMessages: {
    channel: 'sms',
    path: 'vonage-messages',
    delivery: (baseUrl) =>
      vonageMessages({
        apiKey: 'a1b2c3d4',
        apiSecret: 'S3cret-of-Vonage',
        from: 'AcmeInc',
        baseUrl,
      }),
    taken: (id) => ({ status: 202, json: { message_uuid: id } }),
    reader: () => vonageMessagesReceipts({ signatureSecret: secret }),
    report: ({ id, reference, status, sent }) =>
      json(
        at('vonage-messages'),
        {
          message_uuid: id,
          client_ref: reference,
          status: status === 'failed' ? 'rejected' : 'delivered',
          to: JSON.parse(sent.body).to,
          usage: { currency: 'EUR', price: '0.0333' },
        },
        (body) => ({ authorization: `Bearer ${vonageJwt(body)}` }),
      ),
    hasReference: true,
  },
  plivoSms: {
    channel: 'sms',
    path: 'plivo',
    delivery: (baseUrl) =>
      plivoSms({
        authId: 'MAXXXXXXXXXXXXXXXXXX',
        authToken: secret,
        from: '+14155550100',
        callbackUrl: at('plivo'),
        baseUrl,
      }),
    taken: (id) => ({ status: 202, json: { message_uuid: [id], api_id: 'a' } }),
    reader: () => plivoReceipts({ authToken: secret }),
    report: ({ id, status, sent }) => {
      const { url, dst } = JSON.parse(sent.body)
      const ErrorCode = status === 'failed' ? '300' : '000'
      const fields = { MessageUUID: id, Status: status, ErrorCode, To: dst }
      const { search } = new URL(url)
      const bare = `${url.replace(/\?.*$/, '')}${search}`
      const text = `${bare}.${joined(fields)}.nonce-1`
      return form(url, fields, {
        'x-plivo-signature-v3': hmac('sha256', secret, text).digest('base64'),
        'x-plivo-signature-v3-nonce': 'nonce-1',
      })
    },
    hasReference: true,
  },
  telegramGateway: {
    channel: 'sms',
    path: 'telegram',
    delivery: (baseUrl) => telegramGateway({ accessToken: secret, baseUrl }),
    taken: (id) => ({ json: { ok: true, result: { request_id: id, request_cost: 0.01 } } }),
    reader: () => telegramReceipts({ accessToken: secret }),
    report: ({ id, reference, status, sent }) => {
      const timestamp = now()
      const said = { status: status === 'failed' ? 'expired' : 'delivered' }
      const { phone_number } = JSON.parse(sent.body)
      const report = { request_id: id, phone_number, delivery_status: said, payload: reference }
      const key = createHash('sha256').update(secret).digest()
      return json(at('telegram'), report, (body) => ({
        'x-request-timestamp': timestamp,
        'x-request-signature': hmac('sha256', key, `${timestamp}\n${body}`).digest('hex'),
      }))
    },
    hasReference: true,
  },
  resendEmail: {
    channel: 'email',
    path: 'resend',
    delivery: (baseUrl) =>
      resendEmail({ apiKey: 're_123456789', from: 'Acme <otp@acme.example>', baseUrl }),
    taken: (id) => ({ json: { id } }),
    reader: () => resendReceipts({ signingSecret: standardSecret }),
    report: ({ id, status, sent }) => {
      const type = status === 'failed' ? 'email.bounced' : 'email.delivered'
      const { to } = JSON.parse(sent.body)
      const data = { email_id: id, to, bounce: { subType: 'Suppressed', message: String(to) } }
      return json(at('resend'), { type, data }, (body) => standard('svix', standardKey, body))
    },
    hasReference: false,
  },
  sendgridEmail: {
    channel: 'email',
    path: 'sendgrid',
    delivery: (baseUrl) =>
      sendgridEmail({ apiKey: 'SG.key-of-sendgrid', from: 'Acme <otp@acme.example>', baseUrl }),
    taken: (id) => ({ status: 202, headers: { 'x-message-id': id } }),
    reader: () => sendgridReceipts({ publicKey }),
    report: ({ id, reference, status, sent }) => {
      const { email } = JSON.parse(sent.body).personalizations[0].to[0]
      const event = status === 'failed' ? 'bounce' : 'delivered'
      const sg_message_id = `${id}.filterdrecv-5cb6d7fd8c-rtx7k-1-600-1.0`
      const reports = [
        { event, sg_message_id, reference, email, reason: `550 ${email}`, status: '5.1.1' },
      ]
      return json(at('sendgrid'), reports, (body) => {
        const timestamp = now()
        const signature = sign('sha256', Buffer.from(timestamp + body), keys.privateKey)
        return {
          'x-twilio-email-event-webhook-timestamp': timestamp,
          'x-twilio-email-event-webhook-signature': signature.toString('base64'),
        }
      })
    },
    hasReference: true,
  },
  postmarkEmail: {
    channel: 'email',
    path: `postmark/${pathSecret}`,
    delivery: (baseUrl) =>
      postmarkEmail({ serverToken: 'token-of-postmark', from: 'Acme <otp@acme.example>', baseUrl }),
    taken: (id) => ({ json: { MessageID: id, ErrorCode: 0, Message: 'OK' } }),
    reader: () => postmarkReceipts({ pathSecret }),
    report: ({ id, reference, status, sent }) => {
      const Recipient = JSON.parse(sent.body).To
      const failed = { RecordType: 'Bounce', Type: 'HardBounce', Description: Recipient }
      const said = status === 'failed' ? failed : { RecordType: 'Delivery' }
      const report = { ...said, MessageID: id, Recipient, Metadata: { reference } }
      return json(at(`postmark/${pathSecret}`), report, () => ({}))
    },
    hasReference: true,
  },
  msg91Otp: {
    channel: 'sms',
    path: `msg91/${pathSecret}`,
    delivery: (baseUrl) =>
      msg91Otp({ authKey: '123456AbcDefGhI', templateId: '6a1b2c3d4e5f6a7b8c9d0e1f', baseUrl }),
    taken: (id) => ({ json: { type: 'success', request_id: id } }),
    reader: () => msg91Receipts({ pathSecret }),
    report: ({ id, status }) => {
      const report = [{ status: status === 'failed' ? '2' : '1', number: '919876543210' }]
      const data = JSON.stringify([{ requestId: id, report }])
      return form(at(`msg91/${pathSecret}`), { data })
    },
    hasReference: false,
  },
  kavenegarLookup: {
    channel: 'sms',
    path: `kavenegar/${pathSecret}`,
    numeric: true,
    delivery: (baseUrl) =>
      kavenegarLookup({ apiKey: 'key-of-kavenegar', template: 'verify', baseUrl }),
    taken: (id) => ({
      json: { return: { status: 200 }, entries: [{ messageid: Number(id), status: 5, cost: 120 }] },
    }),
    reader: () => kavenegarReceipts({ pathSecret }),
    report: ({ id, status }) =>
      form(at(`kavenegar/${pathSecret}`), {
        messageid: id,
        status: status === 'failed' ? '11' : '10',
      }),
    hasReference: false,
  },
  webhook: {
    channel: 'email',
    path: 'webhook',
    delivery: (baseUrl) => webhook({ url: `${baseUrl}/otp`, secret: standardSecret }),
    taken: (id) => ({ json: { messageId: id } }),
    reader: () => webhookReceipts({ secret: standardSecret }),
    report: ({ id, reference, status, sent }) =>
      json(
        at('webhook'),
        { messageId: id, reference, status, kind: 'unavailable', code: JSON.parse(sent.body).to },
        (body) => standard('webhook', standardKey, body),
      ),
    hasReference: true,
  },
}
