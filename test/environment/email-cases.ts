import { expect } from 'vitest'
import { aws, awsOptional, checkWebhook, json, type ProviderCase, webhook } from './case'

const sender = { EMAIL_FROM: 'Acme <otp@canary.example>' }
/** Each provider of e-mail that talks HTTP. */
export const emailCases: Readonly<Record<string, ProviderCase>> = {
  resend: {
    channel: 'email',
    required: { ...sender, RESEND_API_KEY: 're_canary' },
    address: 'RESEND_BASE_URL',
    malformed: { EMAIL_FROM: 'nobody-canary' },
    answer: { json: { id: '1' } },
    check(request) {
      expect(request.headers.authorization).toBe('Bearer re_canary')
      expect(json(request)).toMatchObject({ from: 'Acme <otp@canary.example>' })
    },
  },
  sendgrid: {
    channel: 'email',
    required: { ...sender, SENDGRID_API_KEY: 'SG.canary' },
    address: 'SENDGRID_BASE_URL',
    answer: { status: 202, headers: { 'x-message-id': '1' } },
    check(request) {
      expect(request.headers.authorization).toBe('Bearer SG.canary')
      expect(json(request)).toMatchObject({ from: { email: 'otp@canary.example', name: 'Acme' } })
    },
  },
  postmark: {
    channel: 'email',
    required: { ...sender, POSTMARK_SERVER_TOKEN: 'canary-postmark-token' },
    optional: { POSTMARK_MESSAGE_STREAM: 'canary-stream' },
    address: 'POSTMARK_BASE_URL',
    answer: { json: { ErrorCode: 0, MessageID: '1' } },
    check(request) {
      expect(request.headers['x-postmark-server-token']).toBe('canary-postmark-token')
      expect(json(request)).toMatchObject({
        From: 'Acme <otp@canary.example>',
        MessageStream: 'canary-stream',
      })
    },
  },
  ses: {
    channel: 'email',
    chosen: { EMAIL_PROVIDER: 'ses' },
    required: { ...sender, ...aws },
    optional: awsOptional,
    address: 'SES_BASE_URL',
    answer: { json: { MessageId: '1' } },
    check(request) {
      expect(request.headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIACANARY\/\d{8}\/eu-north-1\/ses\//,
      )
      expect(request.headers['x-amz-security-token']).toBe('canary-aws-session-token')
      expect(json(request)).toMatchObject({ FromEmailAddress: 'Acme <otp@canary.example>' })
    },
  },
  'webhook (e-mail)': {
    channel: 'email',
    chosen: { EMAIL_PROVIDER: 'webhook' },
    required: webhook,
    address: 'OTP_WEBHOOK_URL',
    answer: { json: { messageId: '1' } },
    check: checkWebhook,
  },
}
