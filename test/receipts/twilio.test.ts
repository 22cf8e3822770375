import { createHmac } from 'node:crypto'
import { twilioReceipts } from 'otpkit/receipts/twilio'
import { describe, expect, it } from 'vitest'
import vectors from '../data/vectors-receipts.json' with { type: 'json' }
import { describeWebhook, formPost, post } from './receipt-suite'

const authToken = '0123456789abcdef0123456789abcdef'
const url = 'https://otp.example.com/hooks/twilio'
const receipts = twilioReceipts({ authToken })

/** A form as Twilio signs it, written apart from the library. */
function signed(fields: Readonly<Record<string, string>>) {
  const text = Object.keys(fields)
    .sort()
    .reduce((whole, name) => whole + name + fields[name], url)
  const signature = createHmac('sha1', authToken).update(text, 'utf8').digest('base64')
  return formPost(url, fields, { 'x-twilio-signature': signature })
}

const undelivered = {
  provider: 'twilio',
  messageId: 'SM00000000000000000000000000000002',
  status: 'failed',
  kind: 'unavailable',
  providerCode: '30003',
} as const

describe('vectors of X-Twilio-Signature', () => {
  for (const [index, vector] of vectors.twilio.form.entries()) {
    const isStatus = 'MessageSid' in vector.params
    describeWebhook(`form ${index + 1}: ${vector.url}`, {
      reader: (key) =>
        twilioReceipts({ authToken: key === 'right' ? vector.authToken : 'another' }),
      request: formPost(vector.url, vector.params, { 'x-twilio-signature': vector.signature }),
      receipts: isStatus ? [undelivered] : [],
      signed: { headers: ['x-twilio-signature'], body: 'fields', url: true },
    })
  }

  for (const [index, vector] of vectors.twilio.json.entries()) {
    describeWebhook(`JSON ${index + 1}`, {
      reader: (key) =>
        twilioReceipts({ authToken: key === 'right' ? vector.authToken : 'another' }),
      request: post(vector.url, vector.body, { 'x-twilio-signature': vector.signature }),
      receipts: [],
      signed: { headers: ['x-twilio-signature'], body: 'bytes', url: true },
    })
  }

  it('are accepted whether or not the URL names the default port', async () => {
    for (const vector of vectors.twilio.form.slice(1, 3)) {
      const withPort = vector.url.replace('.com/', '.com:443/')
      const headers = { 'x-twilio-signature': vector.signature }
      expect(await receipts.parse(formPost(withPort, vector.params, headers))).toEqual([
        undelivered,
      ])
    }
  })

  // The official validator takes each of them: it compares the URL parsed by WHATWG's rules, with
  // and without the port, and with its query written by Node's `querystring`.
  const signedFor = (signedUrl: string, url: string) => {
    const fields = { MessageSid: 'SM1', MessageStatus: 'sent' }
    const text = `${signedUrl}MessageSidSM1MessageStatussent`
    const signature = createHmac('sha1', authToken).update(text, 'utf8').digest('base64')
    return formPost(url, fields, { 'x-twilio-signature': signature })
  }
  it.each([
    ['a lower-case host', 'https://OTP.Example.com/hooks', 'https://otp.example.com/hooks'],
    ['the port', 'https://OTP.Example.com/hooks', 'https://otp.example.com:443/hooks'],
    [
      '%27 for an apostrophe',
      "https://otp.example.com/h?n=O'Neil",
      'https://otp.example.com/h?n=O%27Neil',
    ],
    [
      'an apostrophe for %27',
      'https://otp.example.com/h?n=O%27Neil',
      "https://otp.example.com/h?n=O'Neil",
    ],
    ['%20 for a plus', 'https://otp.example.com/h?n=a+b', 'https://otp.example.com/h?n=a%20b'],
    [
      'all of them',
      "https://OTP.Example.com:443/h?n=O'Neil&b=a+b",
      "https://otp.example.com/h?n=O'Neil&b=a%20b",
    ],
    [
      'the URL as it came',
      "https://OTP.Example.com/h?n=O'Neil",
      "https://OTP.Example.com/h?n=O'Neil",
    ],
  ])('are accepted over %s', async (_, configured, signedUrl) => {
    expect(await receipts.parse(signedFor(signedUrl, configured))).toHaveLength(1)
  })

  it.each([
    ['another path', 'https://otp.example.com/hooks/other'],
    ['another case of the path', 'https://otp.example.com/Hooks/twilio'],
    ['another port', 'https://otp.example.com:8443/hooks/twilio'],
    ['another scheme', 'http://otp.example.com/hooks/twilio'],
    ['another query', 'https://otp.example.com/hooks/twilio?a=1'],
  ])('S77 are refused for %s', async (_, signedUrl) => {
    expect(await receipts.parse(signedFor(signedUrl, url))).toBeNull()
  })

  it('S77 are refused with a field that is added, repeated or gone', async () => {
    const request = signed({ MessageSid: 'SM1', MessageStatus: 'sent' })
    expect(await receipts.parse(request)).toHaveLength(1)
    for (const change of [
      (body: string) => `${body}&MessageStatus=delivered`,
      (body: string) => `${body}&Other=1`,
      (body: string) => body.replace('&MessageStatus=sent', ''),
    ]) {
      expect(await receipts.parse({ ...request, body: change(request.body) })).toBeNull()
    }
  })
})

