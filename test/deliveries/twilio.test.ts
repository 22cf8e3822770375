import { twilioSms, twilioVoice, twilioWhatsapp } from 'otpkit/deliveries/twilio'
import { describe, expect, it } from 'vitest'
import {
  describeErrorTable,
  describeHttpDelivery,
  describeStatuses,
  type ErrorRow,
  failureOf,
  type HttpDeliveryUnderTest,
  outcomeByStatus,
  type TestedHttpOptions,
  testMessage,
  useProviderServer,
} from './delivery-suite'
import { twilioOutcomes } from './outcomes/twilio'

const server = useProviderServer()
const accountSid = 'AC00000000000000000000000000000001'
const authToken = '0123456789abcdef0123456789abcdef'
const account = { accountSid, authToken }
const service = 'MG00000000000000000000000000000003'
const contentSid = 'HX00000000000000000000000000000004'
const created = (sid: string) => ({
  status: 201,
  json: { sid, status: 'queued', error_code: null, num_segments: '1', body: '047382' },
})

const adapters: Readonly<Record<string, HttpDeliveryUnderTest>> = {
  twilioSms: adapter((options) => twilioSms({ ...account, ...options, from: '+15017122661' })),
  twilioWhatsapp: adapter((options) =>
    twilioWhatsapp({ ...account, ...options, from: '+14155238886', contentSid }),
  ),
  twilioVoice: adapter((options) => twilioVoice({ ...account, ...options, from: '+15017122661' })),
}

function adapter(create: HttpDeliveryUnderTest['create']): HttpDeliveryUnderTest {
  return {
    create,
    success: (id) => created(`SM${id}`),
    refusal: (quote) => ({ status: 400, json: { code: 21211, message: quote, status: 400 } }),
    credentials: [authToken, btoa(`${accountSid}:${authToken}`)],
    unauthorized: ['misconfigured', 'unknown'],
  }
}

function form(): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(server().lastRequest().body))
}

async function deliver(create: HttpDeliveryUnderTest['create'], message = testMessage()) {
  server().behave(created('SM00000000000000000000000000000005'))
  return create({ baseUrl: server().url }).deliver(message)
}

describe.each(Object.entries(adapters))('%s', (_, tested) => {
  describeHttpDelivery(server, tested)
})

describe('error table', () => {
  const tested = adapters.twilioSms
  if (tested === undefined) throw new Error('twilioSms is tested')
  describeErrorTable(server, tested, twilioOutcomes, (code, quote) => ({
    status: 400,
    json: { code, message: quote, more_info: quote, status: 400 },
  }))

  const statuses: readonly ErrorRow[] = [
    [401, 'misconfigured', 'unknown'],
    [403, 'misconfigured', 'unknown'],
    [429, 'rate_limited', 'no'],
    [400, 'unknown', 'unknown'],
    [503, 'unknown', 'unknown'],
  ]
  it.each(statuses)('status %s without a code is %s, sent %s', async (status, kind, sent) => {
    server().behave({ status: Number(status), text: '<html>' })
    const error = await failureOf(tested.create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind, sent })
    expect(error.providerCode).toBeUndefined()
  })

  it('an error inside a 201 is an error', async () => {
    server().behave({ status: 201, json: { sid: 'SM1', error_code: 30007, status: 'failed' } })
    expect(await failureOf(tested.create({ baseUrl: server().url }))).toMatchObject({
      kind: 'content_rejected',
      providerCode: '30007',
    })
  })

  it('honours Retry-After', async () => {
    server().behave({ status: 429, headers: { 'retry-after': '2' }, json: { code: 20429 } })
    const error = await failureOf(tested.create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'rate_limited', sent: 'no', retryAfterMs: 2000 })
  })
})

