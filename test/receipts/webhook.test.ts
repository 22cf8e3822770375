import { createHmac } from 'node:crypto'
import { webhookReceipts } from 'otpkit/receipts/webhook'
import { describe, expect, it } from 'vitest'
import { clock, describeWebhook, post, signedAtMs } from './receipt-suite'

const url = 'https://otp.example.com/hooks/webhook'
const keyOf = (letter: string) => Buffer.from(letter.repeat(32))
const secretOf = (letter: string) => `whsec_${keyOf(letter).toString('base64')}`
const timestamp = String(signedAtMs / 1000)
const reference = 'AbCdEfGhIjKlMnOpQrSt-_'
const receipts = webhookReceipts({ secret: secretOf('k'), clock })

/** A request as Standard Webhooks say, written apart from the library. */
function signed(report: unknown, letters = 'k') {
  const body = typeof report === 'string' ? report : JSON.stringify(report)
  const text = `msg_1.${timestamp}.${body}`
  const signatures = [...letters].map(
    (letter) => `v1,${createHmac('sha256', keyOf(letter)).update(text).digest('base64')}`,
  )
  return post(url, body, {
    'webhook-id': 'msg_1',
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  })
}

describeWebhook('a report of an endpoint of your own', {
  reader: (key, now) =>
    webhookReceipts({ secret: secretOf(key === 'right' ? 'k' : 'x'), clock: now }),
  request: signed({
    messageId: 'm-1',
    reference,
    status: 'failed',
    kind: 'opted_out',
    code: '27',
    price: { amount: 0.01, currency: 'EUR' },
  }),
  receipts: [
    {
      provider: 'webhook',
      messageId: 'm-1',
      reference,
      status: 'failed',
      kind: 'opted_out',
      providerCode: '27',
      price: { amount: 0.01, currency: 'EUR' },
    },
  ],
  signed: {
    headers: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
    body: 'bytes',
    url: false,
  },
  fresh: [signedAtMs - 300_000, signedAtMs + 300_000],
})

describe('reports of an endpoint of your own', () => {
  it.each(['accepted', 'sent', 'delivered', 'read'])('say %s', async (status) => {
    expect(await receipts.parse(signed({ messageId: 'm', status }))).toEqual([
      { provider: 'webhook', messageId: 'm', status },
    ])
  })

  it('come in lists too, under a key that is being replaced', async () => {
    const list = [
      { messageId: 'a', status: 'sent' },
      { status: 'sent' },
      { messageId: 'b', status: 'new' },
    ]
    expect(await receipts.parse(signed(list, 'xk'))).toEqual([
      { provider: 'webhook', messageId: 'a', status: 'sent' },
      { provider: 'webhook', messageId: 'b', status: 'unknown', providerCode: 'new' },
    ])
  })

  it('may be anything, and state no price but a plain one', async () => {
    for (const report of ['', 'no JSON', 'null', [], 5, {}, { messageId: 'm' }]) {
      expect(await receipts.parse(signed(report))).toEqual([])
    }
    for (const price of [
      5,
      {},
      { amount: 'x', currency: 'EUR' },
      { amount: 1, currency: 'euro' },
    ]) {
      const [receipt] =
        (await receipts.parse(signed({ messageId: 'm', status: 'sent', price }))) ?? []
      expect(receipt).toEqual({ provider: 'webhook', messageId: 'm', status: 'sent' })
    }
  })
})

it('webhookReceipts needs the secret that the delivery has', () => {
  for (const secret of ['', 'whsec_', 'whsec_c2hvcnQ=', secretOf('k').slice(6)]) {
    expect(() => webhookReceipts({ secret })).toThrow(
      'otpkit: webhookReceipts: option `secret` must be whsec_ and the base64 of 24 to 64 bytes',
    )
  }
})
