import type { Delivery, OtpMessage } from 'otpkit'
import { kavenegarLookup, kavenegarSms } from 'otpkit/deliveries/kavenegar'
import { msg91Flow, msg91Otp } from 'otpkit/deliveries/msg91'
import { plivoSms } from 'otpkit/deliveries/plivo'
import { telegramGateway } from 'otpkit/deliveries/telegram'
import { twilioSms, twilioVoice, twilioWhatsapp } from 'otpkit/deliveries/twilio'
import { vonageSms } from 'otpkit/deliveries/vonage'
import { webhook } from 'otpkit/deliveries/webhook'
import { whatsappCloud } from 'otpkit/deliveries/whatsapp'
import { describe, expect, it } from 'vitest'
import { failureOf, testMessage } from './delivery-suite'

const text = 'Your login for today: four seven one one'

function messageWithoutCode(): OtpMessage {
  const { code: _, ...rest } = testMessage({ content: { text } })
  return rest
}

/** What was asked of the provider, none of which it takes. */
function createRequests() {
  const bodies: string[] = []
  const answer: typeof globalThis.fetch = async (_, init) => {
    bodies.push(decodeURIComponent(String(init?.body).replaceAll('+', ' ')))
    return new Response('{}', { status: 500 })
  }
  return { bodies, fetch: answer }
}

type Create = (options: { readonly fetch: typeof globalThis.fetch }) => Delivery

const account = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'token' }
const templates: Readonly<Record<string, Create>> = {
  twilioWhatsapp: (options) =>
    twilioWhatsapp({
      ...account,
      ...options,
      from: '+15017122661',
      contentSid: `HX${'0'.repeat(32)}`,
    }),
  whatsappCloud: (options) =>
    whatsappCloud({
      ...options,
      accessToken: 'token',
      phoneNumberId: '1234',
      template: { name: 'login', language: 'en' },
    }),
  msg91Otp: (options) => msg91Otp({ ...options, authKey: 'key', templateId: 'template' }),
  msg91Flow: (options) => msg91Flow({ ...options, authKey: 'key', templateId: 'template' }),
  'msg91Flow with variables of its own': (options) =>
    msg91Flow({
      ...options,
      authKey: 'key',
      templateId: 'template',
      variables: ({ appName }) => ({ app: appName }),
    }),
  kavenegarLookup: (options) => kavenegarLookup({ ...options, apiKey: 'key', template: 'login' }),
  telegramGateway: (options) => telegramGateway({ ...options, accessToken: 'token' }),
}

const texts: Readonly<Record<string, Create>> = {
  twilioSms: (options) => twilioSms({ ...account, ...options, from: '+15017122661' }),
  twilioVoice: (options) => twilioVoice({ ...account, ...options, from: '+15017122661' }),
  kavenegarSms: (options) => kavenegarSms({ ...options, apiKey: 'key' }),
  plivoSms: (options) =>
    plivoSms({
      ...options,
      authId: 'MAXXXXXXXXXXXXXXXXXX',
      authToken: 'token',
      from: '+15017122661',
    }),
  vonageSms: (options) =>
    vonageSms({ ...options, apiKey: 'abcdef12', apiSecret: 'secret', from: 'Acme' }),
  webhook: (options) =>
    webhook({
      ...options,
      url: 'https://messages.example.com/otp',
      secret: `whsec_${btoa('0'.repeat(32))}`,
    }),
}

describe('a relayed text that names no code', () => {
  it.each(Object.entries(templates))('is refused by the template of %s', async (_, create) => {
    const { bodies, fetch } = createRequests()
    const error = await failureOf(create({ fetch }), messageWithoutCode())
    expect(error).toMatchObject({ kind: 'misconfigured', sent: 'no' })
    expect(bodies).toEqual([])
  })

  it.each(Object.entries(texts))('is the message of %s', async (_, create) => {
    const { bodies, fetch } = createRequests()
    await create({ fetch })
      .deliver(messageWithoutCode())
      .catch(() => {})
    expect(bodies).toHaveLength(1)
    expect(bodies[0]).toContain(text)
    expect(bodies[0]).not.toMatch(/undefined|"code"/)
  })
})
