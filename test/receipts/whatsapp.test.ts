import { createHmac } from 'node:crypto'
import { whatsappReceipts } from 'otpkit/receipts/whatsapp'
import { describe, expect, it } from 'vitest'
import vectors from '../data/vectors-receipts.json' with { type: 'json' }
import { describeWebhook, post } from './receipt-suite'

const { appSecret, cases } = vectors.metaWhatsApp
const url = 'https://otp.example.com/hooks/whatsapp'
const verifyToken = 'word-of-our-own'
const receipts = whatsappReceipts({ appSecret, verifyToken })

/** A body as Meta signs it, written apart from the library. */
function signed(body: string) {
  const digest = createHmac('sha256', appSecret).update(body).digest('hex')
  return post(url, body, { 'x-hub-signature-256': `sha256=${digest}` })
}

/** A batch with these statuses. */
function batch(...statuses: readonly object[]) {
  const value = { metadata: { display_phone_number: '15550783881' }, statuses }
  return JSON.stringify({ entry: [{ id: '1', changes: [{ field: 'messages', value }] }] })
}

describe('vectors of X-Hub-Signature-256', () => {
  for (const [index, vector] of cases.entries()) {
    describeWebhook(`vector ${index + 1}`, {
      reader: (key) =>
        whatsappReceipts({ appSecret: key === 'right' ? appSecret : 'another', verifyToken }),
      request: post(url, vector.body, { 'x-hub-signature-256': vector.header }),
      receipts: vector.body.includes('statuses')
        ? [
            {
              provider: 'whatsapp',
              messageId: 'wamid.HBgLMTIwMTU1NTM5MzEVAgARGBI5',
              status: 'delivered',
            },
          ]
        : [],
      signed: { headers: ['x-hub-signature-256'], body: 'bytes', url: false },
    })
  }

  it('S77 are refused once the body was parsed and written again', async () => {
    for (const vector of cases) {
      const body = JSON.stringify(JSON.parse(vector.body))
      const request = post(url, body, { 'x-hub-signature-256': vector.header })
      expect((await receipts.parse(request)) === null).toBe(body !== vector.body)
    }
    expect(cases.some(({ body }) => body !== JSON.stringify(JSON.parse(body)))).toBe(true)
  })
})

