import { AwsClient } from 'aws4fetch'
import { type SesEmailOptions, sesEmail } from 'otpkit/deliveries/ses'
import { describe, expect, it } from 'vitest'
import { awsCredentials } from './aws-signer'
import {
  describeErrorTable,
  describeHttpDelivery,
  describeStatuses,
  expectNoSecrets,
  failureOf,
  type HttpDeliveryUnderTest,
  type TestedHttpOptions,
  useProviderServer,
} from './delivery-suite'
import { sesOutcomes } from './outcomes/ses'
import { codeHeaders, emailMessage, expectWrongOption } from './samples'

const signer = new AwsClient(awsCredentials)
const options = { signer, region: 'eu-west-1', from: 'Acme <otp@acme.example>' }
const create = (more: TestedHttpOptions & Partial<SesEmailOptions>) =>
  sesEmail({ ...options, ...more })

const adapter: HttpDeliveryUnderTest = {
  create,
  success: (id) => ({ json: { MessageId: id } }),
  refusal: (quote) => ({
    status: 400,
    headers: { 'x-amzn-errortype': 'MessageRejected' },
    json: { message: quote },
  }),
  credentials: [awsCredentials.accessKeyId, awsCredentials.secretAccessKey],
  unauthorized: ['misconfigured', 'unknown'],
  message: emailMessage(),
}
const server = useProviderServer()

describe('the request', () => {
  it('is the documented one, and signed', async () => {
    server().behave({ json: { MessageId: '0100018b2f' } })
    const email = create({
      baseUrl: server().url,
      origin: 'https://acme.example',
      configurationSet: 'codes',
    })
    expect(await email.deliver(emailMessage())).toEqual({
      provider: 'ses',
      messageId: '0100018b2f',
    })
    const { method, path, headers, body } = server().lastRequest()
    expect([method, path]).toEqual(['POST', '/v2/email/outbound-emails'])
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-amz-date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/ses\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$/,
      ),
    })
    expect(JSON.parse(body)).toEqual({
      FromEmailAddress: 'Acme <otp@acme.example>',
      Destination: { ToAddresses: ['person@example.com'] },
      Content: {
        Simple: {
          Subject: { Data: '047382 is your Acme & Co code', Charset: 'UTF-8' },
          Body: {
            Text: { Data: '047382 is your Acme & Co code.', Charset: 'UTF-8' },
            Html: {
              Data: '<p><b>047382</b> is your Acme &amp; Co code.</p>',
              Charset: 'UTF-8',
            },
          },
          Headers: Object.entries(codeHeaders).map(([Name, Value]) => ({ Name, Value })),
        },
      },
      ConfigurationSetName: 'codes',
      EmailTags: [{ Name: 'reference', Value: 'abcdefghijklmnopqrstuv' }],
    })
  })

  it('has the name of the sender in ASCII', async () => {
    server().behave(adapter.success('1'))
    const email = create({ baseUrl: server().url, from: 'Müller <otp@acme.example>' })
    await email.deliver(emailMessage())
    expect(JSON.parse(server().lastRequest().body)).toMatchObject({
      FromEmailAddress: '=?UTF-8?B?TcO8bGxlcg==?= <otp@acme.example>',
    })
  })

  it('goes to the host of the region', async () => {
    const hosts: string[] = []
    const fetch: typeof globalThis.fetch = async (url) => {
      hosts.push(String(url))
      return Response.json({ MessageId: '1' })
    }
    await sesEmail({ ...options, fetch }).deliver(emailMessage())
    await sesEmail({ ...options, region: 'cn-north-1', fetch }).deliver(emailMessage())
    expect(hosts).toEqual([
      'https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails',
      'https://email.cn-north-1.amazonaws.com.cn/v2/email/outbound-emails',
    ])
  })

  it('is not made when it cannot be signed', async () => {
    const before = server().requests.length
    const broken = { sign: () => Promise.reject(new Error(`no ${awsCredentials.secretAccessKey}`)) }
    const error = await failureOf(create({ baseUrl: server().url, signer: broken }), emailMessage())
    expect(error).toMatchObject({ kind: 'misconfigured', sent: 'no' })
    expectNoSecrets(error, [awsCredentials.secretAccessKey])
    expect(server().requests.length).toBe(before)
  })
})

describe('errors', () => {
  describeErrorTable(server, adapter, sesOutcomes, (type, quote) => ({
    status: 400,
    headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/` },
    json: { message: quote },
  }))

  it.each([
    [403, 'misconfigured', 'unknown'],
    [429, 'rate_limited', 'unknown'],
    [500, 'unknown', 'unknown'],
    [503, 'unknown', 'unknown'],
  ])('status %i without a type is %s, sent %s', async (status, kind, sent) => {
    server().behave({ status, json: { message: 'The security token is invalid.' } })
    const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
    expect(error).toMatchObject({ kind, sent })
  })
})

describe('the type of an error in the body', () => {
  it.each([
    [{ __type: 'TooManyRequestsException' }, 'rate_limited'],
    [{ __type: 'com.amazonaws.sesv2#TooManyRequestsException' }, 'rate_limited'],
    [{ __type: 'com.amazonaws.sesv2#TooManyRequestsException:http://coral/' }, 'rate_limited'],
    [{ __type: 'com.amazonaws.sesv2#ExceptionOfTomorrow' }, 'unknown'],
  ])('is read as AWS’ clients do: %j is %s, and sent nothing', async (json, kind) => {
    server().behave({ status: 400, json: { ...json, message: 'x' } })
    const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
    expect(error).toMatchObject({ kind, sent: 'no' })
  })

  it('is not the code of somebody else', async () => {
    server().behave({ status: 400, json: { code: 'TooManyRequestsException', message: 'x' } })
    const error = await failureOf(create({ baseUrl: server().url }), emailMessage())
    expect(error).toMatchObject({ kind: 'unknown', sent: 'unknown' })
  })
})

describe('options', () => {
  it.each([
    ['signer', undefined],
    ['signer', { key: 'wrong-value' }],
    ['region', 'wrong-value'],
    ['region', 'eu-west-1.evil.example'],
    ['configurationSet', ''],
    ['from', 'wrong-value'],
    ['origin', 'http://wrong-value.example'],
    ['baseUrl', 'http://wrong-value.example'],
  ])('a wrong %s (%j) is a TypeError that names it and not its value', (name, value) => {
    expectWrongOption(sesEmail, options, name, value)
  })
})

describeHttpDelivery(server, adapter)

describe('statuses', () => {
  describeStatuses(server, adapter, () => ({
    headers: { 'x-amzn-errortype': 'ExceptionOfTomorrow' },
    json: { message: 'New.' },
  }))
})
