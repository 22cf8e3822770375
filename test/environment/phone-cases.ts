import { expect } from 'vitest'
import {
  aws,
  awsOptional,
  basic,
  checkWebhook,
  form,
  json,
  type ProviderCase,
  webhook,
} from './case'

const twilio = {
  TWILIO_ACCOUNT_SID: 'AC1f0dcafe00000000000000000000aa01',
  TWILIO_AUTH_TOKEN: 'canary-twilio-auth-token',
}
const twilioMalformed = { TWILIO_ACCOUNT_SID: 'SK1f0dcafe00000000000000000000aa01' }
const twilioAnswer = { status: 201, json: { sid: 'SM1', error_code: null, num_segments: '1' } }
const twilioPath = (resource: string) =>
  `/2010-04-01/Accounts/${twilio.TWILIO_ACCOUNT_SID}/${resource}.json`
const twilioAuthorization = basic(twilio.TWILIO_ACCOUNT_SID, twilio.TWILIO_AUTH_TOKEN)

const callback = 'https://canary.example.com/hooks'
/** With the reference of the message, which these providers do not return by themselves. */
const calledBack = expect.stringMatching(/^https:\/\/canary\.example\.com\/hooks\?reference=./)

/** Each provider that reaches phones. */
export const phoneCases: Readonly<Record<string, ProviderCase>> = {
  'twilio (SMS)': {
    channel: 'sms',
    required: { ...twilio, TWILIO_FROM_NUMBER: '+15017122661' },
    optional: { TWILIO_STATUS_CALLBACK: callback },
    address: 'TWILIO_BASE_URL',
    malformed: {
      ...twilioMalformed,
      TWILIO_FROM_NUMBER: 'Ac\u0007me',
      TWILIO_STATUS_CALLBACK: 'http://canary.example.com',
    },
    answer: twilioAnswer,
    check(request) {
      expect(request.path).toBe(twilioPath('Messages'))
      expect(request.headers.authorization).toBe(twilioAuthorization)
      expect(form(request)).toMatchObject({ From: '+15017122661', StatusCallback: calledBack })
    },
  },
  'twilio (SMS, the other name of the number)': {
    channel: 'sms',
    required: { ...twilio, TWILIO_PHONE_NUMBER: '+15017122662' },
    address: 'TWILIO_BASE_URL',
    answer: twilioAnswer,
    check: (request) => expect(form(request)).toMatchObject({ From: '+15017122662' }),
  },
  'twilio (SMS, a service and an API key)': {
    channel: 'sms',
    required: {
      TWILIO_ACCOUNT_SID: twilio.TWILIO_ACCOUNT_SID,
      TWILIO_API_KEY: 'SKcanary',
      TWILIO_API_SECRET: 'canary-twilio-api-secret',
      TWILIO_MESSAGING_SERVICE_SID: 'MG1f0dcafe00000000000000000000aa03',
    },
    address: 'TWILIO_BASE_URL',
    malformed: { TWILIO_MESSAGING_SERVICE_SID: 'PN1f0dcafe00000000000000000000aa03' },
    answer: twilioAnswer,
    check(request) {
      expect(request.headers.authorization).toBe(basic('SKcanary', 'canary-twilio-api-secret'))
      expect(form(request)).toMatchObject({
        MessagingServiceSid: 'MG1f0dcafe00000000000000000000aa03',
      })
    },
  },
  'twilio (WhatsApp)': {
    channel: 'whatsapp',
    required: {
      ...twilio,
      TWILIO_WHATSAPP_NUMBER: '+14155238886',
      TWILIO_CONTENT_SID: 'HX1f0dcafe00000000000000000000aa04',
    },
    address: 'TWILIO_BASE_URL',
    malformed: { ...twilioMalformed, TWILIO_CONTENT_SID: 'verification_code' },
    answer: twilioAnswer,
    check(request) {
      expect(request.headers.authorization).toBe(twilioAuthorization)
      expect(form(request)).toMatchObject({
        From: 'whatsapp:+14155238886',
        ContentSid: 'HX1f0dcafe00000000000000000000aa04',
      })
    },
  },
  'twilio (voice)': {
    channel: 'voice',
    required: { ...twilio, TWILIO_VOICE_NUMBER: '+15017122663' },
    optional: { TWILIO_STATUS_CALLBACK: callback },
    address: 'TWILIO_BASE_URL',
    malformed: { ...twilioMalformed, TWILIO_VOICE_NUMBER: '5017122663' },
    answer: twilioAnswer,
    check(request) {
      expect(request.path).toBe(twilioPath('Calls'))
      expect(request.headers.authorization).toBe(twilioAuthorization)
      expect(form(request)).toMatchObject({ From: '+15017122663', StatusCallback: calledBack })
    },
  },
  msg91: {
    channel: 'sms',
    required: { MSG91_AUTH_KEY: 'canary-msg91-auth-key', MSG91_TEMPLATE_ID: '5f0c0d0e0fca' },
    optional: { MSG91_SENDER_ID: 'e-GO' },
    address: 'MSG91_BASE_URL',
    answer: { json: { type: 'success', request_id: '3865' } },
    check({ path, headers }) {
      expect(path).toMatch(/^\/api\/v5\/otp\?template_id=5f0c0d0e0fca&/)
      expect(headers.authkey).toBe('canary-msg91-auth-key')
    },
  },
  'kavenegar (a text)': {
    channel: 'sms',
    required: { KAVENEGAR_API_KEY: 'canary-kavenegar-key' },
    optional: { KAVENEGAR_SENDER: '10008663' },
    address: 'KAVENEGAR_BASE_URL',
    answer: { json: { return: { status: 200 }, entries: [{ messageid: 1 }] } },
    check(request) {
      expect(request.path).toBe('/v1/canary-kavenegar-key/sms/send.json')
      expect(form(request)).toMatchObject({ sender: '10008663' })
    },
  },
  'kavenegar (a template)': {
    channel: 'sms',
    required: { KAVENEGAR_API_KEY: 'canary-kavenegar-key' },
    optional: { KAVENEGAR_SENDER: '10008663', KAVENEGAR_TEMPLATE: 'login-template' },
    address: 'KAVENEGAR_BASE_URL',
    answer: { json: { return: { status: 200 }, entries: [{ messageid: 1 }] } },
    check(request) {
      expect(request.path).toBe('/v1/canary-kavenegar-key/verify/lookup.json')
      expect(form(request)).toMatchObject({ template: 'login-template' })
      expect(form(request).sender).toBeUndefined()
    },
  },
  'kavenegar (voice)': {
    channel: 'voice',
    chosen: { VOICE_PROVIDER: 'kavenegar' },
    required: { KAVENEGAR_API_KEY: 'canary-kavenegar-key' },
    address: 'KAVENEGAR_BASE_URL',
    answer: { json: { return: { status: 200 }, entries: [{ messageid: 1 }] } },
    check: ({ path }) => expect(path).toBe('/v1/canary-kavenegar-key/call/maketts.json'),
  },
  vonage: {
    channel: 'sms',
    required: {
      VONAGE_API_KEY: 'canary-vonage-key',
      VONAGE_API_SECRET: 'canary-vonage-secret',
      VONAGE_FROM: 'AcmeInc',
    },
    optional: { VONAGE_CALLBACK_URL: callback },
    address: 'VONAGE_BASE_URL',
    malformed: { VONAGE_FROM: 'AcmeIncorporated' },
    answer: { json: { messages: [{ status: '0', 'message-id': '1' }] } },
    check(request) {
      const { authorization } = request.headers
      expect(authorization).toBe(basic('canary-vonage-key', 'canary-vonage-secret'))
      expect(json(request)).toMatchObject({ from: 'AcmeInc', callback })
    },
  },
  plivo: {
    channel: 'sms',
    required: {
      PLIVO_AUTH_ID: 'MACANARY',
      PLIVO_AUTH_TOKEN: 'canary-plivo-token',
      PLIVO_FROM_NUMBER: '+14155550100',
    },
    optional: { PLIVO_CALLBACK_URL: callback },
    address: 'PLIVO_BASE_URL',
    answer: { status: 202, json: { message_uuid: ['1'] } },
    check(request) {
      expect(request.path).toBe('/v1/Account/MACANARY/Message/')
      expect(request.headers.authorization).toBe(basic('MACANARY', 'canary-plivo-token'))
      expect(json(request)).toMatchObject({ src: '+14155550100', url: calledBack })
    },
  },
  sns: {
    channel: 'sms',
    chosen: { SMS_PROVIDER: 'sns' },
    required: aws,
    optional: { ...awsOptional, SNS_SENDER_ID: 'ACME-CNRY' },
    address: 'SNS_BASE_URL',
    malformed: { AWS_REGION: 'Stockholm', SNS_SENDER_ID: 'A' },
    answer: { text: '<PublishResult><MessageId>1</MessageId></PublishResult>' },
    check({ headers, body }) {
      expect(headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIACANARY\/\d{8}\/eu-north-1\/sns\//,
      )
      expect(headers['x-amz-security-token']).toBe('canary-aws-session-token')
      expect(body).toContain('ACME-CNRY')
    },
  },
  'webhook (SMS)': {
    channel: 'sms',
    chosen: { SMS_PROVIDER: 'webhook' },
    required: webhook,
    address: 'OTP_WEBHOOK_URL',
    malformed: { OTP_WEBHOOK_SECRET: 'whsec_canary' },
    answer: { json: { messageId: '1' } },
    check: checkWebhook,
  },
  cloud: {
    channel: 'whatsapp',
    required: {
      WA_API_TOKEN: 'canary-wa-api-token',
      WA_PHONE_NUMBER_ID: '106540352242922',
      WA_TEMPLATE: 'verification_template',
    },
    optional: { WA_TEMPLATE_LANGUAGE: 'pt_BR' },
    address: 'WA_API_URL',
    malformed: { WA_PHONE_NUMBER_ID: '+106540352242922' },
    answer: { json: { messages: [{ id: 'wamid.1' }] } },
    check(request) {
      expect(request.path).toBe('/v22.0/106540352242922/messages')
      expect(request.headers.authorization).toBe('Bearer canary-wa-api-token')
      expect(json(request)).toMatchObject({
        template: { name: 'verification_template', language: { code: 'pt_BR' } },
      })
    },
  },
  telegram: {
    channel: 'telegram',
    required: { TELEGRAM_GATEWAY_TOKEN: 'canary-telegram-token' },
    optional: { TELEGRAM_CALLBACK_URL: callback },
    address: 'TELEGRAM_BASE_URL',
    answer: { json: { ok: true, result: { request_id: '1' } } },
    check(request) {
      expect(request.headers.authorization).toBe('Bearer canary-telegram-token')
      expect(json(request)).toMatchObject({ callback_url: callback })
    },
  },
}
