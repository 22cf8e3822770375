import { memory } from 'otpkit/databases/memory'
import { redis } from 'otpkit/databases/redis'
import { kavenegarLookup } from 'otpkit/deliveries/kavenegar'
import { msg91Otp } from 'otpkit/deliveries/msg91'
import { plivoSms } from 'otpkit/deliveries/plivo'
import { resendEmail } from 'otpkit/deliveries/resend'
import { snsSms } from 'otpkit/deliveries/sns'
import { twilioSms, twilioVoice, twilioWhatsapp } from 'otpkit/deliveries/twilio'
import { vonageMessages, vonageSms } from 'otpkit/deliveries/vonage'
import { webhook } from 'otpkit/deliveries/webhook'
import { whatsappCloud } from 'otpkit/deliveries/whatsapp'
import { fromEnvironment } from 'otpkit/from-environment'
import { memoryHistory } from 'otpkit/histories/memory'
import { postgresHistory } from 'otpkit/histories/postgres'
import { redisHistory } from 'otpkit/histories/redis'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { memoryStore } from 'otpkit/stores/memory'
import { schema as mysqlSchema } from 'otpkit/stores/mysql'
import { schema as postgresSchema, postgresStore } from 'otpkit/stores/postgres'
import { redisStore } from 'otpkit/stores/redis'
import {
  capturedDelivery,
  databaseConformance,
  lagging,
  rateLimiterConformance,
  testClock,
} from 'otpkit/testing'
import { describe, expect, it } from 'vitest'

const account = { accountSid: 'AC1', from: '+15017122661' }
const from = 'Acme'
const whsec = `whsec_${btoa('0123456789abcdef01234567')}`
const signer = { sign: async () => ({ headers: new Headers() }) }
const voice = { ...account, authToken: 'token' }
const whatsapp = { ...voice, contentSid: 'HX1' }
const cloud = { accessToken: 'token', phoneNumberId: '1' }
const template = { name: 'code', language: 'en' }
const ids = { entityId: '1', templateId: '2' }
const client = { eval: async () => 1, evalSha: async () => 1 }
const pool = { query: async () => ({ rows: [] }) }

type Row = readonly [factory: (...given: never[]) => unknown, given: unknown[], problem: string]

