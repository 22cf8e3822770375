import type { Delivery } from 'otpkit'

/** A right call of every factory that a module exports, with its required options alone. */
type Calls<Module> = {
  readonly [Name in keyof Module]: Module[Name] extends (...args: infer Args) => unknown
    ? Args
    : never
}

const calls = <Module>(table: Calls<Module>): Calls<Module> => table

export const signer = { sign: async () => ({ headers: new Headers() }) }
export const transport = { sendMail: async () => ({}) }
const from = 'otp@acme.example'
const pathSecret = 'a-secret-of-32-characters-0123456789'
const whsec = `whsec_${btoa('0123456789abcdef01234567')}`
const twilio = { accountSid: 'AC1', authToken: 'token', from: '+15017122661' }
const vonage = { apiKey: 'key', apiSecret: 'secret', from: 'Acme' }
const publicKey =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ=='
export const route: Delivery = {
  name: 'route',
  reaches: ['phone'],
  deliver: async () => ({ provider: 'route' }),
}

// Typed by the modules themselves, so that a required option left out here does not compile.
export const byOptions: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  'deliveries/console': calls<typeof import('../src/deliveries/console')>({
    consoleDelivery: [],
  }),
  'deliveries/kavenegar': calls<typeof import('../src/deliveries/kavenegar')>({
    kavenegarLookup: [{ apiKey: 'key', template: 'login' }],
    kavenegarSms: [{ apiKey: 'key' }],
    kavenegarCall: [{ apiKey: 'key' }],
  }),
  'deliveries/msg91': calls<typeof import('../src/deliveries/msg91')>({
    msg91Otp: [{ authKey: 'key', templateId: '1' }],
    msg91Flow: [{ authKey: 'key', templateId: '1' }],
  }),
  'deliveries/plivo': calls<typeof import('../src/deliveries/plivo')>({
    plivoSms: [{ authId: 'MA1', authToken: 'token', from: '+14155550100' }],
  }),
  'deliveries/postmark': calls<typeof import('../src/deliveries/postmark')>({
    postmarkEmail: [{ serverToken: 'token', from }],
  }),
  'deliveries/resend': calls<typeof import('../src/deliveries/resend')>({
    resendEmail: [{ apiKey: 'key', from }],
  }),
  'deliveries/sendgrid': calls<typeof import('../src/deliveries/sendgrid')>({
    sendgridEmail: [{ apiKey: 'key', from }],
  }),
  'deliveries/ses': calls<typeof import('../src/deliveries/ses')>({
    sesEmail: [{ signer, region: 'eu-west-1', from }],
  }),
  'deliveries/smtp': calls<typeof import('../src/deliveries/smtp')>({
    smtpEmail: [{ transport, from }],
  }),
  'deliveries/sns': calls<typeof import('../src/deliveries/sns')>({
    snsSms: [{ signer, region: 'eu-west-1' }],
  }),
  'deliveries/telegram': calls<typeof import('../src/deliveries/telegram')>({
    telegramGateway: [{ accessToken: 'token' }],
  }),
  'deliveries/twilio': calls<typeof import('../src/deliveries/twilio')>({
    twilioSms: [twilio],
    twilioWhatsapp: [{ ...twilio, contentSid: 'HX1' }],
    twilioVoice: [twilio],
  }),
  'deliveries/vonage': calls<typeof import('../src/deliveries/vonage')>({
    vonageSms: [vonage],
    vonageMessages: [vonage],
  }),
  'deliveries/webhook': calls<typeof import('../src/deliveries/webhook')>({
    webhook: [{ url: 'https://acme.example/otp', secret: whsec }],
  }),
  'deliveries/whatsapp': calls<typeof import('../src/deliveries/whatsapp')>({
    whatsappCloud: [
      {
        accessToken: 'token',
        phoneNumberId: '106540352242922',
        template: { name: 'code', language: 'en' },
      },
    ],
  }),
  'receipts/kavenegar': calls<typeof import('../src/receipts/kavenegar')>({
    kavenegarReceipts: [{ pathSecret }],
  }),
  'receipts/messagebird': calls<typeof import('../src/receipts/messagebird')>({
    messagebirdReceipts: [{ signingKey: 'key' }],
  }),
  'receipts/msg91': calls<typeof import('../src/receipts/msg91')>({
    msg91Receipts: [{ pathSecret }],
  }),
  'receipts/plivo': calls<typeof import('../src/receipts/plivo')>({
    plivoReceipts: [{ authToken: 'token' }],
  }),
  'receipts/postmark': calls<typeof import('../src/receipts/postmark')>({
    postmarkReceipts: [{ pathSecret }],
  }),
  'receipts/resend': calls<typeof import('../src/receipts/resend')>({
    resendReceipts: [{ signingSecret: whsec }],
  }),
  'receipts/sendgrid': calls<typeof import('../src/receipts/sendgrid')>({
    sendgridReceipts: [{ publicKey }],
  }),
  'receipts/sinch': calls<typeof import('../src/receipts/sinch')>({
    sinchReceipts: [{ webhookSecret: 'secret' }],
  }),
  'receipts/telegram': calls<typeof import('../src/receipts/telegram')>({
    telegramReceipts: [{ accessToken: 'token' }],
  }),
  'receipts/twilio': calls<typeof import('../src/receipts/twilio')>({
    twilioReceipts: [{ authToken: 'token' }],
  }),
  'receipts/vonage': calls<typeof import('../src/receipts/vonage')>({
    vonageSmsReceipts: [{ signatureSecret: 'secret' }],
    vonageMessagesReceipts: [{ signatureSecret: 'secret' }],
  }),
  'receipts/webhook': calls<typeof import('../src/receipts/webhook')>({
    webhookReceipts: [{ secret: whsec }],
  }),
  'receipts/whatsapp': calls<typeof import('../src/receipts/whatsapp')>({
    whatsappReceipts: [{ appSecret: 'secret', verifyToken: 'token' }],
  }),
  'conversions/twilio': calls<typeof import('../src/conversions/twilio')>({
    twilioConversions: [{ accountSid: 'AC1', authToken: 'token' }],
  }),
  'conversions/vonage': calls<typeof import('../src/conversions/vonage')>({
    vonageConversions: [{ apiKey: 'key', apiSecret: 'secret' }],
  }),
}

