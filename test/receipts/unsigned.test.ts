import { kavenegarReceipts } from 'otpkit/receipts/kavenegar'
import { msg91Receipts } from 'otpkit/receipts/msg91'
import { postmarkReceipts } from 'otpkit/receipts/postmark'
import { describe, expect, it } from 'vitest'
import { describeWebhook, formPost, post } from './receipt-suite'

const pathSecret = 'Zr8_vN4p-0QmXc71LbTgYw2sKdHeUaJf'
const url = `https://otp.example.com/hooks/${pathSecret}`
const reference = 'AbCdEfGhIjKlMnOpQrSt-_'
const unsigned = { headers: [], body: 'nothing', url: false } as const

describe.each([
  ['msg91', msg91Receipts],
  ['kavenegar', kavenegarReceipts],
  ['postmark', postmarkReceipts],
])('%s signs nothing', (_, create) => {
  const body = '{}'

  it('S77 so every request without the secret in its path is refused', async () => {
    const reader = create({ pathSecret })
    expect(await reader.parse(post(url, body))).toEqual([])
    expect(await reader.parse(post(`${url}?${pathSecret}`, body))).toEqual([])
    for (const other of [
      'https://otp.example.com/hooks',
      'https://otp.example.com',
      `https://otp.example.com/hooks?secret=${pathSecret}`,
      `https://otp.example.com/hooks?/${pathSecret}`,
      `https://otp.example.com/hooks#/${pathSecret}`,
      `${url}/`,
      `${url}/other`,
      `${url}x`,
      url.slice(0, -1),
      url.toUpperCase().replace('HTTPS', 'https'),
    ]) {
      expect(await reader.parse(post(other, body))).toBeNull()
    }
  })

  it('so the secret has to be long, and needs no escaping', () => {
    for (const wrong of ['', 'short', 'a'.repeat(31), `${'a'.repeat(32)}/`, `${'a'.repeat(32)} `]) {
      expect(() => create({ pathSecret: wrong })).toThrow(
        `otpkit: ${create.name}: option \`pathSecret\` must be 32 or more letters, digits, - and _`,
      )
    }
  })
})

describe('reports of MSG91', () => {
  const receipts = msg91Receipts({ pathSecret })
  const v2 = (...batches: readonly object[]) => formPost(url, { data: JSON.stringify(batches) })
  const report = { date: '2026-01-15 12:00:00', number: '919876543210', desc: 'DELIVERED' }

  describeWebhook('in the format v2', {
    reader: (key) => msg91Receipts({ pathSecret: key === 'right' ? pathSecret : 'x'.repeat(32) }),
    request: v2({ requestId: 'r', report: [{ ...report, status: '1' }] }),
    receipts: [{ provider: 'msg91', messageId: 'r', status: 'delivered' }],
    signed: unsigned,
  })

  it.each([
    [1, { status: 'delivered' }],
    [2, { status: 'failed', kind: 'unavailable', providerCode: '2' }],
    [9, { status: 'failed', kind: 'opted_out', providerCode: '9' }],
    [16, { status: 'failed', kind: 'content_rejected', providerCode: '16' }],
    [17, { status: 'failed', kind: 'opted_out', providerCode: '17' }],
    [25, { status: 'failed', kind: 'content_rejected', providerCode: '25' }],
    [601, { status: 'unknown', providerCode: '601' }],
  ])('status %i, as a number or a text, is %o', async (status, expected) => {
    for (const form of [status, String(status)]) {
      const of3 = { ...report, requestId: 'r', status: form }
      const of2 = { requestId: 'r', report: [{ ...report, status: form }] }
      for (const request of [post(url, JSON.stringify(of3)), v2(of2)]) {
        expect(await receipts.parse(request)).toEqual([
          { provider: 'msg91', messageId: 'r', ...expected },
        ])
      }
    }
  })

  it('come for several messages, and are none where the body is something else', async () => {
    const delivered = [{ status: 1 }]
    const batches = v2({ requestId: 'a', report: delivered }, { requestId: 'b', report: delivered })
    expect(await receipts.parse(batches)).toHaveLength(2)
    const twice = `${batches.body}&${batches.body}`
    for (const body of ['', '{', '[]', 'data=', 'data=%5B1%5D', twice, 'a'.repeat(70_000)]) {
      expect(await receipts.parse(post(url, body))).toEqual([])
    }
  })
})

