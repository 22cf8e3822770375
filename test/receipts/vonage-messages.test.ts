import { createHash, createHmac } from 'node:crypto'
import { vonageMessagesReceipts } from 'otpkit/receipts/vonage'
import { describe, expect, it } from 'vitest'
import vectors from '../data/vectors-receipts.json' with { type: 'json' }
import { clock, describeWebhook, post, signedAtMs } from './receipt-suite'

const { secret: signatureSecret, body, token } = vectors.vonageJwt
const url = 'https://otp.example.com/hooks/vonage'
const receipts = vonageMessagesReceipts({ signatureSecret, clock })
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** A token under the secret, written apart from the library. */
function tokenFor(claims: object, parameters: object = { alg: 'HS256', typ: 'JWT' }): string {
  const text = `${base64url(parameters)}.${base64url(claims)}`
  return `${text}.${createHmac('sha256', signatureSecret).update(text).digest('base64url')}`
}

function signed(report: unknown, claims: object = {}, parameters?: object) {
  const text = typeof report === 'string' ? report : JSON.stringify(report)
  const all = { iat: signedAtMs / 1000, payload_hash: hashOf(text), ...claims }
  return post(url, text, { authorization: `Bearer ${tokenFor(all, parameters)}` })
}

describeWebhook('the vector of the token of the Messages API', {
  reader: (key, now) =>
    vonageMessagesReceipts({
      signatureSecret: key === 'right' ? signatureSecret : 'another',
      clock: now,
    }),
  request: post(url, body, { authorization: `Bearer ${token}` }),
  receipts: [
    {
      provider: 'vonage',
      messageId: 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab',
      status: 'delivered',
    },
  ],
  signed: { headers: ['authorization'], body: 'bytes', url: false },
  fresh: [signedAtMs - 300_000, signedAtMs + 300_000],
})

describe('the token of the Messages API', () => {
  it('S77 is HS256 and nothing else', async () => {
    const report = { message_uuid: 'm', status: 'delivered' }
    expect(await receipts.parse(signed(report))).toHaveLength(1)
    for (const parameters of [
      { alg: 'none' },
      { alg: 'HS512' },
      { alg: 'hs256' },
      { alg: ['HS256'] },
      { alg: 'RS256' },
      { alg: 'HS256', crit: ['exp'] },
      {},
      [],
    ]) {
      expect(await receipts.parse(signed(report, {}, parameters))).toBeNull()
    }
  })

  it('S77 is refused without its parts, its hash or its time', async () => {
    const report = { message_uuid: 'm', status: 'delivered' }
    const { body: text, headers } = signed(report)
    const [head, claims, signature] = headers.authorization?.slice(7).split('.') ?? []
    for (const wrong of [
      `${head}.${claims}.`,
      `${head}.${claims}`,
      `${head}..${signature}`,
      `.${claims}.${signature}`,
      `${head}.${claims}.${signature}.${signature}`,
      `${base64url({ alg: 'none' })}.${claims}.`,
      `${head}.!!!.${signature}`,
      '..',
    ]) {
      expect(await receipts.parse(post(url, text, { authorization: `Bearer ${wrong}` }))).toBeNull()
    }
    for (const claim of [
      { payload_hash: undefined },
      { payload_hash: 1 },
      { payload_hash: hashOf('other') },
      { iat: undefined },
      { iat: 'now' },
      { iat: null },
    ]) {
      expect(await receipts.parse(signed(report, claim))).toBeNull()
    }
    const basic = { authorization: headers.authorization?.replace('Bearer', 'Basic') ?? '' }
    expect(await receipts.parse(post(url, text, basic))).toBeNull()
  })
})

describe('the life of the token', () => {
  const now = signedAtMs / 1000
  const report = { message_uuid: 'm', status: 'delivered' }

  it.each([
    [{ exp: now + 1 }, 1],
    [{ exp: now + 86_400, nbf: now }, 1],
    [{ nbf: now - 60 }, 1],
    [{ exp: now }, null],
    [{ exp: now - 1 }, null],
    [{ exp: now - 3600 }, null],
    [{ exp: String(now + 60) }, null],
    [{ exp: null }, null],
    [{ nbf: now + 1 }, null],
    [{ nbf: now + 3600, exp: now + 7200 }, null],
    [{ nbf: 'now' }, null],
  ])('S77 %j: %s receipts', async (claims, count) => {
    expect((await receipts.parse(signed(report, claims)))?.length ?? null).toBe(count)
  })

  it('S77 ends whatever is tolerated of the time of signing', async () => {
    const patient = vonageMessagesReceipts({ signatureSecret, clock, toleranceMs: 86_400_000 })
    expect(await patient.parse(signed(report, { iat: now - 3600 }))).toHaveLength(1)
    expect(await patient.parse(signed(report, { iat: now - 3600, exp: now - 60 }))).toBeNull()
  })
})

describe('reports of the Messages API', () => {
  it.each([
    ['submitted', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
  ])('a message that is %s is %s', async (word, status) => {
    const report = { message_uuid: 'm', status: word, to: '447700900000' }
    expect(await receipts.parse(signed(report))).toEqual([
      { provider: 'vonage', messageId: 'm', status },
    ])
  })

  it.each([
    [1000, 'rate_limited'],
    [1050, 'opted_out'],
    [1070, 'insufficient_funds'],
    [1120, 'misconfigured'],
    [1170, 'invalid_recipient'],
    [1210, 'content_rejected'],
    [1240, 'opted_out'],
    [1241, 'opted_out'],
    [1470, 'fraud_blocked'],
    [1430, 'content_rejected'],
    [1030, 'unavailable'],
    [9999, 'unknown'],
  ])('a message that failed with %i: %s', async (code, kind) => {
    for (const status of ['rejected', 'undeliverable']) {
      const error = { type: `https://developer.vonage.com/api-errors/messages#${code}` }
      expect(await receipts.parse(signed({ message_uuid: 'm', status, error }))).toEqual([
        { provider: 'vonage', messageId: 'm', status: 'failed', kind, providerCode: `${code}` },
      ])
    }
  })

  it('carry the reference of the message', async () => {
    const reference = 'AbCdEfGhIjKlMnOpQrSt-_'
    const report = { message_uuid: 'm', status: 'read', client_ref: reference }
    expect(await receipts.parse(signed(report))).toMatchObject([{ reference }])
  })

  it('are none where the body is no report', async () => {
    for (const text of ['', 'null', '[]', '{', '{}', '{"status":"read"}', '<html>', '1']) {
      expect(await receipts.parse(signed(text))).toEqual([])
    }
    expect(await receipts.parse(signed({ message_uuid: 'm', status: 'new' }))).toMatchObject([
      { status: 'unknown', providerCode: 'new' },
    ])
  })
})

describe('vonageMessagesReceipts', () => {
  it('needs the signature secret', () => {
    expect(() => vonageMessagesReceipts({ signatureSecret: '' })).toThrow(
      'otpkit: vonageMessagesReceipts: option `signatureSecret` must',
    )
  })
})
