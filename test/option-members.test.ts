import { memory } from 'otpkit/databases/memory'
import { redis } from 'otpkit/databases/redis'
import { kavenegarLookup } from 'otpkit/deliveries/kavenegar'
import { plivoSms } from 'otpkit/deliveries/plivo'
import { snsSms } from 'otpkit/deliveries/sns'
import { twilioSms, twilioVoice, twilioWhatsapp } from 'otpkit/deliveries/twilio'
import { vonageMessages, vonageSms } from 'otpkit/deliveries/vonage'
import { whatsappCloud } from 'otpkit/deliveries/whatsapp'
import { memoryHistory } from 'otpkit/histories/memory'
import { postgresHistory } from 'otpkit/histories/postgres'
import { redisHistory } from 'otpkit/histories/redis'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { redisRateLimiter } from 'otpkit/rate-limiters/redis'
import { memoryStore } from 'otpkit/stores/memory'
import { schema as mysqlSchema } from 'otpkit/stores/mysql'
import { schema as postgresSchema } from 'otpkit/stores/postgres'
import { redisStore } from 'otpkit/stores/redis'
import { describe, expect, it } from 'vitest'

const account = { accountSid: 'AC1', from: '+15017122661' }
const from = 'Acme'
const signer = { sign: async () => ({ headers: new Headers() }) }
const voice = { ...account, authToken: 'token' }
const whatsapp = { ...voice, contentSid: 'HX1' }
const cloud = { accessToken: 'token', phoneNumberId: '1' }
const template = { name: 'code', language: 'en' }
const ids = { entityId: '1', templateId: '2' }
const client = { eval: async () => 1, evalSha: async () => 1 }

const pool = { query: async () => ({ rows: [] }) }
const histories = [[memoryHistory], [redisHistory, client], [postgresHistory, pool]] as const

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

  // Histories.
  [memoryHistory, [{ capacty: 5 }], `capacty\` ${notKnown} \`capacity\`?`],
  [memoryHistory, [null], 'options` must be an object'],
  ...histories.flatMap(([factory, ...client]): readonly Row[] => [
    [
      factory,
      [...client, { retention: { minutes: '8d' } }],
      `retention.minutes\` ${notKnown} \`retention.minute\`?`,
    ],
    [factory, [...client, { retention: '8d' }], 'retention` must be an object'],
    [factory, [...client, { clock: Date.now() }], 'clock` must be a function'],
  ]),

  [postgresSchema, [{ timeoutMS: 5 }], `timeoutMS\` ${notKnown} \`timeoutMs\`?`],
  [mysqlSchema, [{ shema: 'otp' }], `shema\` ${notKnown} \`schema\`?`],
]

describe('no option is swallowed', () => {
  it.each(rows)('%o of %j', (factory, given, problem) => {
    const call = () => Reflect.apply(factory, undefined, given)
    expect(call).toThrow(new TypeError(`otpkit: ${factory.name}: option \`${problem}`))
  })
})
