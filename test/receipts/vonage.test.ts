import { createHmac } from 'node:crypto'
import { vonageSmsReceipts } from 'otpkit/receipts/vonage'
import { describe, expect, it } from 'vitest'
import vectors from '../data/vectors-receipts.json' with { type: 'json' }
import { clock, describeWebhook, formPost, post, signedAtMs } from './receipt-suite'

const { secret: signatureSecret, params, sig } = vectors.vonageSms
const url = 'https://otp.example.com/hooks/vonage'
const receipts = vonageSmsReceipts({ signatureSecret, clock })
const delivered = {
  provider: 'vonage',
  messageId: '0C000000217B7F02',
  status: 'delivered',
} as const
const hashes = { 'SHA-1': sig.sha1, 'SHA-256': sig.sha256, 'SHA-512': sig.sha512 } as const
const fresh = [signedAtMs - 300_000, signedAtMs + 300_000] as const

/** A form as Vonage signs it, written apart from the library. */
function signed(fields: Readonly<Record<string, string>>) {
  const all: Record<string, string> = { timestamp: String(signedAtMs / 1000), ...fields }
  const text = Object.keys(all)
    .sort()
    .map((name) => `&${name}=${all[name]?.replace(/[&=]/g, '_')}`)
    .join('')
  const digest = createHmac('sha256', signatureSecret).update(text).digest('hex')
  return formPost(url, { ...all, sig: digest })
}

describe('vectors of the signature of the SMS API', () => {
  for (const hash of ['SHA-1', 'SHA-256', 'SHA-512'] as const) {
    const all = { ...params, sig: hashes[hash] }
    const reader = (key: 'right' | 'wrong', now: () => number) =>
      vonageSmsReceipts({
        hash,
        signatureSecret: key === 'right' ? signatureSecret : 'another',
        clock: now,
      })
    const expected = { reader, receipts: [delivered], fresh }
    describeWebhook(`${hash} in a form`, {
      ...expected,
      request: formPost(url, all),
      signed: { headers: [], body: 'fields', url: false },
    })
    describeWebhook(`${hash} in a query`, {
      ...expected,
      request: {
        method: 'GET',
        url: `${url}?${new URLSearchParams(all)}`,
        headers: {},
        body: '',
      },
      signed: { headers: [], body: 'nothing', url: false },
    })
    describeWebhook(`${hash} in JSON`, {
      ...expected,
      request: post(url, JSON.stringify(all)),
      signed: { headers: [], body: 'fields', url: false },
    })
  }

  it('S77 with MD5 are refused under every hash', async () => {
    for (const hash of ['SHA-1', 'SHA-256', 'SHA-512'] as const) {
      const reader = vonageSmsReceipts({ signatureSecret, hash, clock })
      for (const md5 of [sig.md5hash, sig.md5]) {
        expect(await reader.parse(formPost(url, { ...params, sig: md5 }))).toBeNull()
      }
    }
  })

  it('S77 with another HMAC than the configured one are refused', async () => {
    for (const other of [sig.sha1, sig.sha512]) {
      expect(await receipts.parse(formPost(url, { ...params, sig: other }))).toBeNull()
    }
  })

  it('may be in capitals, and in JSON with numbers', async () => {
    const capitals = { ...params, sig: sig.sha256.toUpperCase() }
    expect(await receipts.parse(formPost(url, capitals))).toEqual([delivered])
    const numbers = { ...params, timestamp: 1_768_478_400, 'err-code': 0, sig: sig.sha256 }
    expect(await receipts.parse(post(url, JSON.stringify(numbers)))).toEqual([delivered])
  })

  it('S77 are refused without sig, with a field twice, and with a field inside a name', async () => {
    const all = { ...params, sig: sig.sha256 }
    const { body } = formPost(url, all)
    for (const other of [
      formPost(url, params).body,
      `${body}&status=delivered`,
      `${body}&sig=${sig.sha256}`,
      // What is signed stays the same; the time and the status would be gone.
      body
        .replace('status=delivered&', '')
        .replace('scts=2601151200', 'scts%3D2601151200%26status=delivered'),
      JSON.stringify({ ...all, status: ['delivered'] }),
      JSON.stringify({ ...all, extra: null }),
      JSON.stringify([all]),
      '{"sig":',
      `{"a":"${'a'.repeat(70_000)}"}`,
    ]) {
      expect(await receipts.parse(post(url, other))).toBeNull()
    }
  })

  it('S77 are refused without a timestamp', async () => {
    const { timestamp, ...others } = params
    expect(await receipts.parse(signed({ ...others, timestamp: '' }))).toBeNull()
    expect(await receipts.parse(signed({ ...others, timestamp: `${timestamp}.5` }))).toBeNull()
    expect(await receipts.parse(signed({ ...others, timestamp: 'NaN' }))).toBeNull()
    expect(await receipts.parse(signed({ ...others, timestamp }))).toEqual([delivered])
  })
})

