import { type VonageSmsOptions, vonageSms } from 'otpkit/deliveries/vonage'
import { describe, expect, it } from 'vitest'
import {
  describeErrorTable,
  describeHttpDelivery,
  describeStatuses,
  failureOf,
  type HttpDeliveryUnderTest,
  type TestedHttpOptions,
  testMessage,
  useProviderServer,
} from './delivery-suite'
import { vonageOutcomes } from './outcomes/vonage'
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

const create = (more: TestedHttpOptions & Partial<VonageSmsOptions>) =>
  vonageSms({ ...options, ...more })
const taken = (id: string) => ({ to: '919876543210', 'message-id': id, status: '0' })
const adapter: HttpDeliveryUnderTest = {
  create,
  success: (id) => ({ json: { 'message-count': '1', messages: [taken(id)] } }),
  refusal: (quote) => ({
    json: { 'message-count': '1', messages: [{ status: '2', 'error-text': quote }] },
  }),
  credentials,
  unauthorized: ['misconfigured', 'unknown'],
}

it('makes the documented request', async () => {
  server().behave(adapter.success('0A0000000123ABCD1'))
  expect(await create({ baseUrl: server().url }).deliver(testMessage())).toEqual({
    provider: 'vonage',
    messageId: '0A0000000123ABCD1',
    segments: 1,
  })
  const { method, path, headers, body } = server().lastRequest()
  expect([method, path]).toEqual(['POST', '/sms/json'])
  expect(headers).toMatchObject({ authorization: basic, 'content-type': 'application/json' })
  expect(JSON.parse(body)).toEqual({
    to: '919876543210',
    from: 'AcmeInc',
    text: testMessage().content.text,
    // The ï is not in the GSM alphabet.
    type: 'unicode',
    ttl: 299_999,
    'client-ref': 'abcdefghijklmnopqrstuv',
  })
})

it.each([
  ['047382 is your [Acme] code: {€} Ñandú~', 'unicode'],
  ['047382 is your [Acme] code: {€} Ñà\n@a.example #047382', 'text'],
  ['کد شما 047382', 'unicode'],
])('says what the text %j is made of', async (text, type) => {
  server().behave(adapter.success('1'))
  await create({ baseUrl: server().url }).deliver(testMessage({ content: { text } }))
  expect(JSON.parse(server().lastRequest().body)).toMatchObject({ text, type })
})

it('has the options that are given, and a life within bounds', async () => {
  server().behave(adapter.success('1'))
  const sms = create({
    baseUrl: server().url,
    from: '+447700900000',
    callbackUrl: 'https://otp.example.com/hooks/vonage',
    india: { entityId: '1101', contentId: '1107' },
  })
  await sms.deliver(testMessage({ expiresInMs: 1000 }))
  expect(JSON.parse(server().lastRequest().body)).toMatchObject({
    from: '447700900000',
    ttl: 20_000,
    callback: 'https://otp.example.com/hooks/vonage',
    'entity-id': '1101',
    'content-id': '1107',
  })
  await sms.deliver(testMessage({ to: '+447700900123', country: 'GB' }))
  expect(JSON.parse(server().lastRequest().body)).not.toHaveProperty('entity-id')
})

it('counts the segments, and names each: each is reported by itself', async () => {
  server().behave({ json: { 'message-count': '2', messages: [taken('1'), taken('2')] } })
  const receipt = await create({ baseUrl: server().url }).deliver(testMessage())
  expect(receipt).toEqual({
    provider: 'vonage',
    messageId: '1',
    messageIds: ['1', '2'],
    segments: 2,
  })
})

it('does not know the outcome when some segments were taken', async () => {
  const messages = [taken('1'), { status: '1', 'error-text': 'Throttled' }]
  server().behave({ json: { 'message-count': '2', messages } })
  const error = await failureOf(create({ baseUrl: server().url }))
  expect(error).toMatchObject({ kind: 'rate_limited', sent: 'unknown', providerCode: '1' })
})

it.each([
  [{}],
  [{ messages: [] }],
  [{ messages: [{ status: '0' }] }],
  [{ messages: [{ 'message-id': '1' }] }],
  [{ messages: 'all sent' }],
])('%j is no success', async (json) => {
  server().behave({ json })
  const error = await failureOf(create({ baseUrl: server().url }))
  expect(error).toMatchObject({ kind: 'unknown', sent: 'unknown' })
})

describe('errors', () => {
  describeErrorTable(server, adapter, vonageOutcomes, (status, quote) => ({
    json: { 'message-count': '1', messages: [{ status, 'error-text': quote }] },
  }))

  it.each([
    ['Invalid value for parameter: to', 'invalid_recipient'],
    ['`to` address is not numeric', 'invalid_recipient'],
    ['Invalid value for parameter: ttl', 'misconfigured'],
    ['Please refer to the documentation', 'misconfigured'],
  ])('status 3 with %j is %s', async (text, kind) => {
    server().behave({ json: { messages: [{ status: '3', 'error-text': text }] } })
    const error = await failureOf(create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind, sent: 'no' })
  })

  it.each([
    [429, 'rate_limited', 'unknown'],
    [502, 'unknown', 'unknown'],
  ])('status %i from the edge is %s, sent %s', async (status, kind, sent) => {
    server().behave({ status, text: '<html></html>' })
    const error = await failureOf(create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind, sent, providerCode: String(status) })
  })
})

it.each(invalidOptions)('a wrong %s (%j) is a TypeError', (name, value) => {
  expectWrongOption(vonageSms, options, name, value)
})

describeHttpDelivery(server, adapter)

describe('statuses', () => {
  describeStatuses(server, adapter, () => ({
    json: { 'message-count': '1', messages: [{ status: '99', 'error-text': 'New' }] },
  }))
})