describe('reports of Twilio', () => {
  it.each([
    ['accepted', 'accepted'],
    ['scheduled', 'accepted'],
    ['queued', 'accepted'],
    ['sending', 'accepted'],
    ['sent', 'sent'],
    ['partially_delivered', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
  ])('a message that is %s is %s', async (MessageStatus, status) => {
    const request = signed({ MessageSid: 'SM1', MessageStatus, To: '+15558675310' })
    expect(await receipts.parse(request)).toEqual([
      { provider: 'twilio', messageId: 'SM1', status },
    ])
  })

  it.each([
    ['queued', 'accepted'],
    ['initiated', 'accepted'],
    ['ringing', 'sent'],
    ['in-progress', 'sent'],
    ['completed', 'delivered'],
  ])('a call that is %s is %s', async (CallStatus, status) => {
    expect(await receipts.parse(signed({ CallSid: 'CA1', CallStatus }))).toEqual([
      { provider: 'twilio', messageId: 'CA1', status },
    ])
  })

  it.each([
    ['busy', 'unavailable'],
    ['no-answer', 'unavailable'],
    ['failed', 'unknown'],
    ['canceled', 'unknown'],
  ])('a call that is %s failed: %s', async (CallStatus, kind) => {
    expect(await receipts.parse(signed({ CallSid: 'CA1', CallStatus }))).toEqual([
      { provider: 'twilio', messageId: 'CA1', status: 'failed', kind, providerCode: CallStatus },
    ])
  })

  it.each([
    [30001, 'rate_limited'],
    [30002, 'misconfigured'],
    [30003, 'unavailable'],
    [30004, 'opted_out'],
    [30005, 'invalid_recipient'],
    [30006, 'invalid_recipient'],
    [30007, 'content_rejected'],
    [30008, 'unknown'],
    [30010, 'misconfigured'],
    [30017, 'unavailable'],
    [30018, 'misconfigured'],
    [30022, 'rate_limited'],
    [30023, 'rate_limited'],
    [30024, 'misconfigured'],
    [30027, 'rate_limited'],
    [30032, 'misconfigured'],
    [30033, 'misconfigured'],
    [30034, 'misconfigured'],
    [30035, 'misconfigured'],
    [30036, 'unavailable'],
    [30038, 'content_rejected'],
    [30410, 'unknown'],
    [30450, 'fraud_blocked'],
    [63003, 'invalid_recipient'],
    [63014, 'opted_out'],
    [63016, 'content_rejected'],
    [63024, 'invalid_recipient'],
    [63032, 'invalid_recipient'],
    [99999, 'unknown'],
  ])('a message that failed with %i: %s', async (code, kind) => {
    for (const MessageStatus of ['failed', 'undelivered', 'canceled']) {
      const request = signed({ MessageSid: 'SM1', MessageStatus, ErrorCode: String(code) })
      expect(await receipts.parse(request)).toEqual([
        {
          provider: 'twilio',
          messageId: 'SM1',
          status: 'failed',
          kind,
          providerCode: String(code),
        },
      ])
    }
  })

  it('have an unknown status where it is not known here', async () => {
    for (const MessageStatus of ['receiving', 'received', 'something-new', 'constructor']) {
      expect(await receipts.parse(signed({ MessageSid: 'SM1', MessageStatus }))).toEqual([
        { provider: 'twilio', messageId: 'SM1', status: 'unknown', providerCode: MessageStatus },
      ])
    }
    for (const MessageStatus of ['+15558675310', '15558675310', 'to +1555', 'a'.repeat(49)]) {
      expect(await receipts.parse(signed({ MessageSid: 'SM1', MessageStatus }))).toEqual([
        { provider: 'twilio', messageId: 'SM1', status: 'unknown' },
      ])
    }
  })

  it('are none without the id of a message', async () => {
    for (const MessageSid of ['', 'a b', 'é', 'x'.repeat(257)]) {
      expect(await receipts.parse(signed({ MessageSid, MessageStatus: 'sent' }))).toEqual([])
    }
  })
})

describe('twilioReceipts', () => {
  it('needs the auth token', () => {
    for (const wrong of ['', 'a b', 'secret\n']) {
      expect(() => twilioReceipts({ authToken: wrong })).toThrow(
        'otpkit: twilioReceipts: option `authToken` must',
      )
    }
  })
})
