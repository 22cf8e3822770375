import { createHash, createHmac } from 'node:crypto'
import { messagebirdReceipts } from 'otpkit/receipts/messagebird'
import { describe, expect, it } from 'vitest'
import vectors from '../data/vectors-receipts.json' with { type: 'json' }
import { describeWebhook } from './receipt-suite'

const vector = vectors.messagebird
const { key: signingKey, token } = vector
const clock = () => vector.now * 1000
const receipts = messagebirdReceipts({ signingKey, clock })
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** A request as MessageBird signs it, written apart from the library. */
function signed(fields: Readonly<Record<string, string>>, claims: object = {}, body = '') {
  const url = `https://otp.example.com/hooks/mb?${new URLSearchParams(fields)}`
  const text = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({
    iss: 'MessageBird',
    nbf: vector.now - 10,
    exp: vector.now + 50,
    url_hash: hashOf(url),
    ...claims,
  })}`
  const signature = createHmac('sha256', signingKey).update(text).digest('base64url')
  return {
    method: body === '' ? 'GET' : 'POST',
    url,
    headers: { 'messagebird-signature-jwt': `${text}.${signature}` },
    body,
  }
}

describeWebhook('the vector of messagebird-signature-jwt', {
  reader: (key, now) =>
    messagebirdReceipts({
      signingKey: key === 'right' ? signingKey : 'another',
      // The suite's moment is that of signing, at which this signature holds too.
      clock: now,
    }),
  request: {
    method: 'GET',
    url: vector.url,
    headers: { 'messagebird-signature-jwt': token },
    body: vector.body,
  },
  // It names no message.
  receipts: [],
  signed: { headers: ['messagebird-signature-jwt'], body: 'bytes', url: true },
  fresh: [(1_768_478_400 - 5) * 1000, (1_768_478_460 + 5) * 1000],
})

describe('the signature of MessageBird', () => {
  const report = { id: 'm', status: 'delivered' }

  it('S77 is taken and refused at the moments of the vector', async () => {
    const request = {
      method: 'GET',
      url: vector.url,
      headers: { 'messagebird-signature-jwt': token },
      body: vector.body,
    }
    const late = messagebirdReceipts({ signingKey, clock: () => vector.expiredAt * 1000 })
    expect(await receipts.parse(request)).toEqual([])
    expect(await late.parse(request)).toBeNull()
  })

  it('S77 is refused without its claims', async () => {
    expect(await receipts.parse(signed(report))).toHaveLength(1)
    for (const claims of [
      { iss: 'Somebody' },
      { iss: undefined },
      { nbf: undefined },
      { exp: undefined },
      { exp: '9999999999' },
      { url_hash: undefined },
      { url_hash: hashOf('other') },
    ]) {
      expect(await receipts.parse(signed(report, claims))).toBeNull()
    }
  })

  it('S77 covers a body where there is one', async () => {
    const body = 'more'
    expect(await receipts.parse(signed(report, { payload_hash: hashOf(body) }, body))).toHaveLength(
      1,
    )
    expect(await receipts.parse(signed(report, { payload_hash: hashOf('less') }, body))).toBeNull()
    expect(await receipts.parse(signed(report, {}, body))).toBeNull()
  })
})

describe('reports of MessageBird', () => {
  it.each([
    ['scheduled', { status: 'accepted' }],
    ['buffered', { status: 'accepted' }],
    ['sent', { status: 'sent' }],
    ['delivered', { status: 'delivered' }],
    ['expired', { status: 'failed', kind: 'unavailable', providerCode: 'expired' }],
    ['delivery_failed', { status: 'failed', kind: 'unknown', providerCode: 'delivery_failed' }],
    ['new', { status: 'unknown', providerCode: 'new' }],
  ])('a message that is %s is %o', async (status, expected) => {
    const fields = { id: 'm', status, recipient: '31612345678', reference: 'my order' }
    expect(await receipts.parse(signed(fields))).toEqual([
      { provider: 'messagebird', messageId: 'm', ...expected },
    ])
  })

  it('carry the reference of the message and the code of the error', async () => {
    const reference = 'AbCdEfGhIjKlMnOpQrSt-_'
    const fields = { id: 'm', status: 'delivery_failed', statusErrorCode: '27', reference }
    expect(await receipts.parse(signed(fields))).toEqual([
      {
        provider: 'messagebird',
        messageId: 'm',
        reference,
        status: 'failed',
        kind: 'unknown',
        providerCode: '27',
      },
    ])
  })
})

describe('messagebirdReceipts', () => {
  it('needs the signing key', () => {
    expect(() => messagebirdReceipts({ signingKey: '' })).toThrow(
      'otpkit: messagebirdReceipts: option `signingKey` must',
    )
  })
})
