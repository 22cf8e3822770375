import { createHmac } from 'node:crypto'
import { plivoReceipts } from 'otpkit/receipts/plivo'
import { describe, expect, it } from 'vitest'
import vectors from '../data/vectors-receipts.json' with { type: 'json' }
import { describeWebhook, formPost } from './receipt-suite'

const { authToken, nonce, v3, v2 } = vectors.plivo
const url = 'https://otp.example.com/hooks/plivo'
const receipts = plivoReceipts({ authToken })
const delivered = {
  provider: 'plivo',
  messageId: 'db3ce55a-7f1d-11e1-8ea7-1231380bc196',
  status: 'delivered',
} as const

const v3Headers = (signature: string, main = '') => ({
  [`x-plivo-signature-${main}v3`]: signature,
  'x-plivo-signature-v3-nonce': nonce,
})
const v2Headers = (signature: string, main = '') => ({
  [`x-plivo-signature-${main}v2`]: signature,
  'x-plivo-signature-v2-nonce': nonce,
})

/** A form as Plivo signs it, written apart from the library. */
function signed(fields: Readonly<Record<string, string>>) {
  const text = Object.keys(fields)
    .sort()
    .reduce((whole, name) => whole + name + fields[name], `${url}?`)
  const signature = createHmac('sha256', authToken).update(`${text}.${nonce}`).digest('base64')
  return formPost(url, fields, v3Headers(signature))
}

describe('vectors of the signature V3', () => {
  for (const [index, vector] of v3.entries()) {
    for (const main of ['', 'ma-']) {
      describeWebhook(`${index + 1}${main}: ${vector.method} ${vector.url}`, {
        reader: (key) => plivoReceipts({ authToken: key === 'right' ? authToken : 'another' }),
        request: {
          ...formPost(vector.url, vector.params, v3Headers(vector.signature, main)),
          method: vector.method,
        },
        receipts: 'Status' in vector.params ? [delivered] : [],
        signed: {
          headers: [`x-plivo-signature-${main}v3`, 'x-plivo-signature-v3-nonce'],
          body: vector.method === 'GET' ? 'nothing' : 'fields',
          url: true,
        },
      })
    }
  }

  it('are accepted among several signatures in one header', async () => {
    const [vector] = v3
    const several = `AAAA, ${vector?.signature},BBBB`
    expect(await receipts.parse(formPost(url, vector?.params ?? {}, v3Headers(several)))).toEqual([
      delivered,
    ])
  })

  it('S77 are never replaced by V2 where both are there', async () => {
    const [vector] = v3
    const [older] = v2
    const headers = { ...v3Headers('AAAA'), ...v2Headers(older?.signature ?? '') }
    expect(await receipts.parse(formPost(url, vector?.params ?? {}, headers))).toBeNull()
  })
})

describe('vectors of the signature V2', () => {
  const fields = { MessageUUID: delivered.messageId, Status: 'delivered' }

  for (const vector of v2) {
    for (const main of ['', 'ma-']) {
      describeWebhook(`V2 ${main}: ${vector.url}`, {
        reader: (key) => plivoReceipts({ authToken: key === 'right' ? authToken : 'another' }),
        request: formPost(url, fields, v2Headers(vector.signature, main)),
        receipts: [delivered],
        signed: {
          headers: [`x-plivo-signature-${main}v2`, 'x-plivo-signature-v2-nonce'],
          body: 'nothing',
          url: false,
        },
      })
    }
  }

  it('hold for every query, but not for another path', async () => {
    for (const vector of v2) {
      const headers = v2Headers(vector.signature)
      expect(await receipts.parse(formPost(vector.url, fields, headers))).toEqual([delivered])
      expect(await receipts.parse(formPost(`${url}/other`, fields, headers))).toBeNull()
    }
  })

  it('S77 leave the reference in the query unread, which they do not cover', async () => {
    const query = `?reference=${'r'.repeat(22)}`
    for (const vector of v2) {
      const headers = v2Headers(vector.signature)
      const request = formPost(`${vector.url.replace(/\?.*$/, '')}${query}`, fields, headers)
      expect(await receipts.parse(request)).toEqual([delivered])
    }
  })

  it('S77 are refused without acceptV2, since they do not cover the body', async () => {
    const strict = plivoReceipts({ authToken, acceptV2: false })
    for (const vector of v2) {
      expect(await strict.parse(formPost(url, fields, v2Headers(vector.signature)))).toBeNull()
    }
    expect(await strict.parse(signed(fields))).toEqual([delivered])
  })
})

describe('reports of Plivo', () => {
  it.each([
    ['queued', 'accepted'],
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
  ])('a message that is %s is %s', async (Status, status) => {
    const request = signed({ MessageUUID: 'm', Status, ErrorCode: '000', To: '14155550123' })
    expect(await receipts.parse(request)).toEqual([{ provider: 'plivo', messageId: 'm', status }])
  })

  it.each([
    ['10', 'content_rejected'],
    ['20', 'unavailable'],
    ['30', 'content_rejected'],
    ['40', 'misconfigured'],
    ['50', 'invalid_recipient'],
    ['60', 'unknown'],
    ['70', 'invalid_recipient'],
    ['80', 'unavailable'],
    ['90', 'unavailable'],
    ['100', 'content_rejected'],
    ['110', 'content_rejected'],
    ['200', 'opted_out'],
    ['201', 'misconfigured'],
    ['300', 'unavailable'],
    ['420', 'unavailable'],
    ['900', 'insufficient_funds'],
    ['1000', 'unknown'],
  ])('a message that failed with %s: %s', async (ErrorCode, kind) => {
    for (const Status of ['undelivered', 'failed']) {
      expect(await receipts.parse(signed({ MessageUUID: 'm', Status, ErrorCode }))).toEqual([
        { provider: 'plivo', messageId: 'm', status: 'failed', kind, providerCode: ErrorCode },
      ])
    }
  })

  it('name the whole message in the report on a segment', async () => {
    const request = signed({ MessageUUID: 'second', ParentMessageUUID: 'first', Status: 'sent' })
    expect(await receipts.parse(request)).toEqual([
      { provider: 'plivo', messageId: 'first', status: 'sent' },
    ])
  })

  it('may fail without a code, and have a status not known here', async () => {
    const failed = signed({ MessageUUID: 'm', Status: 'failed', ErrorCode: '000' })
    expect(await receipts.parse(failed)).toEqual([
      {
        provider: 'plivo',
        messageId: 'm',
        status: 'failed',
        kind: 'unknown',
        providerCode: 'failed',
      },
    ])
    expect(await receipts.parse(signed({ MessageUUID: 'm', Status: 'new' }))).toEqual([
      { provider: 'plivo', messageId: 'm', status: 'unknown', providerCode: 'new' },
    ])
    expect(await receipts.parse(signed({ MessageUUID: 'm' }))).toEqual([])
  })
})

describe('plivoReceipts', () => {
  it('needs the auth token', () => {
    expect(() => plivoReceipts({ authToken: '' })).toThrow(
      'otpkit: plivoReceipts: option `authToken` must',
    )
  })
})
