import { type SendgridEmailOptions, sendgridEmail } from 'otpkit/deliveries/sendgrid'
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
import { sendgridOutcomes } from './outcomes/sendgrid'
import { codeHeaders, emailMessage, expectWrongOption } from './samples'

const apiKey = 'SG.k3yPart-One.k3yPart_Two'
const options = { apiKey, from: 'Acme <otp@acme.example>' }
const create = (more: TestedHttpOptions & Partial<SendgridEmailOptions>) =>
  sendgridEmail({ ...options, ...more })

const adapter: HttpDeliveryUnderTest = {
  create,
  success: (id) => ({ status: 202, headers: { 'x-message-id': id } }),
  refusal: (quote) => ({ status: 400, json: { errors: [{ message: quote, field: null }] } }),
  credentials: [apiKey],
  unauthorized: ['misconfigured', 'unknown'],
  message: emailMessage(),
}
const server = useProviderServer()

describe('the request', () => {
  it('is the documented one', async () => {
    server().behave({ status: 202, headers: { 'x-message-id': '14c5d75ce93.dfd.64b469' } })
    const email = create({ baseUrl: server().url, origin: 'https://acme.example' })
    expect(await email.deliver(emailMessage())).toEqual({
      provider: 'sendgrid',
      messageId: '14c5d75ce93.dfd.64b469',
    })
    const { method, path, headers, body } = server().lastRequest()
    expect([method, path]).toEqual(['POST', '/v3/mail/send'])
    expect(headers).toMatchObject({
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
    })
    expect(JSON.parse(body)).toEqual({
      from: { email: 'otp@acme.example', name: 'Acme' },
      personalizations: [{ to: [{ email: 'person@example.com' }] }],
      subject: '047382 is your Acme & Co code',
      content: [
        { type: 'text/plain', value: '047382 is your Acme & Co code.' },
        { type: 'text/html', value: '<p><b>047382</b> is your Acme &amp; Co code.</p>' },
      ],
      headers: codeHeaders,
      custom_args: { reference: 'abcdefghijklmnopqrstuv' },
      tracking_settings: {
        click_tracking: { enable: false, enable_text: false },
        open_tracking: { enable: false },
      },
    })
  })

  it('has one part without HTML, and no name where the sender has none', async () => {
    server().behave(adapter.success('1'))
    const email = create({ baseUrl: server().url, from: 'otp@acme.example' })
    await email.deliver(emailMessage({ content: { text: 'Code 047382' } }))
    expect(JSON.parse(server().lastRequest().body)).toMatchObject({
      from: { email: 'otp@acme.example' },
      subject: 'Acme & Co',
      content: [{ type: 'text/plain', value: 'Code 047382' }],
    })
  })

  it.each([[{ status: 202 }], [{ status: 200, headers: { 'x-message-id': '1' } }]])(
    '%j is no success',
    async (behaviour) => {
      server().behave(behaviour)
      const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
      expect(error).toMatchObject({ kind: 'unknown', sent: 'unknown' })
    },
  )
})

describe('errors', () => {
  describeErrorTable(server, adapter, sendgridOutcomes, (status, quote) => ({
    status: Number(status),
    json: { errors: [{ message: quote, field: 'from.email', help: null }] },
  }))

  it('an account without credit is told from a wrong key', async () => {
    const json = { errors: [{ message: 'Maximum credits exceeded', field: null, help: null }] }
    server().behave({ status: 401, json })
    const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
    expect(error).toMatchObject({ kind: 'insufficient_funds', sent: 'no' })
  })

  it('an error about the recipient is the person’s', async () => {
    const field = 'personalizations.0.to.0.email'
    server().behave({ status: 400, json: { errors: [{ message: 'Invalid', field }] } })
    const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
    expect(error).toMatchObject({ kind: 'invalid_recipient', sent: 'no' })
  })

  it.each([
    [{ 'x-ratelimit-reset': '1768478410' }, 10_000],
    [{ 'x-ratelimit-reset': '1768478390' }, 0],
    [{ 'x-ratelimit-reset': 'soon' }, undefined],
    [{ 'retry-after': '3' }, 3000],
  ])('a rate limit with %j says how long to wait', async (headers, retryAfterMs) => {
    const date = 'Thu, 15 Jan 2026 12:00:00 GMT'
    server().behave({ status: 429, headers: { date, ...headers }, json: { errors: [] } })
    const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
    expect(error.retryAfterMs).toBe(retryAfterMs)
  })
})

describe('options', () => {
  it.each([
    ['apiKey', ''],
    ['from', 'wrong-value'],
    ['origin', 'http://wrong-value.example'],
    ['baseUrl', 'http://wrong-value.example'],
  ])('a wrong %s (%j) is a TypeError that names it and not its value', (name, value) => {
    expectWrongOption(sendgridEmail, options, name, value)
  })
})

describeHttpDelivery(server, adapter)

describe('statuses', () => {
  // The status is the code, so an answer with another one is what nobody has listed.
  describeStatuses(
    server,
    adapter,
    () => ({ json: { errors: [{ message: 'New', field: null, help: null }] } }),
    (status) =>
      [400, 413].includes(status)
        ? { ...outcomeByStatus(status), own: ['misconfigured', 'no'] }
        : outcomeByStatus(status),
  )
})
