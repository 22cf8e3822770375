import { type PostmarkEmailOptions, postmarkEmail } from 'otpkit/deliveries/postmark'
import { describe, expect, it } from 'vitest'
import {
  describeErrorTable,
  describeHttpDelivery,
  describeStatuses,
  failureOf,
  type HttpDeliveryUnderTest,
  outcomeByStatus,
  type TestedHttpOptions,
  useProviderServer,
} from './delivery-suite'
import { postmarkOutcomes } from './outcomes/postmark'
import { codeHeaders, emailMessage, expectWrongOption } from './samples'

const serverToken = '3f1d2c4b-5a69-4788-9a0b-c1d2e3f40516'
const options = { serverToken, from: 'Acme <otp@acme.example>' }
const create = (more: TestedHttpOptions & Partial<PostmarkEmailOptions>) =>
  postmarkEmail({ ...options, ...more })

const adapter: HttpDeliveryUnderTest = {
  create,
  success: (id) => ({ json: { MessageID: id, ErrorCode: 0, Message: 'OK' } }),
  refusal: (quote) => ({ status: 422, json: { ErrorCode: 300, Message: quote } }),
  credentials: [serverToken],
  unauthorized: ['misconfigured', 'unknown'],
  message: emailMessage(),
}
const server = useProviderServer()

describe('the request', () => {
  it('is the documented one', async () => {
    server().behave({
      json: {
        To: 'person@example.com',
        SubmittedAt: '2026-01-15T12:00:00Z',
        MessageID: '0a129aee-e1cd-480d-b08d-4f48548ff48d',
        ErrorCode: 0,
        Message: 'OK',
      },
    })
    const email = create({ baseUrl: server().url, origin: 'https://acme.example' })
    expect(await email.deliver(emailMessage())).toEqual({
      provider: 'postmark',
      messageId: '0a129aee-e1cd-480d-b08d-4f48548ff48d',
    })
    const { method, path, headers, body } = server().lastRequest()
    expect([method, path]).toEqual(['POST', '/email'])
    expect(headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/json',
      'x-postmark-server-token': serverToken,
    })
    expect(headers).not.toHaveProperty('authorization')
    expect(JSON.parse(body)).toEqual({
      From: 'Acme <otp@acme.example>',
      To: 'person@example.com',
      Subject: '047382 is your Acme & Co code',
      TextBody: '047382 is your Acme & Co code.',
      HtmlBody: '<p><b>047382</b> is your Acme &amp; Co code.</p>',
      MessageStream: 'outbound',
      TrackOpens: false,
      TrackLinks: 'None',
      Metadata: { reference: 'abcdefghijklmnopqrstuv' },
      Headers: Object.entries(codeHeaders).map(([Name, Value]) => ({ Name, Value })),
    })
  })

  it('goes into the stream of the options, without an HTML part where there is none', async () => {
    server().behave(adapter.success('1'))
    const email = create({ baseUrl: server().url, messageStream: 'codes' })
    await email.deliver(emailMessage({ content: { text: 'Code 047382' } }))
    const body = JSON.parse(server().lastRequest().body)
    expect(body).toMatchObject({ MessageStream: 'codes', TextBody: 'Code 047382' })
    expect(body).not.toHaveProperty('HtmlBody')
  })
})

describe('errors', () => {
  // Without quotes, or it would look like a remark about the field `To`.
  const body = (ErrorCode: string | number, quote: string) => ({
    json: { ErrorCode, Message: quote.replaceAll('"', '') },
  })
  describeErrorTable(server, adapter, postmarkOutcomes, (...row) => ({
    status: 422,
    ...body(...row),
  }))
  describeErrorTable(server, adapter, postmarkOutcomes, (...row) => ({
    status: 200,
    ...body(...row),
  }))

  it('an invalid request that names the recipient is the person’s', async () => {
    const json = { ErrorCode: 300, Message: "Invalid 'To' address: 'person@example.com'." }
    server().behave({ status: 422, json })
    const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
    expect(error).toMatchObject({ kind: 'invalid_recipient', sent: 'no' })
  })

  it.each([
    [403, 'unknown', 'no'],
    [429, 'rate_limited', 'unknown'],
    [500, 'unknown', 'unknown'],
    [503, 'unavailable', 'unknown'],
  ])('an HTML page with status %i is %s, sent %s', async (status, kind, sent) => {
    server().behave({ status, text: '<html>Blocked</html>' })
    const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
    expect(error).toMatchObject({ kind, sent, providerCode: String(status) })
  })

  it('an id beside an error code is no success', async () => {
    server().behave({ json: { MessageID: '1', ErrorCode: 406, Message: 'Inactive' } })
    const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
    expect(error).toMatchObject({ kind: 'opted_out', sent: 'no' })
  })
})

describe('options', () => {
  it.each([
    ['serverToken', ''],
    ['messageStream', 'wrong value'],
    ['from', 'wrong-value'],
    ['origin', 'http://wrong-value.example'],
    ['baseUrl', 'http://wrong-value.example'],
  ])('a wrong %s (%j) is a TypeError that names it and not its value', (name, value) => {
    expectWrongOption(postmarkEmail, options, name, value)
  })
})

describeHttpDelivery(server, adapter)

describe('statuses', () => {
  describeStatuses(
    server,
    adapter,
    () => ({ json: { ErrorCode: 9999, Message: 'New' } }),
    (status) => {
      const usual = outcomeByStatus(status)
      // https://postmarkapp.com/support: a network layer in front of the API let nothing through.
      if (status === 403) return { ...usual, page: ['unknown', 'no'] }
      const down = ['unavailable', 'unknown'] as const
      return status === 503 ? { ...usual, page: down, json: down, empty: down } : usual
    },
  )
})
