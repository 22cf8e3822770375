import { telegramGateway } from 'otpkit/deliveries/telegram'
import { describe, expect, it } from 'vitest'
import {
  describeErrorTable,
  describeHttpDelivery,
  describeStatuses,
  failureOf,
  type HttpDeliveryUnderTest,
  outcomeByBody,
  testMessage,
  useProviderServer,
} from './delivery-suite'
import { telegramOutcomes } from './outcomes/telegram'

const server = useProviderServer()
const accessToken = 'AAExampleGatewayToken0123456789'
const sent = (id: string) => ({
  json: {
    ok: true,
    result: { request_id: id, phone_number: '919876543210', request_cost: 0.01 },
  },
})
const gateway: HttpDeliveryUnderTest = {
  create: (options) => telegramGateway({ accessToken, ...options }),
  success: sent,
  refusal: (quote) => ({ json: { ok: false, error: 'PHONE_NUMBER_INVALID', quote } }),
  credentials: [accessToken],
  unauthorized: ['unknown', 'unknown'],
}

describe('telegramGateway', () => {
  describeHttpDelivery(server, gateway)

  // The body decides, so every row is the same with every status.
  describe.each([200, 400, 500])('status %s', (status) => {
    describeErrorTable(server, gateway, telegramOutcomes, (error, quote) => ({
      status,
      json: { ok: false, error, quote },
    }))
  })

  it.each([
    ['no ok', { result: { request_id: '1' } }],
    ['an ok that is text', { ok: 'true', result: { request_id: '1' } }],
    ['no id', { ok: true, result: {} }],
    ['no result', { ok: true }],
    ['an error that is no text', { ok: false, error: 5 }],
  ])('an answer with %s is an unknown outcome', async (_, json) => {
    server().behave({ json })
    const error = await failureOf(gateway.create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'unknown', sent: 'unknown' })
  })

  it('a message that was sent already is a success', async () => {
    server().behave({ json: { ok: false, error: 'MESSAGE_ALREADY_SENT' } })
    const receipt = await gateway.create({ baseUrl: server().url }).deliver(testMessage())
    expect(receipt).toEqual({ provider: 'telegram' })
  })
})

describe('the request', () => {
  it('is the documented one', async () => {
    server().behave(sent('1234567890'))
    const receipt = await gateway.create({ baseUrl: server().url }).deliver(testMessage())
    expect(receipt).toEqual({ provider: 'telegram', messageId: '1234567890' })
    const { method, path, headers, body } = server().lastRequest()
    expect([method, path]).toEqual(['POST', '/sendVerificationMessage'])
    expect(headers).toMatchObject({
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
    })
    expect(JSON.parse(body)).toEqual({
      phone_number: '+919876543210',
      code: '047382',
      ttl: 299,
      payload: testMessage().reference,
    })
  })

  it('names the sender and the callback', async () => {
    server().behave(sent('1'))
    const delivery = telegramGateway({
      accessToken,
      senderUsername: 'acme',
      callbackUrl: 'https://otp.example.com/hooks/telegram',
      baseUrl: server().url,
    })
    await delivery.deliver(testMessage())
    expect(JSON.parse(server().lastRequest().body)).toMatchObject({
      sender_username: 'acme',
      callback_url: 'https://otp.example.com/hooks/telegram',
    })
  })

  it.each([
    [1, 30],
    [30_999, 30],
    [31_000, 31],
    [86_400_000, 3600],
  ])('a code good for %s ms has a ttl of %s s', async (expiresInMs, ttl) => {
    server().behave(sent('1'))
    await gateway.create({ baseUrl: server().url }).deliver(testMessage({ expiresInMs }))
    expect(JSON.parse(server().lastRequest().body).ttl).toBe(ttl)
  })

  it.each(['123', '123456789', '12ab56', '١٢٣٤٥٦'])('refuses the code %s', async (code) => {
    const before = server().requests.length
    const error = await failureOf(gateway.create({ baseUrl: server().url }), testMessage({ code }))
    expect(error).toMatchObject({ kind: 'content_rejected', sent: 'no' })
    expect(server().requests.length).toBe(before)
  })
})

describe('options', () => {
  it.each([
    ['accessToken', { accessToken: '' }],
    ['accessToken', { accessToken: 'hunter2\n' }],
    ['senderUsername', { accessToken, senderUsername: '' }],
    ['callbackUrl', { accessToken, callbackUrl: 'hunter2' }],
    ['callbackUrl', { accessToken, callbackUrl: 'http://hunter2.example' }],
  ])('a wrong %s is a TypeError without the value', (option, options) => {
    expect(() => telegramGateway(options)).toThrow(TypeError)
    expect(() => telegramGateway(options)).toThrow(
      `otpkit: telegramGateway: option \`${option}\` must`,
    )
    expect(() => telegramGateway(options)).not.toThrow('hunter2')
  })
})

describe('statuses', () => {
  describeStatuses(
    server,
    gateway,
    () => ({ json: { ok: false, error: 'SOMETHING_NEW' } }),
    outcomeByBody,
  )
})
