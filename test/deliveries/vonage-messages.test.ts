import { type VonageMessagesOptions, vonageMessages } from 'otpkit/deliveries/vonage'
import { describe, expect, it } from 'vitest'
import {
  describeErrorTable,
  describeHttpDelivery,
  type ErrorRow,
  failureOf,
  type HttpDeliveryUnderTest,
  type TestedHttpOptions,
  testMessage,
  useProviderServer,
} from './delivery-suite'
import { expectWrongOption } from './samples'

const apiSecret = 'S3cret-of-Vonage'
const options = { apiKey: 'a1b2c3d4', apiSecret, from: 'AcmeInc' }
const basic = `Basic ${btoa(`a1b2c3d4:${apiSecret}`)}`
const credentials = [apiSecret, basic.slice(6)]
const server = useProviderServer()

const invalidOptions = [
  ['apiKey', ''],
  ['apiSecret', 'wrong value'],
  ['from', 'wrong-value-of-a-sender'],
  ['from', ''],
  ['callbackUrl', 'http://wrong-value.example'],
  ['india', { entityId: '1101' }],
  ['baseUrl', 'http://wrong-value.example'],
] as const

const create = (more: TestedHttpOptions & Partial<VonageMessagesOptions>) =>
  vonageMessages({ ...options, ...more })
const problem = (code: string | number, detail: string) => ({
  type: `https://developer.vonage.com/api-errors/messages#${code}`,
  title: 'Error',
  detail,
  instance: 'bf0ca0bf927b3b52e3cb03217e1a1ddf',
})
const adapter: HttpDeliveryUnderTest = {
  create,
  success: (id) => ({ status: 202, json: { message_uuid: id } }),
  refusal: (quote) => ({ status: 422, json: problem(1020, quote) }),
  credentials,
  unauthorized: ['misconfigured', 'no'],
}

it('makes the documented request', async () => {
  server().behave(adapter.success('aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab'))
  expect(await create({ baseUrl: server().url }).deliver(testMessage())).toEqual({
    provider: 'vonage',
    messageId: 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab',
  })
  const { method, path, headers, body } = server().lastRequest()
  expect([method, path]).toEqual(['POST', '/v1/messages'])
  expect(headers).toMatchObject({ authorization: basic, 'content-type': 'application/json' })
  expect(JSON.parse(body)).toEqual({
    message_type: 'text',
    channel: 'sms',
    to: '919876543210',
    from: 'AcmeInc',
    text: testMessage().content.text,
    client_ref: 'abcdefghijklmnopqrstuv',
    ttl: 299,
    sms: { encoding_type: 'auto' },
  })
})

it('has the options that are given', async () => {
  server().behave(adapter.success('1'))
  const sms = create({
    baseUrl: server().url,
    callbackUrl: 'https://otp.example.com/hooks/vonage',
    india: { entityId: '1101', contentId: '1107' },
  })
  await sms.deliver(testMessage({ expiresInMs: 1000 }))
  expect(JSON.parse(server().lastRequest().body)).toMatchObject({
    ttl: 20,
    webhook_url: 'https://otp.example.com/hooks/vonage',
    webhook_version: 'v1',
    sms: { encoding_type: 'auto', entity_id: '1101', content_id: '1107' },
  })
})

describe('errors', () => {
  const rows: readonly ErrorRow[] = [
    [1000, 'rate_limited', 'no'],
    [1010, 'misconfigured', 'no'],
    [1020, 'misconfigured', 'no'],
    [1021, 'misconfigured', 'no'],
    [1022, 'content_rejected', 'no'],
    [1030, 'unavailable', 'unknown'],
    [1040, 'content_rejected', 'no'],
    [1050, 'opted_out', 'no'],
    [1060, 'misconfigured', 'no'],
    [1070, 'insufficient_funds', 'no'],
    [1080, 'rate_limited', 'no'],
    [1090, 'content_rejected', 'no'],
    [1100, 'unavailable', 'unknown'],
    [1120, 'misconfigured', 'no'],
    [1130, 'misconfigured', 'no'],
    [1160, 'misconfigured', 'no'],
    [1170, 'invalid_recipient', 'no'],
    [1210, 'content_rejected', 'no'],
    [1240, 'opted_out', 'no'],
    [1241, 'opted_out', 'no'],
    [1420, 'misconfigured', 'no'],
    [1430, 'content_rejected', 'no'],
    [1460, 'fraud_blocked', 'no'],
    [1470, 'fraud_blocked', 'no'],
    [1471, 'fraud_blocked', 'no'],
    [1472, 'fraud_blocked', 'no'],
    [1476, 'content_rejected', 'no'],
    [1480, 'content_rejected', 'no'],
    [1481, 'content_rejected', 'no'],
    [1482, 'content_rejected', 'no'],
    [1483, 'content_rejected', 'no'],
  ]
  describeErrorTable(server, adapter, rows, (code, quote) => ({
    status: 422,
    json: problem(code, quote),
  }))

  it.each([
    [402, {}, 'insufficient_funds', 'no'],
    [401, {}, 'misconfigured', 'no'],
    [403, {}, 'misconfigured', 'no'],
    [422, { invalid_parameters: [{ name: 'from' }] }, 'misconfigured', 'no'],
    [422, { invalid_parameters: [{ name: 'to' }] }, 'invalid_recipient', 'no'],
    [422, {}, 'unknown', 'unknown'],
    [429, {}, 'rate_limited', 'no'],
    [500, {}, 'unknown', 'unknown'],
  ])('status %i with %j is %s, sent %s', async (status, json, kind, sent) => {
    server().behave({ status, json })
    const error = await failureOf(create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind, sent, providerCode: String(status) })
  })
})

it.each(invalidOptions)('a wrong %s (%j) is a TypeError', (name, value) => {
  expectWrongOption(vonageMessages, options, name, value)
})

describeHttpDelivery(server, adapter)