describe('reports of WhatsApp', () => {
  it.each([
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['played', 'read'],
  ])('a message that is %s is %s', async (word, status) => {
    const report = { id: 'wamid.x', status: word, recipient_id: '12015553931' }
    expect(await receipts.parse(signed(batch(report)))).toEqual([
      { provider: 'whatsapp', messageId: 'wamid.x', status },
    ])
  })

  it('a person with a username has no number, and an id of the business instead', async () => {
    // https://developers.facebook.com/documentation/business-messaging/whatsapp: since April 2026.
    const report = {
      id: 'wamid.x',
      status: 'delivered',
      timestamp: '1768478400',
      recipient_user_id: 'US.13491208655302741918',
      recipient_type: 'individual',
      biz_opaque_callback_data: 'AbCdEfGhIjKlMnOpQrSt-_',
    }
    expect(await receipts.parse(signed(batch(report)))).toEqual([
      {
        provider: 'whatsapp',
        messageId: 'wamid.x',
        status: 'delivered',
        reference: 'AbCdEfGhIjKlMnOpQrSt-_',
      },
    ])
  })

  it.each([
    [0, 'misconfigured'],
    [1, 'unknown'],
    [2, 'unavailable'],
    [3, 'misconfigured'],
    [4, 'rate_limited'],
    [10, 'misconfigured'],
    [33, 'misconfigured'],
    [100, 'content_rejected'],
    [190, 'misconfigured'],
    [200, 'misconfigured'],
    [299, 'misconfigured'],
    [368, 'misconfigured'],
    [80007, 'rate_limited'],
    [130429, 'rate_limited'],
    [130472, 'invalid_recipient'],
    [131000, 'unknown'],
    [131005, 'misconfigured'],
    [131008, 'content_rejected'],
    [131009, 'content_rejected'],
    [131016, 'unavailable'],
    [131021, 'invalid_recipient'],
    [131026, 'invalid_recipient'],
    [131030, 'misconfigured'],
    [131031, 'misconfigured'],
    [131037, 'misconfigured'],
    [131042, 'insufficient_funds'],
    [131045, 'misconfigured'],
    [131047, 'content_rejected'],
    [131048, 'rate_limited'],
    [131049, 'invalid_recipient'],
    [131050, 'opted_out'],
    [131051, 'content_rejected'],
    [131052, 'content_rejected'],
    [131053, 'content_rejected'],
    [131056, 'rate_limited'],
    [131057, 'unavailable'],
    [132000, 'content_rejected'],
    [132001, 'content_rejected'],
    [132005, 'content_rejected'],
    [132007, 'content_rejected'],
    [132012, 'content_rejected'],
    [132015, 'content_rejected'],
    [132016, 'content_rejected'],
    [133004, 'unavailable'],
    [133006, 'misconfigured'],
    [133010, 'misconfigured'],
    [133016, 'misconfigured'],
    [135000, 'unknown'],
    [999999, 'unknown'],
  ])('a message that failed with %i: %s', async (code, kind) => {
    const report = { id: 'wamid.x', status: 'failed', errors: [{ code, title: '+12015553931' }] }
    expect(await receipts.parse(signed(batch(report)))).toEqual([
      {
        provider: 'whatsapp',
        messageId: 'wamid.x',
        status: 'failed',
        kind,
        providerCode: String(code),
      },
    ])
  })

  it('come in batches, with the references of the messages', async () => {
    const reference = 'AbCdEfGhIjKlMnOpQrSt-_'
    const request = signed(
      batch(
        { id: 'wamid.1', status: 'sent', biz_opaque_callback_data: reference },
        { id: 'wamid.2', status: 'read', biz_opaque_callback_data: '+12015553931' },
        { id: 'wamid.3', status: 'new' },
        { id: 'wamid.4', status: 'failed' },
        { status: 'read' },
        { id: 'wamid.6' },
      ),
    )
    expect(await receipts.parse(request)).toEqual([
      { provider: 'whatsapp', messageId: 'wamid.1', reference, status: 'sent' },
      { provider: 'whatsapp', messageId: 'wamid.2', status: 'read' },
      { provider: 'whatsapp', messageId: 'wamid.3', status: 'unknown', providerCode: 'new' },
      {
        provider: 'whatsapp',
        messageId: 'wamid.4',
        status: 'failed',
        kind: 'unknown',
        providerCode: 'failed',
      },
    ])
  })

  it('are none where the body is about something else', async () => {
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '{"entry":{}}',
      '{"entry":[null,1,{"changes":"x"},{"changes":[{"field":"messages"}]}]}',
      '{"entry":[{"changes":[{"field":"account_update","value":{"statuses":[{"id":"a","status":"read"}]}}]}]}',
      '{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"id":"a","type":"button"}]}}]}]}',
      `${'['.repeat(50_000)}`,
    ]) {
      expect(await receipts.parse(signed(body))).toEqual([])
    }
  })

  it('may be a batch of megabytes', async () => {
    const report = { id: 'wamid.x', status: 'sent', conversation: { id: 'x'.repeat(1000) } }
    const request = signed(batch(...Array.from({ length: 2500 }, () => report)))
    expect(request.body.length).toBeGreaterThan(2.5 * 1024 * 1024)
    expect(await receipts.parse(request)).toHaveLength(2500)
  })
})

describe('the handshake of WhatsApp', () => {
  const ask = (query: Readonly<Record<string, string>>, method = 'GET') =>
    receipts.handshake({
      method,
      url: `${url}?${new URLSearchParams(query)}`,
      headers: {},
      body: '',
    })
  const query = {
    'hub.mode': 'subscribe',
    'hub.verify_token': verifyToken,
    'hub.challenge': '1158201444',
  }

  it('answers who knows the verify token with what is asked', () => {
    expect(ask(query)).toBe('1158201444')
  })

  it('S77 answers nobody else', () => {
    expect(ask({ ...query, 'hub.verify_token': `${verifyToken}x` })).toBeNull()
    expect(ask({ ...query, 'hub.verify_token': '' })).toBeNull()
    expect(ask({ ...query, 'hub.mode': 'unsubscribe' })).toBeNull()
    expect(ask({ ...query, 'hub.challenge': '' })).toBeNull()
    expect(ask({ ...query, 'hub.challenge': '<script>' })).toBeNull()
    expect(ask({ ...query, 'hub.challenge': '1'.repeat(257) })).toBeNull()
    expect(ask(query, 'POST')).toBeNull()
    expect(ask({})).toBeNull()
  })

  it('S77 refuses parameters that are there twice, and a URL that is none', () => {
    const twice = `${url}?${new URLSearchParams(query)}&hub.verify_token=${verifyToken}`
    expect(receipts.handshake({ method: 'GET', url: twice, headers: {}, body: '' })).toBeNull()
    expect(receipts.handshake({ method: 'GET', url: 'https://', headers: {}, body: '' })).toBeNull()
  })
})

describe('whatsappReceipts', () => {
  it('needs the app secret and the verify token', () => {
    expect(() => whatsappReceipts({ appSecret: '', verifyToken })).toThrow(
      'otpkit: whatsappReceipts: option `appSecret` must',
    )
    expect(() => whatsappReceipts({ appSecret, verifyToken: '' })).toThrow(
      'otpkit: whatsappReceipts: option `verifyToken` must',
    )
  })
})
