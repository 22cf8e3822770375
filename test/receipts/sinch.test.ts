import { createHmac } from 'node:crypto'
import { sinchReceipts } from 'otpkit/receipts/sinch'
import { describe, expect, it } from 'vitest'
import vectors from '../data/vectors-receipts.json' with { type: 'json' }
import { clock, describeWebhook, post, signedAtMs } from './receipt-suite'

const { webhook, application } = vectors.sinch
const { secret: webhookSecret, nonce, timestamp, body, signature } = webhook
const url = 'https://otp.example.com/hooks/sinch'
const receipts = sinchReceipts({ webhookSecret, clock })
const headers = (signed: string) => ({
  'x-sinch-webhook-signature': signed,
  'x-sinch-webhook-signature-nonce': nonce,
  'x-sinch-webhook-signature-timestamp': timestamp,
})

/** A report as Sinch signs it, written apart from the library. */
function signed(report: unknown) {
  const text = typeof report === 'string' ? report : JSON.stringify(report)
  const digest = createHmac('sha256', webhookSecret).update(`${text}.${nonce}.${timestamp}`)
  return post(url, text, headers(digest.digest('base64')))
}

describeWebhook('the vector of x-sinch-webhook-signature', {
  reader: (key, now) =>
    sinchReceipts({ webhookSecret: key === 'right' ? webhookSecret : 'another', clock: now }),
  request: post(url, body, headers(signature)),
  receipts: [{ provider: 'sinch', messageId: '01FC66621XXXXX119Z8PMV1QPQ', status: 'delivered' }],
  signed: { headers: Object.keys(headers('')), body: 'bytes', url: false },
  fresh: [signedAtMs - 300_000, signedAtMs + 300_000],
})

describe('reports of Sinch', () => {
  const type = 'recipient_delivery_report_sms'

  it.each([
    ['Queued', 400, { status: 'accepted' }],
    ['Dispatched', 401, { status: 'sent' }],
    ['Delivered', 0, { status: 'delivered' }],
    ['Aborted', 402, { status: 'failed', kind: 'unknown', providerCode: '402' }],
    ['Cancelled', 407, { status: 'failed', kind: 'unknown', providerCode: '407' }],
    ['Rejected', 403, { status: 'failed', kind: 'unknown', providerCode: '403' }],
    ['Deleted', 404, { status: 'failed', kind: 'unknown', providerCode: '404' }],
    ['Failed', 405, { status: 'failed', kind: 'unknown', providerCode: '405' }],
    ['Expired', 406, { status: 'failed', kind: 'unavailable', providerCode: '406' }],
    ['Unknown', 408, { status: 'unknown', providerCode: '408' }],
  ])('a message that is %s (%i) is %o', async (status, code, expected) => {
    const report = { type, batch_id: 'b', recipient: '+46700000000', code, status }
    expect(await receipts.parse(signed(report))).toEqual([
      { provider: 'sinch', messageId: 'b', ...expected },
    ])
  })

  it('carry the reference of the message', async () => {
    const reference = 'AbCdEfGhIjKlMnOpQrSt-_'
    const report = {
      type,
      batch_id: 'b',
      code: 0,
      status: 'Delivered',
      client_reference: reference,
    }
    expect(await receipts.parse(signed(report))).toMatchObject([{ reference }])
  })

  it('are none where the body is about something else', async () => {
    const summary = { type: 'delivery_report_sms', batch_id: 'b', statuses: [] }
    for (const report of [summary, { type }, '', '{', '[]', 'null']) {
      expect(await receipts.parse(signed(report))).toEqual([])
    }
  })

  it('S77 are refused with the signature of other products, which rests on MD5', async () => {
    const authorization = `Application ${application.key}:${application.signature}`
    const request = post(`https://otp.example.com${application.path}`, application.body, {
      authorization,
      'content-type': application.contentType,
      'x-timestamp': application.xTimestamp,
    })
    for (const secret of [application.secret, webhookSecret]) {
      expect(await sinchReceipts({ webhookSecret: secret, clock }).parse(request)).toBeNull()
    }
  })
})

describe('sinchReceipts', () => {
  it('needs the webhook secret', () => {
    expect(() => sinchReceipts({ webhookSecret: '' })).toThrow(
      'otpkit: sinchReceipts: option `webhookSecret` must',
    )
  })
})
