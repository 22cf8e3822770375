import { type ResendEmailOptions, resendEmail } from 'otpkit/deliveries/resend'
import { describe, expect, it } from 'vitest'
import {
  describeErrorTable,
  describeHttpDelivery,
  describeStatuses,
  failureOf,
  type HttpDeliveryUnderTest,
  type TestedHttpOptions,
  useProviderServer,
} from './delivery-suite'
import { resendOutcomes } from './outcomes/resend'
import { codeHeaders, emailMessage, expectWrongOption } from './samples'

const apiKey = 're_9gFjKq2Lw8XbTt3ZrYv5mN'
const options = { apiKey, from: 'Acme, Inc. <otp@acme.example>' }
const create = (more: TestedHttpOptions & Partial<ResendEmailOptions>) =>
  resendEmail({ ...options, ...more })

const adapter: HttpDeliveryUnderTest = {
  create,
  success: (id) => ({ json: { id } }),
  refusal: (quote) => ({
    status: 422,
    json: { statusCode: 422, name: 'invalid_parameter', message: quote },
  }),
  credentials: [apiKey],
  unauthorized: ['misconfigured', 'unknown'],
  message: emailMessage(),
}
const server = useProviderServer()

describe('the request', () => {
  it('is the documented one', async () => {
    server().behave({ json: { id: '56761188-7520-42d8-8898-ff6fc54ce618' } })
    const email = create({ baseUrl: server().url, origin: 'https://acme.example' })
    expect(await email.deliver(emailMessage())).toEqual({
      provider: 'resend',
      messageId: '56761188-7520-42d8-8898-ff6fc54ce618',
    })
    const { method, path, headers, body } = server().lastRequest()
    expect([method, path]).toEqual(['POST', '/emails'])
    expect(headers).toMatchObject({
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': 'abcdefghijklmnopqrstuv',
    })
    expect(JSON.parse(body)).toEqual({
      from: '"Acme, Inc." <otp@acme.example>',
      to: ['person@example.com'],
      subject: '047382 is your Acme & Co code',
      text: '047382 is your Acme & Co code.',
      html: '<p><b>047382</b> is your Acme &amp; Co code.</p>',
      headers: codeHeaders,
    })
  })

  it('is the same to the byte when the same message is repeated', async () => {
    server().behave({ status: 500, json: { name: 'internal_server_error' } })
    const email = create({ baseUrl: server().url })
    await failureOf(email, emailMessage())
    const first = server().lastRequest()
    await failureOf(email, emailMessage())
    const { body, headers } = server().lastRequest()
    expect(body).toBe(first.body)
    expect(headers['idempotency-key']).toBe(first.headers['idempotency-key'])
  })

  it('S62 is not made for anything but one plain address', async () => {
    const before = server().requests.length
    const email = create({ baseUrl: server().url })
    const error = await failureOf(email, emailMessage({ to: 'a@b.example,c@d.example' }))
    expect(error).toMatchObject({ kind: 'invalid_recipient', sent: 'no' })
    expect(server().requests.length).toBe(before)
  })
})

describe('errors', () => {
  // Without quotes, or it would look like a remark about the field `to`.
  const body = (name: string | number, quote: string) => ({
    json: { name, message: quote.replaceAll('"', '') },
  })
  describeErrorTable(server, adapter, resendOutcomes, (...row) => ({
    status: 422,
    ...body(...row),
  }))
  // The status is said to differ between versions, so it must not matter.
  describeErrorTable(server, adapter, resendOutcomes, (...row) => ({
    status: 200,
    ...body(...row),
  }))

  it('a validation error that names the recipient is the person’s', async () => {
    const message = 'Invalid `to` field. The email address needs to follow the format.'
    server().behave({ status: 422, json: { name: 'validation_error', message } })
    const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
    expect(error).toMatchObject({ kind: 'invalid_recipient', sent: 'no' })
  })

  it('a rate limit says how long to wait', async () => {
    server().behave({
      status: 429,
      headers: { 'retry-after': '7' },
      json: { name: 'rate_limit_exceeded' },
    })
    const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
    expect(error).toMatchObject({ kind: 'rate_limited', retryAfterMs: 7000 })
  })
})

describe('options', () => {
  it.each([
    ['apiKey', ''],
    ['apiKey', 're_key with a break\n'],
    ['from', 'wrong-value'],
    ['origin', 'http://wrong-value.example'],
    ['baseUrl', 'http://wrong-value.example'],
  ])('a wrong %s (%j) is a TypeError that names it and not its value', (name, value) => {
    expectWrongOption(resendEmail, options, name, value)
  })
})

describeHttpDelivery(server, adapter)

describe('statuses', () => {
  describeStatuses(server, adapter, (statusCode) => ({
    json: { statusCode, name: 'an_error_of_tomorrow', message: 'New.' },
  }))
})
