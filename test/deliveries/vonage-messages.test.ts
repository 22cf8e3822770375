import { type VonageMessagesOptions, vonageMessages } from 'otpkit/deliveries/vonage'
import { describe, expect, it } from 'vitest'
import {
  describeErrorTable,
  describeHttpDelivery,
  describeStatuses,
  failureOf,
  type HttpDeliveryUnderTest,
  outcomeByStatus,
  type TestedHttpOptions,
  testMessage,
  useProviderServer,
} from './delivery-suite'
import { vonageMessagesOutcomes } from './outcomes/vonage-messages'
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
  unauthorized: ['misconfigured', 'unknown'],
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
  describeErrorTable(server, adapter, vonageMessagesOutcomes, (code, quote) => ({
    status: 422,
    json: problem(code, quote),
  }))

  // A problem without a number, as the edge in front of the API answers.
  const own = { type: 'https://developer.vonage.com/api-errors#unauthorized', title: 'No' }
  it.each([
    [402, own, 'insufficient_funds', 'no'],
    [401, own, 'misconfigured', 'no'],
    [422, own, 'unknown', 'no'],
    [429, own, 'rate_limited', 'no'],
    [500, own, 'unknown', 'unknown'],
    [402, {}, 'unknown', 'unknown'],
    [401, {}, 'misconfigured', 'unknown'],
    [403, {}, 'misconfigured', 'unknown'],
    [422, { invalid_parameters: [{ name: 'from' }] }, 'misconfigured', 'no'],
    [422, { invalid_parameters: [{ name: 'to' }] }, 'invalid_recipient', 'no'],
    [422, {}, 'unknown', 'unknown'],
    [429, {}, 'rate_limited', 'unknown'],
    [500, {}, 'unknown', 'unknown'],
  ])('status %i with %j is %s, sent %s', async (status, json, kind, sent) => {
    server().behave({ status, json })
    const error = await failureOf(create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind, sent })
  })
})

it.each(invalidOptions)('a wrong %s (%j) is a TypeError', (name, value) => {
  expectWrongOption(vonageMessages, options, name, value)
})

describeHttpDelivery(server, adapter)

describe('statuses', () => {
  describeStatuses(
    server,
    adapter,
    () => ({ json: problem(1999, 'New') }),
    (status) =>
      status === 402
        ? { ...outcomeByStatus(status), own: ['insufficient_funds', 'no'] }
        : outcomeByStatus(status),
  )
})
