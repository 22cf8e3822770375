import { generateKeyPairSync, sign } from 'node:crypto'
import { sendgridReceipts } from 'otpkit/receipts/sendgrid'
import { describe, expect, it } from 'vitest'
import vectors from '../data/vectors-receipts.json' with { type: 'json' }
import { clock, describeWebhook, post, signedAtMs } from './receipt-suite'

const { publicKeySpkiBase64, timestamp, body, signature } = vectors.sendgridEvent
const url = 'https://otp.example.com/hooks/sendgrid'
const headers = (signed: string) => ({
  'x-twilio-email-event-webhook-timestamp': timestamp,
  'x-twilio-email-event-webhook-signature': signed,
})

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicText = (keys: ReturnType<typeof pair>) =>
  keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const own = pair()
const receipts = sendgridReceipts({ publicKey: publicText(own), clock })

/** Events as SendGrid signs them, written apart from the library. */
function signed(events: unknown) {
  const text = typeof events === 'string' ? events : `${JSON.stringify(events)}\r\n`
  const der = sign('sha256', Buffer.from(timestamp + text), own.privateKey)
  return post(url, text, headers(der.toString('base64')))
}

describeWebhook('the vector of the signed event webhook', {
  reader: (key, now) =>
    sendgridReceipts({
      publicKey: key === 'right' ? publicKeySpkiBase64 : publicText(pair()),
      clock: now,
    }),
  request: post(url, body, headers(signature)),
  receipts: [{ provider: 'sendgrid', messageId: '14c5d75ce93.dfd.64b469', status: 'delivered' }],
  signed: {
    headers: ['x-twilio-email-event-webhook-timestamp', 'x-twilio-email-event-webhook-signature'],
    body: 'bytes',
    url: false,
  },
  fresh: [signedAtMs - 300_000, signedAtMs + 300_000],
})

describe('the signature of SendGrid', () => {
  it('S77 is refused when the line break at the end of the body is gone', async () => {
    const reader = sendgridReceipts({ publicKey: publicKeySpkiBase64, clock })
    expect(await reader.parse(post(url, body.trimEnd(), headers(signature)))).toBeNull()
  })

  it.each(vectors.sendgridLengths.signatures)('is read whatever its length: %s', async (text) => {
    const { publicKeySpkiBase64: publicKey, body: events } = vectors.sendgridLengths
    const reader = sendgridReceipts({ publicKey, clock })
    const parse = (der: Buffer) => reader.parse(post(url, events, headers(der.toString('base64'))))
    const der = Buffer.from(text, 'base64')
    const trailing = Buffer.concat([der, Buffer.of(0)])
    expect(await parse(der)).toEqual([])
    expect(await parse(trailing)).toBeNull()
    trailing[1] = trailing.length - 2
    expect(await parse(trailing)).toBeNull()
    der[1] = 0x81
    expect(await parse(der)).toBeNull()
  })

  it('S77 is refused where it is no signature at all', async () => {
    const events = JSON.stringify([{ event: 'delivered', sg_message_id: 'm' }])
    const zeros = `3044${`0220${'00'.repeat(32)}`.repeat(2)}`
    for (const der of [
      '',
      '30',
      '3000',
      '300302010',
      '3006020100020100',
      '30060201010201',
      '3006020101020101ff',
      '300602ff01020101',
      '31060201010201 01',
      `3046${`0221${'ff'.repeat(33)}`.repeat(2)}`,
      zeros,
    ]) {
      const encoded = Buffer.from(der, 'hex').toString('base64')
      expect(await receipts.parse(post(url, events, headers(encoded)))).toBeNull()
    }
    expect(await receipts.parse(post(url, events, headers('***')))).toBeNull()
  })
})

