import { kavenegarCall, kavenegarLookup, kavenegarSms } from '../deliveries/kavenegar'
import { msg91Otp } from '../deliveries/msg91'
import { plivoSms } from '../deliveries/plivo'
import { snsSms } from '../deliveries/sns'
import { telegramGateway } from '../deliveries/telegram'
import { twilioSms, twilioVoice, twilioWhatsapp } from '../deliveries/twilio'
import { vonageSms } from '../deliveries/vonage'
import { whatsappCloud } from '../deliveries/whatsapp'
import { defined } from '../internal/defined'
import { wrongOption } from '../internal/wrong-option'
import { type AwsClients, awsOptional, awsRequired, withSigner } from './clients'
import { createProvider, type Provider } from './provider'

const twilioAccount = {
  authToken: 'TWILIO_AUTH_TOKEN',
  'apiKey.sid': 'TWILIO_API_KEY',
  'apiKey.secret': 'TWILIO_API_SECRET',
  baseUrl: 'TWILIO_BASE_URL',
  statusCallback: 'TWILIO_STATUS_CALLBACK',
} as const
const twilioSignIn = ['TWILIO_AUTH_TOKEN', 'TWILIO_API_KEY'] as const
const twilioSenders = [
  'TWILIO_FROM_NUMBER',
  'TWILIO_PHONE_NUMBER',
  'TWILIO_MESSAGING_SERVICE_SID',
] as const

interface TwilioSignIn {
  readonly authToken?: string
  readonly 'apiKey.sid'?: string
  readonly 'apiKey.secret'?: string
}

// The auth token may be there beside an API key: it alone authenticates Twilio's reports.
function signIn<Options extends TwilioSignIn>(options: Options) {
  const { authToken, 'apiKey.sid': sid, 'apiKey.secret': secret, ...rest } = options
  const apiKey = { sid: sid ?? '', secret: secret ?? '' }
  const hasKey = sid !== undefined || secret !== undefined
  return { ...rest, ...(hasKey ? { apiKey } : defined({ authToken })) }
}

/** The providers that carry SMS, and the variables that configure them. */
export function smsProviders(clients: AwsClients): readonly Provider[] {
  return [
    createProvider({
      name: 'twilio',
      marks: twilioSenders,
      account: {
        marks: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_API_KEY', 'TWILIO_API_SECRET'],
        unless: ['TWILIO_WHATSAPP_NUMBER', 'TWILIO_CONTENT_SID', 'TWILIO_VOICE_NUMBER'],
      },
      required: { accountSid: 'TWILIO_ACCOUNT_SID' },
      optional: {
        ...twilioAccount,
        from: ['TWILIO_FROM_NUMBER', 'TWILIO_PHONE_NUMBER'],
        messagingServiceSid: 'TWILIO_MESSAGING_SERVICE_SID',
      },
      oneOf: [twilioSignIn, twilioSenders],
      create: (options) => twilioSms(signIn(options)),
    }),
    createProvider({
      name: 'msg91',
      marks: ['MSG91_AUTH_KEY', 'MSG91_TEMPLATE_ID', 'MSG91_SENDER_ID'],
      required: { authKey: 'MSG91_AUTH_KEY', templateId: 'MSG91_TEMPLATE_ID' },
      // The sender belongs to the template at MSG91, so there is nothing to send it in.
      optional: { senderId: 'MSG91_SENDER_ID', baseUrl: 'MSG91_BASE_URL' },
      create: ({ authKey, templateId, baseUrl }) =>
        msg91Otp(defined({ authKey, templateId, baseUrl })),
    }),
    createProvider({
      name: 'kavenegar',
      marks: ['KAVENEGAR_API_KEY', 'KAVENEGAR_SENDER', 'KAVENEGAR_TEMPLATE'],
      required: { apiKey: 'KAVENEGAR_API_KEY' },
      optional: {
        sender: 'KAVENEGAR_SENDER',
        template: 'KAVENEGAR_TEMPLATE',
        baseUrl: 'KAVENEGAR_BASE_URL',
      },
      // A template goes out over Kavenegar's own lines, which need no sender.
      create: ({ template, sender, ...options }) =>
        template === undefined
          ? kavenegarSms(defined({ ...options, sender }))
          : kavenegarLookup({ ...options, template }),
    }),
    createProvider({
      name: 'vonage',
      required: { apiKey: 'VONAGE_API_KEY', apiSecret: 'VONAGE_API_SECRET', from: 'VONAGE_FROM' },
      optional: { baseUrl: 'VONAGE_BASE_URL', callbackUrl: 'VONAGE_CALLBACK_URL' },
      create: vonageSms,
    }),
    createProvider({
      name: 'plivo',
      required: {
        authId: 'PLIVO_AUTH_ID',
        authToken: 'PLIVO_AUTH_TOKEN',
        from: 'PLIVO_FROM_NUMBER',
      },
      optional: { baseUrl: 'PLIVO_BASE_URL', callbackUrl: 'PLIVO_CALLBACK_URL' },
      create: plivoSms,
    }),
    createProvider({
      name: 'sns',
      marks: [],
      required: awsRequired,
      optional: { ...awsOptional, senderId: 'SNS_SENDER_ID', baseUrl: 'SNS_BASE_URL' },
      create: (options) => snsSms(withSigner(clients, options)),
    }),
  ]
}

