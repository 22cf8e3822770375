import { createHmac } from 'node:crypto'
import { resendReceipts } from 'otpkit/receipts/resend'
import { describe, expect, it } from 'vitest'
import vectors from '../data/vectors-receipts.json' with { type: 'json' }
import { clock, describeWebhook, post, signedAtMs } from './receipt-suite'

const { secret: signingSecret, id, timestamp, body, signature } = vectors.svix
const url = 'https://otp.example.com/hooks/resend'
const receipts = resendReceipts({ signingSecret, clock })
const headers = (signed: string) => ({
  'svix-id': id,
  'svix-timestamp': timestamp,
  'svix-signature': signed,
})
const delivered = {
  provider: 'resend',
  messageId: '56761188-7520-42d8-8898-ff6fc54ce618',
  status: 'delivered',
} as const

/** An event as Resend signs it, written apart from the library. */
function signed(event: unknown) {
  const text = typeof event === 'string' ? event : JSON.stringify(event)
  const key = Buffer.from(signingSecret.slice('whsec_'.length), 'base64')
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64')
  return post(url, text, headers(`v1,${digest}`))
}

describeWebhook('the vector of svix-signature', {
  reader: (key, now) =>
    resendReceipts({
      signingSecret: key === 'right' ? signingSecret : 'whsec_b3RoZXI=',
      clock: now,
    }),
  request: post(url, body, headers(signature)),
  receipts: [delivered],
  signed: { headers: ['svix-id', 'svix-timestamp', 'svix-signature'], body: 'bytes', url: false },
  fresh: [signedAtMs - 300_000, signedAtMs + 300_000],
})

describe('svix-signature', () => {
  it('may be one of several while the secret is being replaced', async () => {
    const several = `v1,AAAA ${signature} v1a,BBBB`
    expect(await receipts.parse(post(url, body, headers(several)))).toEqual([delivered])
  })

  it('S77 counts in the version v1 only', async () => {
    for (const other of [signature.replace('v1', 'v2'), signature.slice(3), `v1${signature}`]) {
      expect(await receipts.parse(post(url, body, headers(other)))).toBeNull()
    }
  })
})

describe('events of Resend', () => {
  it.each([
    ['email.scheduled', 'accepted'],
    ['email.sent', 'sent'],
    ['email.delivery_delayed', 'sent'],
    ['email.delivered', 'delivered'],
    ['email.complained', 'delivered'],
  ])('%s: %s', async (type, status) => {
    const event = { type, data: { email_id: 'e', to: ['user@example.com'] } }
    expect(await receipts.parse(signed(event))).toEqual([
      { provider: 'resend', messageId: 'e', status },
    ])
  })

  it('email.suppressed failed: the address is on the list of those that want nothing', async () => {
    const suppressed = { message: 'user@example.com', type: 'OnAccountSuppressionList' }
    for (const [data, more] of [
      [{ email_id: 'e', suppressed }, { providerCode: 'OnAccountSuppressionList' }],
      [{ email_id: 'e' }, {}],
    ] as const) {
      expect(await receipts.parse(signed({ type: 'email.suppressed', data }))).toEqual([
        { provider: 'resend', messageId: 'e', status: 'failed', kind: 'opted_out', ...more },
      ])
    }
  })

  it.each([
    ['Permanent', 'General', 'invalid_recipient'],
    ['Permanent', 'Suppressed', 'opted_out'],
    ['Permanent', 'MessageRejected', 'content_rejected'],
    ['Transient', 'MailboxFull', 'unavailable'],
    ['Temporary', 'General', 'unavailable'],
    ['Undetermined', 'Undetermined', 'unknown'],
  ])('email.bounced, %s and %s: %s', async (type, subType, kind) => {
    const bounce = { type, subType, message: 'user@example.com is unknown' }
    const event = { type: 'email.bounced', data: { email_id: 'e', bounce } }
    expect(await receipts.parse(signed(event))).toEqual([
      { provider: 'resend', messageId: 'e', status: 'failed', kind, providerCode: subType },
    ])
  })

  it('email.failed', async () => {
    const failed = { reason: 'reached_daily_quota' }
    const event = { type: 'email.failed', data: { email_id: 'e', failed } }
    expect(await receipts.parse(signed(event))).toEqual([
      {
        provider: 'resend',
        messageId: 'e',
        status: 'failed',
        kind: 'unknown',
        providerCode: 'reached_daily_quota',
      },
    ])
  })

  it('are none where they are about something else', async () => {
    const data = { email_id: 'e' }
    for (const event of [
      { type: 'email.opened', data },
      { type: 'email.clicked', data },
      { type: 'domain.created', data },
      { type: 'email.delivered' },
      '',
      '{',
      '[]',
    ]) {
      expect(await receipts.parse(signed(event))).toEqual([])
    }
  })
})

describe('resendReceipts', () => {
  it('needs the signing secret', () => {
    for (const wrong of ['', 'whsec_', 'whsec_*', 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3']) {
      expect(() => resendReceipts({ signingSecret: wrong })).toThrow(
        'otpkit: resendReceipts: option `signingSecret` must',
      )
    }
  })
})