const notKnown = 'is not known: did you mean'
const locales = 'must have locales such as pt or pt-BR as its keys'
const rows: readonly Row[] = [
  // Members of an option, of which a misspelt one would be a default in silence.
  [
    twilioSms,
    [{ ...account, apiKey: { sid: 'SK1', secret: 's', Secret: 's' } }],
    `apiKey.Secret\` ${notKnown} \`apiKey.secret\`?`,
  ],
  [
    twilioVoice,
    [{ ...voice, voiceByLocale: { pt: { language: 'pt-BR', voise: 'Polly.Camila' } } }],
    `voiceByLocale.pt.voise\` ${notKnown} \`voiceByLocale.pt.voice\`?`,
  ],
  [
    plivoSms,
    [{ authId: 'MA1', authToken: 't', from, india: { ...ids, templateCategry: 'x' } }],
    `india.templateCategry\` ${notKnown} \`india.templateCategory\`?`,
  ],
  [
    snsSms,
    [{ signer, region: 'eu-west-1', india: { ...ids, entityID: '1' } }],
    `india.entityID\` ${notKnown} \`india.entityId\`?`,
  ],
  ...[vonageSms, vonageMessages].map(
    (factory): Row => [
      factory,
      [{ apiKey: 'k', apiSecret: 's', from, india: { entityId: '1', contentID: '2' } }],
      `india.contentID\` ${notKnown} \`india.contentId\`?`,
    ],
  ),
  [
    whatsappCloud,
    [{ ...cloud, template: { name: 'code', Language: 'en' } }],
    `template.Language\` ${notKnown} \`template.language\`?`,
  ],
  [
    whatsappCloud,
    [{ ...cloud, template, templateByLocale: { pt: { nam: 'a', language: 'pt_BR' } } }],
    `templateByLocale.pt.nam\` ${notKnown} \`templateByLocale.pt.name\`?`,
  ],
  [twilioSms, [{ ...account, apiKey: null }], 'apiKey` must be an object'],

  // Keys that no message's locale has, so that the entry would never be used.
  [
    twilioWhatsapp,
    [{ ...whatsapp, contentSidByLocale: { pt_BR: 'HX2' } }],
    `contentSidByLocale\` ${locales}: did you mean \`contentSidByLocale.pt-BR\`?`,
  ],
  [
    kavenegarLookup,
    [{ apiKey: 'key', template: 'login', templateByLocale: { FA: 'vorood' } }],
    `templateByLocale\` ${locales}: did you mean \`templateByLocale.fa\`?`,
  ],
  [
    whatsappCloud,
    [{ ...cloud, template, templateByLocale: { 'not a locale': template } }],
    `templateByLocale\` ${locales}`,
  ],

  // Databases, stores and rate limiters.
  ...[memory, memoryStore, memoryRateLimiter].map(
    (factory): Row => [factory, [{ capacty: 5 }], `capacty\` ${notKnown} \`capacity\`?`],
  ),
  ...[redis, redisStore, redisRateLimiter].map(
    (factory): Row => [factory, [client, { prefx: 'a' }], `prefx\` ${notKnown} \`prefix\`?`],
  ),
  [postgresSchema, [{ timeoutMS: 5 }], `timeoutMS\` ${notKnown} \`timeoutMs\`?`],
  [mysqlSchema, [{ shema: 'otp' }], `shema\` ${notKnown} \`schema\`?`],

  // Histories: what would tell of persons for 90 days, though a week was meant.
  [memoryHistory, [{ capacty: 5 }], `capacty\` ${notKnown} \`capacity\`?`],
  [redisHistory, [client, { retentions: {} }], `retentions\` ${notKnown} \`retention\`?`],
  [postgresHistory, [pool, { retentions: {} }], 'retentions` is not known'],
  ...[memoryHistory, redisHistory, postgresHistory].map((factory): Row => {
    const options = { retention: { event: '7d' } }
    const given = { memoryHistory: [], redisHistory: [client], postgresHistory: [pool] }[
      factory.name
    ]
    return [
      factory,
      [...(given ?? []), options],
      `retention.event\` ${notKnown} \`retention.events\`?`,
    ]
  }),
  [memoryHistory, [null], 'options` must be an object'],
  [memoryHistory, [{ retention: null }], 'retention` must be an object'],
  [memoryHistory, [{ clock: 5 }], 'clock` must be a function'],

  // Doubles and kits of tests, where a misspelt option would make another test of it.
  [capturedDelivery, [{ reach: ['phone'] }], `reach\` ${notKnown} \`reaches\`?`],
  [capturedDelivery, [{ reaches: 'phone' }], "reaches` must be a list of 'phone' and 'email'"],
  [capturedDelivery, [{ reaches: ['sms'] }], "reaches` must be a list of 'phone' and 'email'"],
  [capturedDelivery, [{ name: 5 }], 'name` must be a text'],
  [capturedDelivery, [null], 'options` must be an object'],
  [lagging, [memory(), { sede: 1 }], `sede\` ${notKnown} \`seed\`?`],
  [lagging, [memory()], 'seed` must be a number'],
  [lagging, [memory(), { seed: Number.NaN }], 'seed` must be a number'],
  [lagging, [memory(), { seed: 1, turns: -1 }], 'turns` must be a whole number of 0 or more'],
  [lagging, [memory, { seed: 1 }], 'adapter` must be a store, a rate limiter or a database'],
  [rateLimiterConformance, [() => {}, { sed: 1 }], `sed\` ${notKnown} \`seed\`?`],
  [databaseConformance, [() => {}, { seed: '1' }], 'seed` must be a number'],
  [testClock, [Number.NaN], 'startMs` must be milliseconds'],
  [
    webhook,
    [{ url: 'https://acme.example', secret: whsec, reaches: ['sms'] }],
    "reaches` must be a list of 'phone' and 'email'",
  ],

  // What would be taken for no options at all, or for a switch that is on.
  ...[Promise.resolve({ prefix: 'a' }), new Map([['prefix', 'a']]), new Date()].flatMap(
    (options): Row[] =>
      [redis, redisStore, redisHistory, memory].map((factory) => [
        factory,
        factory === memory ? [options] : [client, options],
        'options` must be an object',
      ]),
  ),
  ...[null, 0, [], () => {}].map(
    (options): Row => [postgresHistory, [pool, options], 'options` must be an object'],
  ),
  [
    twilioWhatsapp,
    [{ ...whatsapp, contentSidByLocale: new Map() }],
    'contentSidByLocale` must be an object',
  ],
  [postgresHistory, [pool, { prepare: 'false' }], 'prepare` must be true or false'],
  [postgresStore, [pool, { prepare: 0 }], 'prepare` must be true or false'],
  [
    msg91Otp,
    [{ authKey: 'k', templateId: '1', authKeyInQuery: 'false' }],
    'authKeyInQuery` must be true or false',
  ],

  // Values that no rule was written for.
  [
    plivoSms,
    [{ authId: 'x'.repeat(9000), authToken: 't', from }],
    'authId` must be a non-empty string without spaces',
  ],
  [
    plivoSms,
    [{ authId: 'MA1', authToken: 't', from: 'x'.repeat(9000) }],
    'from` must be a number in E.164',
  ],
  [resendEmail, [{ apiKey: 'k', from: Object.create(null) }], 'from` must be an e-mail address'],
  [
    whatsappCloud,
    [{ ...cloud, template, graphVersion: Symbol('v22.0') }],
    'graphVersion` must be like v22.0',
  ],

  // The environment.
  [fromEnvironment, [{}, { chanels: ['sms'] }], `chanels\` ${notKnown} \`channels\`?`],
  [fromEnvironment, [{}, null], 'options` must be an object'],
  ...['sms', [], new Set(['sms'])].map(
    (channels): Row => [
      fromEnvironment,
      [{}, { channels }],
      'channels` must be a list of sms, whatsapp, voice, email, telegram',
    ],
  ),
]

describe('no option is swallowed', () => {
  it.each(rows)('%o of %j', (factory, given, problem) => {
    const call = () => Reflect.apply(factory, undefined, given)
    expect(call).toThrow(TypeError)
    expect(call).toThrow(`otpkit: ${factory.name}: option \`${problem}`)
  })
})