/** The providers that carry WhatsApp messages, and the variables that configure them. */
export const whatsappProviders: readonly Provider[] = [
  createProvider({
    name: 'cloud',
    required: {
      accessToken: 'WA_API_TOKEN',
      phoneNumberId: 'WA_PHONE_NUMBER_ID',
      'template.name': 'WA_TEMPLATE',
    },
    optional: { 'template.language': 'WA_TEMPLATE_LANGUAGE', baseUrl: 'WA_API_URL' },
    create: ({
      'template.name': name,
      'template.language': language = 'en_US',
      baseUrl,
      ...options
    }) => whatsappCloud({ ...options, ...splitVersion(baseUrl), template: { name, language } }),
  }),
  createProvider({
    name: 'twilio',
    marks: ['TWILIO_WHATSAPP_NUMBER', 'TWILIO_CONTENT_SID'],
    required: {
      accountSid: 'TWILIO_ACCOUNT_SID',
      from: 'TWILIO_WHATSAPP_NUMBER',
      contentSid: 'TWILIO_CONTENT_SID',
    },
    optional: twilioAccount,
    oneOf: [twilioSignIn],
    create: (options) => twilioWhatsapp(signIn(options)),
  }),
]

/** An address that ends in the version, such as `https://graph.facebook.com/v22.0`, as two options. */
function splitVersion(url: string | undefined) {
  if (url === undefined) return {}
  const [, baseUrl, graphVersion] = /^(.+)\/(v\d+\.\d+)\/*$/.exec(url) ?? []
  if (baseUrl !== undefined && graphVersion !== undefined) return { baseUrl, graphVersion }
  if (URL.canParse(url) && new URL(url).pathname !== '/') {
    throw wrongOption('whatsappCloud', 'baseUrl', 'must end in a version such as /v22.0')
  }
  return { baseUrl: url }
}

/** The providers that call and read the code aloud, and the variables that configure them. */
export const voiceProviders: readonly Provider[] = [
  createProvider({
    name: 'twilio',
    marks: ['TWILIO_VOICE_NUMBER'],
    required: { accountSid: 'TWILIO_ACCOUNT_SID', from: 'TWILIO_VOICE_NUMBER' },
    optional: twilioAccount,
    oneOf: [twilioSignIn],
    create: (options) => twilioVoice(signIn(options)),
  }),
  createProvider({
    name: 'kavenegar',
    marks: [],
    required: { apiKey: 'KAVENEGAR_API_KEY' },
    optional: { baseUrl: 'KAVENEGAR_BASE_URL' },
    create: kavenegarCall,
  }),
]

/** Telegram's Gateway for codes, and the variables that configure it. */
export const telegramProvider = createProvider({
  name: 'gateway',
  required: { accessToken: 'TELEGRAM_GATEWAY_TOKEN' },
  optional: { baseUrl: 'TELEGRAM_BASE_URL', callbackUrl: 'TELEGRAM_CALLBACK_URL' },
  create: telegramGateway,
})
