import { kavenegarSms } from 'otpkit/deliveries/kavenegar'
import { plivoSms } from 'otpkit/deliveries/plivo'
import { snsSms } from 'otpkit/deliveries/sns'
import { twilioSms, twilioWhatsapp } from 'otpkit/deliveries/twilio'
import { vonageMessages, vonageSms } from 'otpkit/deliveries/vonage'
import { describe, expect, it } from 'vitest'
import { type TestedHttpOptions, testMessage, useProviderServer } from './delivery-suite'

const server = useProviderServer()
const signer = {
  sign: async (_: string, { headers }: { headers: Record<string, string> }) => ({
    headers: new Headers(headers),
  }),
}
const account = { accountSid: 'AC1', authToken: 'token' }
const vonage = { apiKey: 'key', apiSecret: 'secret' }
const plivo = { authId: 'MA1', authToken: 'token' }

type Create = (sender: string, options: TestedHttpOptions) => ReturnType<typeof twilioSms>
const twilio: Create = (from, options) => twilioSms({ ...account, ...options, from })
const vonageSmsFrom: Create = (from, options) => vonageSms({ ...vonage, ...options, from })
const vonageFrom: Create = (from, options) => vonageMessages({ ...vonage, ...options, from })
const plivoFrom: Create = (from, options) => plivoSms({ ...plivo, ...options, from })

/** The senders that each provider documents, and what it must get. */
const senders: readonly (readonly [name: string, Create, sender: string, onWire?: string])[] = [
  // https://www.twilio.com/docs/messaging/api/message-resource
  ['Twilio', twilio, '+15017122661'],
  ['Twilio', twilio, '12345'],
  ['Twilio', twilio, 'Acme Co'],
  ['Twilio', twilio, 'MG00000000000000000000000000000003'],
  [
    'Twilio’s service',
    (messagingServiceSid, options) => twilioSms({ ...account, ...options, messagingServiceSid }),
    'MG00000000000000000000000000000003',
  ],
  [
    'Twilio’s WhatsApp',
    (from, options) => twilioWhatsapp({ ...account, ...options, from, contentSid: 'HX1' }),
    '+14155238886',
    'whatsapp:+14155238886',
  ],
  // https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html
  [
    'SNS’ number',
    (originationNumber, more) =>
      snsSms({ signer, region: 'eu-west-1', ...more, originationNumber }),
    '+12065550100',
  ],
  [
    'SNS’ number',
    (originationNumber, more) =>
      snsSms({ signer, region: 'eu-west-1', ...more, originationNumber }),
    '12345',
  ],
  [
    'SNS’ sender',
    (senderId, more) => snsSms({ signer, region: 'eu-west-1', ...more, senderId }),
    'ACME-1',
  ],
  // https://developer.vonage.com/en/messaging/sms/overview
  ['Vonage', vonageSmsFrom, 'AcmeInc'],
  ['Vonage', vonageSmsFrom, '+447700900000', '447700900000'],
  ['Vonage', vonageSmsFrom, '12345'],
  ['Vonage Messages', vonageFrom, 'Acme Inc'],
  ['Vonage Messages', vonageFrom, '447700900000'],
  // https://www.plivo.com/docs/messaging/api/message
  ['Plivo', plivoFrom, '+14155550100'],
  ['Plivo', plivoFrom, '14155550100'],
  ['Plivo', plivoFrom, '12345'],
  ['Plivo', plivoFrom, 'Acme Co'],
  // https://kavenegar.com/rest.html
  [
    'Kavenegar',
    (sender, options) => kavenegarSms({ apiKey: 'key', ...options, sender }),
    '10004346',
  ],
]

describe('senders as wide as the providers’', () => {
  const rows = senders.map(([name, create, sender, onWire = sender]) => ({
    name,
    create,
    sender,
    onWire,
  }))
  it.each(rows)('$name takes $sender', async ({ create, sender, onWire }) => {
    server().behave({ status: 400 })
    await create(sender, { baseUrl: server().url })
      .deliver(testMessage())
      .catch(() => undefined)
    const { body } = server().lastRequest()
    const values = body.startsWith('{')
      ? Object.values(JSON.parse(body))
      : [...new URLSearchParams(body).values()]
    expect(values).toContain(onWire)
  })
})