/** The same of those that take deliveries. */
export const byPosition: typeof byOptions = {
  'deliveries/by-country': calls<typeof import('../src/deliveries/by-country')>({
    byCountry: [{ IR: route }],
  }),
  'deliveries/by-prefix': calls<typeof import('../src/deliveries/by-prefix')>({
    byPrefix: [{ '+98': route }],
  }),
  'deliveries/fallback': calls<typeof import('../src/deliveries/fallback')>({
    fallback: [route, route],
  }),
  'deliveries/with-circuit-breaker': calls<typeof import('../src/deliveries/with-circuit-breaker')>(
    { withCircuitBreaker: [route] },
  ),
  'deliveries/with-retry': calls<typeof import('../src/deliveries/with-retry')>({
    withRetry: [route],
  }),
  'deliveries/with-timeout': calls<typeof import('../src/deliveries/with-timeout')>({
    withTimeout: [route, '5s'],
  }),
}

const shared = { secret: pathSecret, channel: 'sms', purpose: 'login' } as const
const supabase = { ...shared, secret: `v1,${whsec}` } as const

/** Right options of every factory whose first argument is a manager. */
export const byManager: Readonly<Record<string, Readonly<Record<string, readonly [object]>>>> = {
  'receivers/kratos': { kratosHook: [shared] },
  'receivers/logto': { logtoHook: [shared] },
  'receivers/supabase': { supabaseSmsHook: [supabase], supabaseEmailHook: [supabase] },
  'http/create-handler': {
    createHandler: [
      { ip: () => null, purposes: { login: ['sms'] }, verified: () => new Response() },
    ],
  },
}
