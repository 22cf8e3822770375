import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { DeliveryErrorKind } from 'otpkit'
import { webhook } from 'otpkit/deliveries/webhook'
import { describe, expect, it } from 'vitest'
import {
  describeHttpDelivery,
  describeStatuses,
  expectNoSecrets,
  failureOf,
  type HttpDeliveryUnderTest,
  outcomeByStatus,
  testMessage,
  useProviderServer,
} from './delivery-suite'

const server = useProviderServer()
const vector: Readonly<Record<'secret' | 'id' | 'timestamp' | 'body' | 'signature', string>> =
  JSON.parse(readFileSync(new URL('../data/standard-webhooks.json', import.meta.url), 'utf8'))
const { secret } = vector
const now = 1_768_478_400_999

const endpoint: HttpDeliveryUnderTest = {
  create: ({ baseUrl, ...options }) =>
    webhook({ url: `${baseUrl}/messages/otp?tenant=1`, secret, clock: () => now, ...options }),
  success: (id) => ({ json: { messageId: id } }),
  refusal: (quote) => ({
    status: 422,
    json: { kind: 'invalid_recipient', sent: 'no', code: quote, message: quote },
  }),
  credentials: [secret, secret.replace('whsec_', '')],
  unauthorized: ['misconfigured', 'unknown'],
}

/** As a receiver computes it, with Node's own HMAC. */
function sign(id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}

describe('webhook', () => {
  describeHttpDelivery(server, endpoint)
})

describe('the request', () => {
  it('holds the whole message', async () => {
    server().behave({ status: 202, json: { messageId: 'msg-1' } })
    const content = { text: 'text', subject: 'subject', html: '<p>html</p>', spoken: 'spoken' }
    const message = testMessage({ content })
    const receipt = await endpoint.create({ baseUrl: server().url }).deliver(message)
    expect(receipt).toEqual({ provider: 'webhook', messageId: 'msg-1' })
    const { method, path, headers, body } = server().lastRequest()
    expect([method, path]).toEqual(['POST', '/messages/otp?tenant=1'])
    expect(headers['content-type']).toBe('application/json')
    expect(JSON.parse(body)).toEqual(message)
  })

  it('is signed as Standard Webhooks say', async () => {
    expect(sign(vector.id, vector.timestamp, vector.body)).toBe(vector.signature)
    server().behave({ json: { messageId: 'msg-1' } })
    await endpoint.create({ baseUrl: server().url }).deliver(testMessage())
    const { headers, body } = server().lastRequest()
    expect(headers).toMatchObject({
      'webhook-id': testMessage().reference,
      'webhook-timestamp': '1768478400',
      'webhook-signature': sign(testMessage().reference, '1768478400', body),
    })
  })

  it('holds an e-mail message too', async () => {
    server().behave({ json: { messageId: 'msg-1' } })
    const { country: _, ...message } = testMessage({ to: 'a@example.com', channel: 'email' })
    await endpoint.create({ baseUrl: server().url }).deliver(message)
    expect(JSON.parse(server().lastRequest().body)).toEqual(message)
  })
})

describe('the answer', () => {
  const kinds: readonly DeliveryErrorKind[] = [
    'invalid_recipient',
    'opted_out',
    'fraud_blocked',
    'content_rejected',
    'misconfigured',
    'insufficient_funds',
    'rate_limited',
    'unavailable',
    'unknown',
  ]
  it.each(kinds)('%s is passed on, with any status', async (kind) => {
    for (const status of [200, 422, 500]) {
      for (const sent of ['no', 'unknown']) {
        server().behave({ status, json: { kind, sent, messageId: 'msg-1' } })
        const error = await failureOf(endpoint.create({ baseUrl: server().url }))
        expect(error).toMatchObject({ kind, sent, provider: 'webhook' })
      }
    }
  })

  it('without sent leaves the outcome unknown', async () => {
    server().behave({ status: 422, json: { kind: 'unavailable' } })
    const error = await failureOf(endpoint.create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'unavailable', sent: 'unknown' })
  })

  it.each([
    ['a 2xx without an id', 204, undefined],
    ['an id that is no text', 200, { messageId: {} }],
    ['an id with a failing status', 500, { messageId: 'msg-1' }],
  ])('%s is an unknown outcome', async (_, status, json) => {
    server().behave({ status, json })
    const error = await failureOf(endpoint.create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'unknown', sent: 'unknown' })
  })

  it('a kind that does not exist is unknown, and sent nothing where the endpoint says so', async () => {
    server().behave({ status: 422, json: { kind: 'constructor', sent: 'no' } })
    const error = await failureOf(endpoint.create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'unknown', sent: 'no' })
  })

  it('asks for patience with Retry-After', async () => {
    server().behave({ status: 429, headers: { 'retry-after': '3' } })
    const error = await failureOf(endpoint.create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'rate_limited', sent: 'no', retryAfterMs: 3000 })
    expectNoSecrets(error, ['tenant'])
  })
})

describe('options', () => {
  const url = 'https://messages.example.com/otp'
  it.each([
    ['url', { url: '', secret }],
    ['url', { url: 'http://hunter2.example.com/otp', secret }],
    ['url', { url: 'https://a:hunter2@example.com/otp', secret }],
    ['secret', { url, secret: '' }],
    ['secret', { url, secret: 'hunter2' }],
    ['secret', { url, secret: 'whsec_hunter2' }],
    ['secret', { url, secret: `whsec_${btoa('x'.repeat(23))}` }],
    ['secret', { url, secret: `whsec_${btoa('x'.repeat(65))}` }],
    ['timeoutMs', { url, secret, timeoutMs: 0 }],
  ])('a wrong %s is a TypeError without the value', (option, options) => {
    expect(() => webhook(options)).toThrow(TypeError)
    expect(() => webhook(options)).toThrow(`otpkit: webhook: option \`${option}\` must`)
    expect(() => webhook(options)).not.toThrow('hunter2')
  })

  it('reaches what its endpoint reaches', () => {
    expect(webhook({ url, secret }).reaches).toEqual(['phone', 'email'])
    expect(webhook({ url, secret, reaches: ['email'] }).reaches).toEqual(['email'])
  })
})

describe('statuses', () => {
  describeStatuses(
    server,
    endpoint,
    () => ({ json: { kind: 'something_new', sent: 'no' } }),
    (status) => {
      const usual = outcomeByStatus(status)
      // The endpoint is one's own, and what it says is meant for this very delivery.
      const own = ['unknown', 'no'] as const
      const limited = ['rate_limited', 'no'] as const
      return status === 429
        ? { own, page: limited, json: limited, empty: limited }
        : { ...usual, own }
    },
  )
})
