import { expect, it } from 'vitest'
import { errorDocsOf } from '../../src/dashboard/provider-docs'

// Each was seen in a provider's own pages or SDK, or in the index of them.
it.each([
  ['kavenegar', '418', 'https://kavenegar.com/rest.html'],
  ['msg91', '301', 'https://docs.msg91.com/otp'],
  ['plivo', '402', 'https://www.plivo.com/docs/messaging/troubleshooting/error-codes'],
  ['postmark', '406', 'https://postmarkapp.com/developer/api/overview#error-codes'],
  ['resend', 'invalid_api_key', 'https://resend.com/docs/api-reference/errors'],
  ['sendgrid', '403', 'https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors'],
  [
    'ses',
    'MessageRejected',
    'https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html',
  ],
  ['sns', 'Throttled', 'https://docs.aws.amazon.com/sns/latest/api/API_Publish.html'],
  ['telegram', 'BALANCE_NOT_ENOUGH', 'https://core.telegram.org/gateway/api'],
  ['twilio', '21408', 'https://www.twilio.com/docs/api/errors/21408'],
  ['twilio', '403', 'https://www.twilio.com/docs/api/errors'],
  ['twilio', '21408/../x', 'https://www.twilio.com/docs/api/errors'],
  ['twilio', null, 'https://www.twilio.com/docs/api/errors'],
  ['vonage', '9', 'https://developer.vonage.com/api-errors/sms'],
  ['vonage', '1120', 'https://developer.vonage.com/api-errors/messages'],
  [
    'whatsapp',
    '131037',
    'https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes',
  ],
  ['smtp', '550', null],
  ['constructor', '1', null],
  [null, null, null],
])('what %s says of %s is explained at %s', (provider, code, page) => {
  expect(errorDocsOf(provider, code)).toBe(page)
})