describe('the request of twilioSms', () => {
  it('is the documented one', async () => {
    const receipt = await deliver((options) =>
      twilioSms({
        ...account,
        ...options,
        from: '+15017122661',
        statusCallback: 'https://otp.example.com/hooks/twilio?tenant=1',
      }),
    )
    expect(receipt).toEqual({
      provider: 'twilio',
      messageId: 'SM00000000000000000000000000000005',
      segments: 1,
    })
    const { method, path, headers } = server().lastRequest()
    expect(method).toBe('POST')
    expect(path).toBe(`/2010-04-01/Accounts/${accountSid}/Messages.json`)
    expect(headers.authorization).toBe(`Basic ${btoa(`${accountSid}:${authToken}`)}`)
    expect(headers['content-type']).toContain('application/x-www-form-urlencoded')
    expect(form()).toEqual({
      To: '+919876543210',
      From: '+15017122661',
      Body: testMessage().content.text,
      ValidityPeriod: '299',
      // Twilio returns no reference but what the address holds.
      StatusCallback: `https://otp.example.com/hooks/twilio?tenant=1&reference=${testMessage().reference}`,
    })
  })

  it('signs in with an API key, and sends through a Messaging Service', async () => {
    await deliver(({ baseUrl }) =>
      twilioSms({
        accountSid,
        apiKey: { sid: 'SK1', secret: 'the-key' },
        messagingServiceSid: service,
        baseUrl,
      }),
    )
    const { path, headers } = server().lastRequest()
    expect(path).toContain(accountSid)
    expect(headers.authorization).toBe(`Basic ${btoa('SK1:the-key')}`)
    expect(form()).toMatchObject({ MessagingServiceSid: service })
    expect(form()).not.toHaveProperty('From')
  })

  it.each([
    [1, '1'],
    [1_999, '1'],
    [600_000, '600'],
    [86_400_000, '36000'],
  ])('a code good for %s ms has a validity of %s s', async (expiresInMs, seconds) => {
    await deliver(adapters.twilioSms?.create ?? missing, testMessage({ expiresInMs }))
    expect(form().ValidityPeriod).toBe(seconds)
  })

  it('leaves out segments that Twilio does not know yet', async () => {
    server().behave({ status: 201, json: { sid: 'SM1', num_segments: '0', error_code: null } })
    const delivery = twilioSms({ ...account, messagingServiceSid: service, baseUrl: server().url })
    expect(await delivery.deliver(testMessage())).toEqual({ provider: 'twilio', messageId: 'SM1' })
  })
})

describe('the request of twilioWhatsapp', () => {
  const create = (options: TestedHttpOptions) =>
    twilioWhatsapp({
      ...account,
      ...options,
      from: 'whatsapp:+14155238886',
      contentSid,
      contentSidByLocale: { pt: 'HX0000000000000000000000000000000a' },
    })

  it('carries the code in the template and no body', async () => {
    await deliver(create)
    expect(server().lastRequest().path).toBe(`/2010-04-01/Accounts/${accountSid}/Messages.json`)
    expect(form()).toEqual({
      To: 'whatsapp:+919876543210',
      From: 'whatsapp:+14155238886',
      ContentSid: contentSid,
      ContentVariables: '{"1":"047382"}',
      ValidityPeriod: '299',
    })
  })

  it('chooses the template by locale', async () => {
    await deliver(create, testMessage({ locale: 'pt-AO' }))
    expect(form().ContentSid).toBe('HX0000000000000000000000000000000a')
  })

  it('refuses a code that WhatsApp cannot show', async () => {
    const before = server().requests.length
    const message = testMessage({ code: '1234567890123456' })
    expect(await failureOf(create({ baseUrl: server().url }), message)).toMatchObject({
      kind: 'content_rejected',
      sent: 'no',
    })
    expect(server().requests.length).toBe(before)
  })
})

describe('the request of twilioVoice', () => {
  const create = (options: TestedHttpOptions) =>
    twilioVoice({
      ...account,
      ...options,
      from: '+15017122661',
      voiceByLocale: { ta: { language: 'ta-IN', voice: 'Google.ta-IN-"A"' } },
    })

  it('S79 says the escaped text in a call of limited length, with no web server involved', async () => {
    await deliver(create)
    expect(server().lastRequest().path).toBe(`/2010-04-01/Accounts/${accountSid}/Calls.json`)
    expect(form()).toEqual({
      To: '+919876543210',
      From: '+15017122661',
      Twiml:
        '<Response><Say language="en-US">Your Acme &amp; Co code is 0, 4, 7, 3, 8, 2. Again: 0, 4, 7, 3, 8, 2.</Say></Response>',
      TimeLimit: '60',
    })
  })

  it('escapes all that XML needs escaped and drops what it cannot hold', async () => {
    const spoken = `</Say><Dial>+1900</Dial>&"'\u0000\u001b\ud800 ñ 😀`
    await deliver(create, testMessage({ content: { text: 'x', spoken } }))
    expect(form().Twiml).toBe(
      '<Response><Say language="en-US">&lt;/Say&gt;&lt;Dial&gt;+1900&lt;/Dial&gt;&amp;&quot;&apos;    ñ 😀</Say></Response>',
    )
  })

  it.each([
    ['pt-AO', 'language="pt-BR"'],
    ['pt-PT', 'language="pt-PT"'],
    ['hi-IN', 'language="hi-IN"'],
    ['ta', 'language="ta-IN" voice="Google.ta-IN-&quot;A&quot;"'],
  ])('speaks %s with %s', async (locale, attributes) => {
    await deliver(create, testMessage({ locale, content: { text: 'x' } }))
    expect(form().Twiml).toBe(`<Response><Say ${attributes}>x</Say></Response>`)
  })

  it('refuses a language that it cannot speak', async () => {
    const message = testMessage({ locale: 'fa-IR' })
    expect(await failureOf(create({ baseUrl: server().url }), message)).toMatchObject({
      kind: 'content_rejected',
      sent: 'no',
    })
  })
})