describe('reports of Kavenegar', () => {
  const receipts = kavenegarReceipts({ pathSecret })

  describeWebhook('in a form', {
    reader: (key) =>
      kavenegarReceipts({ pathSecret: key === 'right' ? pathSecret : 'x'.repeat(32) }),
    request: formPost(url, { messageid: '8792343', status: '10', receptor: '09120000000' }),
    receipts: [{ provider: 'kavenegar', messageId: '8792343', status: 'delivered' }],
    signed: unsigned,
  })

  it.each([
    ['1', { status: 'accepted' }],
    ['2', { status: 'accepted' }],
    ['4', { status: 'sent' }],
    ['5', { status: 'sent' }],
    ['6', { status: 'failed', kind: 'unknown', providerCode: '6' }],
    ['10', { status: 'delivered' }],
    ['11', { status: 'failed', kind: 'unavailable', providerCode: '11' }],
    ['13', { status: 'failed', kind: 'unknown', providerCode: '13' }],
    ['14', { status: 'failed', kind: 'opted_out', providerCode: '14' }],
    ['50', { status: 'unknown', providerCode: '50' }],
    ['100', { status: 'unknown', providerCode: '100' }],
  ])('status %s, in a form or a query, is %o', async (status, expected) => {
    const fields = { messageid: '85463238', status, receptor: '09120000000' }
    const get = {
      method: 'GET',
      url: `${url}?${new URLSearchParams(fields)}`,
      headers: {},
      body: '',
    }
    for (const request of [formPost(url, fields), get]) {
      expect(await receipts.parse(request)).toEqual([
        { provider: 'kavenegar', messageId: '85463238', ...expected },
      ])
    }
  })

  it('are none where a field is missing or there twice', async () => {
    for (const body of [
      '',
      'status=10',
      'messageid=1',
      'messageid=1&messageid=2&status=10',
      `messageid=1&status=10&x=${'a'.repeat(70_000)}`,
    ]) {
      expect(await receipts.parse(post(url, body))).toEqual([])
    }
  })
})

describe('reports of Postmark', () => {
  const receipts = postmarkReceipts({ pathSecret })
  const report = { MessageID: 'm', Email: 'john@example.com', Metadata: { reference } }

  describeWebhook('on a delivery', {
    reader: (key) =>
      postmarkReceipts({ pathSecret: key === 'right' ? pathSecret : 'x'.repeat(32) }),
    request: post(url, JSON.stringify({ ...report, RecordType: 'Delivery' })),
    receipts: [{ provider: 'postmark', messageId: 'm', reference, status: 'delivered' }],
    signed: unsigned,
  })

  it.each([
    ['HardBounce', 'invalid_recipient'],
    ['BadEmailAddress', 'invalid_recipient'],
    ['SoftBounce', 'unavailable'],
    ['DnsError', 'unavailable'],
    ['SpamNotification', 'content_rejected'],
    ['DMARCPolicy', 'content_rejected'],
    ['Blocked', 'content_rejected'],
    ['ManuallyDeactivated', 'opted_out'],
    ['TemplateRenderingFailed', 'misconfigured'],
  ])('a bounce of the type %s failed: %s', async (Type, kind) => {
    const request = post(url, JSON.stringify({ ...report, RecordType: 'Bounce', Type }))
    expect(await receipts.parse(request)).toEqual([
      {
        provider: 'postmark',
        messageId: 'm',
        reference,
        status: 'failed',
        kind,
        providerCode: Type,
      },
    ])
  })

  it.each([
    ['Bounce', 'Transient', 'sent'],
    ['Bounce', 'AutoResponder', 'delivered'],
    ['Bounce', 'AddressChange', 'delivered'],
    ['Bounce', 'Subscribe', 'delivered'],
    ['Bounce', 'Unsubscribe', 'delivered'],
    ['Bounce', 'SpamComplaint', 'delivered'],
    ['SpamComplaint', 'SpamComplaint', 'delivered'],
    ['Bounce', 'New', 'unknown'],
  ])('a %s of the type %s is %s', async (RecordType, Type, status) => {
    const request = post(url, JSON.stringify({ ...report, RecordType, Type }))
    expect(await receipts.parse(request)).toMatchObject([{ messageId: 'm', status }])
  })

  it('are none where the body is about something else', async () => {
    const open = JSON.stringify({ ...report, RecordType: 'Open' })
    for (const body of ['', '{', '[]', 'null', open, '{"RecordType":"Delivery"}']) {
      expect(await receipts.parse(post(url, body))).toEqual([])
    }
  })
})