describe('reports of the SMS API', () => {
  it.each([
    ['accepted', 'accepted'],
    ['buffered', 'accepted'],
    ['delivered', 'delivered'],
  ])('a message that is %s is %s', async (word, status) => {
    const request = signed({ messageId: 'm', status: word, 'err-code': '0' })
    expect(await receipts.parse(request)).toEqual([{ provider: 'vonage', messageId: 'm', status }])
  })

  it.each([
    ['1', 'unknown'],
    ['2', 'unavailable'],
    ['3', 'invalid_recipient'],
    ['4', 'opted_out'],
    ['5', 'unknown'],
    ['6', 'content_rejected'],
    ['7', 'unavailable'],
    ['8', 'unavailable'],
    ['9', 'invalid_recipient'],
    ['10', 'content_rejected'],
    ['11', 'unknown'],
    ['12', 'unavailable'],
    ['13', 'unknown'],
    ['14', 'opted_out'],
    ['15', 'unknown'],
    ['16', 'unknown'],
    ['50', 'content_rejected'],
    ['51', 'content_rejected'],
    ['52', 'content_rejected'],
    ['53', 'opted_out'],
    ['54', 'content_rejected'],
    ['99', 'unknown'],
  ])('a message that failed with %s: %s', async (code, kind) => {
    for (const status of ['failed', 'rejected', 'expired']) {
      expect(await receipts.parse(signed({ messageId: 'm', status, 'err-code': code }))).toEqual([
        { provider: 'vonage', messageId: 'm', status: 'failed', kind, providerCode: code },
      ])
    }
  })

  it('may fail without a code, and have a status not known here', async () => {
    const report = (status: string) => signed({ messageId: 'm', status, 'err-code': '0' })
    expect(await receipts.parse(report('expired'))).toMatchObject([
      { status: 'failed', kind: 'unavailable', providerCode: 'expired' },
    ])
    expect(await receipts.parse(report('failed'))).toMatchObject([{ kind: 'unknown' }])
    for (const word of ['unknown', 'new']) {
      expect(await receipts.parse(report(word))).toMatchObject([
        { status: 'unknown', providerCode: word },
      ])
    }
  })

  it('carry the reference of the message', async () => {
    const reference = 'AbCdEfGhIjKlMnOpQrSt-_'
    const request = signed({ messageId: 'm', status: 'delivered', 'client-ref': reference })
    expect(await receipts.parse(request)).toMatchObject([{ reference }])
  })
})

describe('vonageSmsReceipts', () => {
  it('refuses options that make no sense', () => {
    expect(() => vonageSmsReceipts({ signatureSecret: '' })).toThrow(
      'otpkit: vonageSmsReceipts: option `signatureSecret` must',
    )
    const wrongHash = () =>
      Reflect.apply(vonageSmsReceipts, undefined, [{ signatureSecret, hash: 'MD5' }])
    expect(wrongHash).toThrow('otpkit: vonageSmsReceipts: option `hash` must')
    for (const toleranceMs of [0, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => vonageSmsReceipts({ signatureSecret, toleranceMs })).toThrow(
        'otpkit: vonageSmsReceipts: option `toleranceMs` must',
      )
    }
  })
})