describe('options', () => {
  const sms = { ...account, from: '+15017122661' }
  it.each([
    ['twilioSms', 'accountSid', () => twilioSms({ ...sms, accountSid: '' })],
    ['twilioSms', 'accountSid', () => twilioSms({ ...sms, accountSid: 'SKhunter2' })],
    ['twilioSms', 'accountSid', () => twilioSms({ ...sms, accountSid: 'AC/../hunter2' })],
    ['twilioSms', 'authToken', () => twilioSms({ ...sms, authToken: '' })],
    ['twilioSms', 'authToken', () => twilioSms({ ...sms, authToken: 'hunter2\n' })],
    ['twilioSms', 'authToken` or `apiKey', () => twilioSms({ accountSid, from: '+1' })],
    [
      'twilioSms',
      'authToken` or `apiKey',
      () => twilioSms({ ...sms, apiKey: { sid: 'SK1', secret: 'hunter2' } }),
    ],
    [
      'twilioSms',
      'apiKey.sid',
      () => twilioSms({ accountSid, from: '+1', apiKey: { sid: '', secret: 'x' } }),
    ],
    [
      'twilioSms',
      'apiKey.secret',
      () => twilioSms({ accountSid, from: '+1', apiKey: { sid: 'S', secret: '' } }),
    ],
    ['twilioSms', 'from` or `messagingServiceSid', () => twilioSms(account)],
    [
      'twilioSms',
      'from` or `messagingServiceSid',
      () => twilioSms({ ...sms, messagingServiceSid: service }),
    ],
    ['twilioSms', 'from', () => twilioSms({ ...sms, from: '' })],
    [
      'twilioSms',
      'messagingServiceSid',
      () => twilioSms({ ...account, messagingServiceSid: 'hunter2' }),
    ],
    ['twilioSms', 'statusCallback', () => twilioSms({ ...sms, statusCallback: '/hunter2' })],
    [
      'twilioSms',
      'statusCallback',
      () => twilioSms({ ...sms, statusCallback: 'https://hunter2_a.example' }),
    ],
    ['twilioWhatsapp', 'contentSid', () => twilioWhatsapp({ ...sms, contentSid: 'hunter2' })],
    [
      'twilioWhatsapp',
      'contentSidByLocale.pt',
      () => twilioWhatsapp({ ...sms, contentSid, contentSidByLocale: { pt: 'hunter2' } }),
    ],
    ['twilioVoice', 'from', () => twilioVoice({ ...account, from: 'hunter2' })],
    ['twilioVoice', 'timeLimitSeconds', () => twilioVoice({ ...sms, timeLimitSeconds: 0 })],
  ])('%s: a wrong %s is a TypeError without the value', (factory, option, create) => {
    expect(create).toThrow(TypeError)
    expect(create).toThrow(`otpkit: ${factory}: option \`${option}\` `)
    expect(create).not.toThrow('hunter2')
  })

  it('an alphanumeric sender may hold spaces', () => {
    expect(twilioSms({ ...account, from: 'Acme Co' }).reaches).toEqual(['phone'])
  })
})

function missing(): never {
  throw new Error('no such adapter')
}

describe('statuses', () => {
  const tested = adapters.twilioSms
  if (tested === undefined) throw new Error('twilioSms is tested')
  describeStatuses(
    server,
    tested,
    (status) => ({ json: { code: 29999, message: 'New', more_info: '', status } }),
    (status) => {
      // https://www.twilio.com/docs/api/errors/20429: a request with status 429 was not processed.
      const said = ['rate_limited', 'no'] as const
      return status === 429
        ? { own: said, page: said, json: said, empty: said }
        : outcomeByStatus(status)
    },
  )
})
