import { createHash, createHmac } from 'node:crypto'
import { telegramReceipts } from 'otpkit/receipts/telegram'
import { describe, expect, it } from 'vitest'
import vectors from '../data/vectors-receipts.json' with { type: 'json' }
import { clock, describeWebhook, post, signedAtMs } from './receipt-suite'

const { token: accessToken, timestamp, body, signature } = vectors.telegramGateway
const url = 'https://otp.example.com/hooks/telegram'
const receipts = telegramReceipts({ accessToken, clock })

/** A report as Telegram signs it, written apart from the library. */
function signed(report: unknown, seconds = timestamp) {
  const text = typeof report === 'string' ? report : JSON.stringify(report)
  const key = createHash('sha256').update(accessToken).digest()
  return post(url, text, {
    'x-request-timestamp': seconds,
    'x-request-signature': createHmac('sha256', key).update(`${seconds}\n${text}`).digest('hex'),
  })
}

describeWebhook('the vector of X-Request-Signature', {
  reader: (key, now) =>
    telegramReceipts({ accessToken: key === 'right' ? accessToken : 'another', clock: now }),
  request: post(url, body, {
    'x-request-timestamp': timestamp,
    'x-request-signature': signature,
  }),
  receipts: [{ provider: 'telegram', messageId: '1234567890', status: 'delivered' }],
  signed: {
    headers: ['x-request-timestamp', 'x-request-signature'],
    body: 'bytes',
    url: false,
  },
  fresh: [signedAtMs - 300_000, signedAtMs + 300_000],
})

describe('reports of Telegram', () => {
  it.each([
    ['sent', { status: 'sent' }],
    ['delivered', { status: 'delivered' }],
    ['read', { status: 'read' }],
    ['expired', { status: 'failed', kind: 'unavailable', providerCode: 'expired' }],
    ['revoked', { status: 'failed', kind: 'unknown', providerCode: 'revoked' }],
    ['new', { status: 'unknown', providerCode: 'new' }],
  ])('a message that is %s is %o', async (status, expected) => {
    const report = { request_id: 'r', phone_number: '391234567890', delivery_status: { status } }
    expect(await receipts.parse(signed(report))).toEqual([
      { provider: 'telegram', messageId: 'r', ...expected },
    ])
  })

  it('carry the reference of the message', async () => {
    const payload = 'AbCdEfGhIjKlMnOpQrSt-_'
    const report = { request_id: 'r', payload, delivery_status: { status: 'read' } }
    expect(await receipts.parse(signed(report))).toMatchObject([{ reference: payload }])
  })

  it('are none where the body says nothing of the message', async () => {
    const typed = { request_id: 'r', verification_status: { status: 'code_valid' } }
    for (const report of [typed, '', '{', '[]', 'null', '{"delivery_status":{"status":"read"}}']) {
      expect(await receipts.parse(signed(report))).toEqual([])
    }
  })

  it('S77 are refused where the signed time is none', async () => {
    const report = { request_id: 'r', delivery_status: { status: 'read' } }
    for (const seconds of ['now', '-1', '1e9', '1768478400.5', '9'.repeat(13)]) {
      expect(await receipts.parse(signed(report, seconds))).toBeNull()
    }
  })

  it('may be older where the tolerance is greater', async () => {
    const report = { request_id: 'r', delivery_status: { status: 'read' } }
    const patient = telegramReceipts({ accessToken, toleranceMs: 86_400_000, clock })
    const dayBefore = String(signedAtMs / 1000 - 86_400)
    expect(await patient.parse(signed(report, dayBefore))).toHaveLength(1)
    expect(await receipts.parse(signed(report, dayBefore))).toBeNull()
  })
})

describe('telegramReceipts', () => {
  it('needs the access token', () => {
    expect(() => telegramReceipts({ accessToken: '' })).toThrow(
      'otpkit: telegramReceipts: option `accessToken` must',
    )
  })
})
