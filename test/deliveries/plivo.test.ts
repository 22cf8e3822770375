import { type PlivoSmsOptions, plivoSms } from 'otpkit/deliveries/plivo'
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
import { plivoOutcomes } from './outcomes/plivo'
import { expectWrongOption } from './samples'

const authToken = 'ExamplePlivoAuthToken0123456789abcdef'
const options = { authId: 'MAXXXXXXXXXXXXXXXXXX', authToken, from: '+14155550100' }
const basic = btoa(`MAXXXXXXXXXXXXXXXXXX:${authToken}`)
const create = (more: TestedHttpOptions & Partial<PlivoSmsOptions>) =>
  plivoSms({ ...options, ...more })

const queued = (ids: readonly string[]) => ({
  api_id: 'b1b2',
  message: 'message(s) queued',
  message_uuid: ids,
})
const adapter: HttpDeliveryUnderTest = {
  create,
  success: (id) => ({ status: 202, json: queued([id]) }),
  refusal: (quote) => ({ status: 400, json: { api_id: 'b1b2', error: quote } }),
  credentials: [authToken, basic],
  unauthorized: ['misconfigured', 'unknown'],
}
const server = useProviderServer()

describe('the request', () => {
  it('is the documented one', async () => {
    server().behave(adapter.success('db3ce55a-7f1d-11e1-8ea7-1231380bc196'))
    expect(await create({ baseUrl: server().url }).deliver(testMessage())).toEqual({
      provider: 'plivo',
      messageId: 'db3ce55a-7f1d-11e1-8ea7-1231380bc196',
    })
    const { method, path, headers, body } = server().lastRequest()
    expect([method, path]).toEqual(['POST', '/v1/Account/MAXXXXXXXXXXXXXXXXXX/Message/'])
    expect(headers).toMatchObject({
      authorization: `Basic ${basic}`,
      'content-type': 'application/json',
    })
    expect(JSON.parse(body)).toEqual({
      src: '+14155550100',
      dst: '+919876543210',
      text: testMessage().content.text,
      type: 'sms',
      log: false,
      message_expiry: 299,
    })
  })

  it('has the options that are given, the Indian ones for Indian numbers only', async () => {
    server().behave(adapter.success('1'))
    const sms = create({
      baseUrl: server().url,
      callbackUrl: 'https://otp.example.com/hooks/plivo',
      india: { entityId: '1101', templateId: '1107', templateCategory: 'service_implicit' },
    })
    await sms.deliver(testMessage())
    expect(JSON.parse(server().lastRequest().body)).toMatchObject({
      url: `https://otp.example.com/hooks/plivo?reference=${testMessage().reference}`,
      method: 'POST',
      dlt_entity_id: '1101',
      dlt_template_id: '1107',
      dlt_template_category: 'service_implicit',
    })
    await sms.deliver(testMessage({ to: '+14155550123', country: 'US' }))
    expect(server().lastRequest().body).not.toContain('dlt_')
  })

  it.each([
    [100, 5],
    [86_400_000, 10_798],
  ])('a life of %i ms is %i seconds, within bounds', async (expiresInMs, message_expiry) => {
    server().behave(adapter.success('1'))
    await create({ baseUrl: server().url }).deliver(testMessage({ expiresInMs }))
    expect(JSON.parse(server().lastRequest().body)).toMatchObject({ message_expiry })
  })

  it('S62 is not made for a list of numbers', async () => {
    const before = server().requests.length
    const message = testMessage({ to: '+919876543210<+14155550123' })
    const error = await failureOf(create({ baseUrl: server().url }), message)
    expect(error).toMatchObject({ kind: 'invalid_recipient', sent: 'no' })
    expect(server().requests.length).toBe(before)
  })
})

describe('errors', () => {
  // Without the name of the field, which would make it a remark about the recipient.
  describeErrorTable(server, adapter, plivoOutcomes, (status, quote) => ({
    status: Number(status),
    json: { api_id: 'b1b2', error: quote.replaceAll('dst', 'number') },
  }))

  it('a bad parameter is the person’s when it is the number', async () => {
    server().behave({ status: 400, json: { error: "'dst' parameter is not valid" } })
    const error = await failureOf(create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'invalid_recipient', sent: 'no' })
  })

  it.each([
    "'src' is not valid for this dst",
    'src and dst must differ',
    'Permission to send to the region of dst is not enabled',
    'You are not authorized to write to dst',
  ])('a remark about the sender is nobody else’s: %s', async (error) => {
    server().behave({ status: 400, json: { api_id: 'b1b2', error } })
    const failure = await failureOf(create({ baseUrl: server().url }))
    expect(failure).toMatchObject({ kind: 'misconfigured', sent: 'no' })
  })

  it('a number that is sorted out of an accepted request is the person’s', async () => {
    server().behave({ status: 202, json: { ...queued([]), invalid_number: ['919876543210'] } })
    const error = await failureOf(create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'invalid_recipient', sent: 'no' })
  })

  it.each([
    [202, queued([])],
    [202, { message: 'message(s) queued' }],
    [200, queued(['1'])],
  ])('status %i with %j is no success', async (status, json) => {
    server().behave({ status, json })
    const error = await failureOf(create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'unknown', sent: 'unknown' })
  })
})

describe('options', () => {
  it.each([
    ['authId', ''],
    ['authToken', 'wrong value'],
    ['from', ''],
    ['callbackUrl', 'http://wrong-value.example'],
    ['callbackUrl', ''],
    ['india', { entityId: '1101' }],
    ['baseUrl', 'http://wrong-value.example'],
  ])('a wrong %s (%j) is a TypeError that names it and not its value', (name, value) => {
    expectWrongOption(plivoSms, options, name, value)
  })
})

describeHttpDelivery(server, adapter)

describe('statuses', () => {
  // The status is the code, so an answer with another one is what nobody has listed.
  describeStatuses(
    server,
    adapter,
    () => ({ json: { api_id: 'b1b2', error: 'new' } }),
    (status) => {
      const usual = outcomeByStatus(status)
      if (status === 402) return { ...usual, own: ['insufficient_funds', 'no'] }
      return [400, 405, 406].includes(status) ? { ...usual, own: ['misconfigured', 'no'] } : usual
    },
  )
})