describe('events of SendGrid', () => {
  it.each([
    ['processed', 'accepted'],
    ['deferred', 'sent'],
    ['delivered', 'delivered'],
  ])('%s: %s', async (event, status) => {
    const report = { event, email: 'user@example.com', sg_message_id: 'm', status: '5.1.1' }
    expect(await receipts.parse(signed([report]))).toEqual([
      { provider: 'sendgrid', messageId: 'm', status },
    ])
  })

  it.each([
    ['5.1.1', 'invalid_recipient'],
    ['5.1.10', 'invalid_recipient'],
    ['5.2.1', 'invalid_recipient'],
    ['5.2.2', 'unavailable'],
    ['4.2.2', 'unavailable'],
    ['4.7.1', 'unavailable'],
    ['5.7.1', 'content_rejected'],
    ['5.0.0', 'unknown'],
  ])('bounce with %s: %s', async (code, kind) => {
    const report = { event: 'bounce', sg_message_id: 'm', status: code, reason: '550 user@x.y' }
    expect(await receipts.parse(signed([report]))).toEqual([
      { provider: 'sendgrid', messageId: 'm', status: 'failed', kind, providerCode: code },
    ])
  })

  it('bounce without a code, and dropped', async () => {
    const bounce = { event: 'bounce', sg_message_id: 'm' }
    const dropped = { event: 'dropped', sg_message_id: 'm', reason: 'Bounced Address' }
    expect(await receipts.parse(signed([bounce, dropped]))).toEqual([
      { provider: 'sendgrid', messageId: 'm', status: 'failed', kind: 'unknown' },
      { provider: 'sendgrid', messageId: 'm', status: 'failed', kind: 'opted_out' },
    ])
  })

  it.each([
    ['Recipient List over Package Quota', 'insufficient_funds'],
    ['Spam Content (if Spam Checker app is enabled)', 'content_rejected'],
    ['Invalid SMTPAPI header', 'misconfigured'],
    ['Unsubscribed Address', 'opted_out'],
    ['Spam Reporting Address', 'opted_out'],
  ])('dropped for %j: %s', async (reason, kind) => {
    const event = { event: 'dropped', sg_message_id: 'm', reason }
    expect(await receipts.parse(signed([event]))).toEqual([
      { provider: 'sendgrid', messageId: 'm', status: 'failed', kind },
    ])
  })

  it.each([
    ['14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0', '14c5d75ce93.dfd.64b469'],
    ['ExampleMessageId123.recvd-abc123def456-ghi789-1-12345678-9.0', 'ExampleMessageId123'],
    ['XBg2anf2TqCy6WXKQFhieQ', 'XBg2anf2TqCy6WXKQFhieQ'],
  ])('sg_message_id %s belongs to X-Message-Id %s', async (sg_message_id, messageId) => {
    const reference = 'AbCdEfGhIjKlMnOpQrSt-_'
    const request = signed([{ event: 'delivered', sg_message_id, reference }])
    expect(await receipts.parse(request)).toMatchObject([{ messageId, reference }])
  })

  it('are none where they are about something else', async () => {
    const sg_message_id = 'm'
    const others = ['open', 'click', 'spamreport', 'unsubscribe', 'account_status_change', 'new']
    const events = others.map((event) => ({ event, sg_message_id }))
    for (const content of [events, [{ event: 'delivered' }, null, 1], {}, '', '{', 'null']) {
      expect(await receipts.parse(signed(content))).toEqual([])
    }
  })
})

describe('sendgridReceipts', () => {
  it('needs a public key', async () => {
    for (const publicKey of ['', '***', 'AAAA', `${publicKeySpkiBase64.slice(4)}`]) {
      expect(() => sendgridReceipts({ publicKey })).toThrow(
        'otpkit: sendgridReceipts: option `publicKey` must',
      )
    }
  })

  it('tells of a key that is none at the first request', async () => {
    const point = Buffer.from(publicKeySpkiBase64, 'base64')
    point.fill(1, 27)
    const reader = sendgridReceipts({ publicKey: point.toString('base64'), clock })
    const parsing = reader.parse(post(url, body, headers(signature)))
    await expect(parsing).rejects.toThrow('otpkit: sendgridReceipts: option `publicKey` must')
  })
})
