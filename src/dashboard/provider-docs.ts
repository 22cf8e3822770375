/** Where providers say what their codes mean; a page of its own for each code where there is one. */
const pages: Readonly<Record<string, string>> = {
  kavenegar: 'https://kavenegar.com/rest.html',
  msg91: 'https://docs.msg91.com/otp',
  plivo: 'https://www.plivo.com/docs/messaging/troubleshooting/error-codes',
  postmark: 'https://postmarkapp.com/developer/api/overview#error-codes',
  resend: 'https://resend.com/docs/api-reference/errors',
  sendgrid: 'https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors',
  ses: 'https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html',
  sns: 'https://docs.aws.amazon.com/sns/latest/api/API_Publish.html',
  telegram: 'https://core.telegram.org/gateway/api',
  twilio: 'https://www.twilio.com/docs/api/errors',
  vonage: 'https://developer.vonage.com/api-errors/sms',
  whatsapp:
    'https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes',
}

const messagesOfVonage = 'https://developer.vonage.com/api-errors/messages'

export function errorDocsOf(provider: string | null, code: string | null): string | null {
  if (provider === null || !Object.hasOwn(pages, provider)) return null
  const page = pages[provider] ?? null
  if (provider === 'twilio' && code !== null && /^\d{5}$/.test(code)) return `${page}/${code}`
  // Those of the Messages API have four digits, and those of the SMS API two at most.
  return provider === 'vonage' && code !== null && /^\d{4}$/.test(code) ? messagesOfVonage : page
}
