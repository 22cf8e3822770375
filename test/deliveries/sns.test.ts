import { AwsClient } from 'aws4fetch'
import { type SnsSmsOptions, snsSms } from 'otpkit/deliveries/sns'
import { describe, expect, it } from 'vitest'
import vectors from '../data/sigv4-vectors.json'
import { awsCredentials, signatureOf, signerAtVectorTime } from './aws-signer'
import {
  describeErrorTable,
  describeHttpDelivery,
  describeStatuses,
  failureOf,
  type HttpDeliveryUnderTest,
  type TestedHttpOptions,
  testMessage,
  useProviderServer,
} from './delivery-suite'
import { snsOutcomes } from './outcomes/sns'
import { expectWrongOption } from './samples'

const signer = new AwsClient(awsCredentials)
const options = { signer, region: 'eu-west-1' }
const create = (more: TestedHttpOptions & Partial<SnsSmsOptions>) => snsSms({ ...options, ...more })

const success = (id: string) =>
  `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>${id}</MessageId></PublishResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>`
const refusal = (code: string | number, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message.replaceAll('<', '&lt;')}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`

const adapter: HttpDeliveryUnderTest = {
  create,
  success: (id) => ({ text: success(id) }),
  refusal: (quote) => ({ status: 400, text: refusal('ValidationException', quote) }),
  credentials: [awsCredentials.accessKeyId, awsCredentials.secretAccessKey],
  unauthorized: ['misconfigured', 'unknown'],
}
const server = useProviderServer()

/** The fields of the newest request. */
function sentFields(): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(server().lastRequest().body))
}

describe('the request', () => {
  it('is, to the byte and the signature, the one of the vector', async () => {
    const vector = vectors.cases.find(({ service }) => service === 'sns')
    let request: Request | undefined
    const sms = snsSms({
      signer: signerAtVectorTime(),
      region: 'us-east-1',
      senderId: 'ACME',
      maxPriceUsd: '0.50',
      fetch: async (url, init) => {
        request = new Request(String(url), init)
        return new Response(success('94f20ce6-13c5-43a0-9a9e-ca52d816e90b'))
      },
    })
    const message = { to: '+12065550100', content: { text: '123456 is your code' } }
    expect(await sms.deliver(testMessage(message))).toEqual({
      provider: 'sns',
      messageId: '94f20ce6-13c5-43a0-9a9e-ca52d816e90b',
    })
    expect(request?.method).toBe('POST')
    expect(request?.url).toBe('https://sns.us-east-1.amazonaws.com/')
    expect(request?.headers.get('content-type')).toBe('application/x-www-form-urlencoded')
    expect(await request?.text()).toBe(vector?.body)
    expect(signatureOf(request?.headers.get('authorization') ?? '')).toBe(vector?.signature)
  })

  it('has the options that are given, the Indian ids for Indian numbers only', async () => {
    server().behave(adapter.success('1'))
    const sms = create({
      baseUrl: server().url,
      originationNumber: '12065550111',
      india: { entityId: '1101', templateId: '1107' },
    })
    await sms.deliver(testMessage())
    expect(sentFields()).toEqual({
      Action: 'Publish',
      Version: '2010-03-31',
      Message: testMessage().content.text,
      PhoneNumber: '+919876543210',
      'MessageAttributes.entry.1.Name': 'AWS.SNS.SMS.SMSType',
      'MessageAttributes.entry.1.Value.DataType': 'String',
      'MessageAttributes.entry.1.Value.StringValue': 'Transactional',
      'MessageAttributes.entry.2.Name': 'AWS.MM.SMS.OriginationNumber',
      'MessageAttributes.entry.2.Value.DataType': 'String',
      'MessageAttributes.entry.2.Value.StringValue': '12065550111',
      'MessageAttributes.entry.3.Name': 'AWS.MM.SMS.EntityId',
      'MessageAttributes.entry.3.Value.DataType': 'String',
      'MessageAttributes.entry.3.Value.StringValue': '1101',
      'MessageAttributes.entry.4.Name': 'AWS.MM.SMS.TemplateId',
      'MessageAttributes.entry.4.Value.DataType': 'String',
      'MessageAttributes.entry.4.Value.StringValue': '1107',
    })
    await sms.deliver(testMessage({ to: '+12065550100', country: 'US' }))
    expect(server().lastRequest().body).not.toContain('EntityId')
  })
})

describe('errors', () => {
  // Without the name of the field, which would make it a remark about the recipient.
  describeErrorTable(server, adapter, snsOutcomes, (code, quote) => ({
    status: 400,
    text: refusal(code, quote.replaceAll('PhoneNumber', 'Phone')),
  }))

  it.each(['InvalidParameter', 'ParameterValueInvalid'])('%s of the number', async (code) => {
    const text = refusal(code, 'Invalid parameter: PhoneNumber Reason: +919876543210 is not valid')
    server().behave({ status: 400, text })
    const error = await failureOf(create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'invalid_recipient', sent: 'no' })
  })

  it.each([
    [403, 'misconfigured', 'unknown'],
    [429, 'rate_limited', 'unknown'],
    [500, 'unknown', 'unknown'],
    [503, 'unknown', 'unknown'],
  ])('status %i without a code is %s, sent %s', async (status, kind, sent) => {
    server().behave({ status, text: '' })
    const error = await failureOf(create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind, sent })
  })
})

describe('options', () => {
  it.each([
    ['signer', undefined],
    ['region', 'wrong-value'],
    ['senderId', 'wrong value'],
    ['senderId', '12345'],
    ['originationNumber', '+1 206 555 0111'],
    ['maxPriceUsd', 'wrong-value'],
    ['maxPriceUsd', 5.25],
    ['india', { entityId: '1101' }],
    ['baseUrl', 'http://wrong-value.example'],
  ])('a wrong %s (%j) is a TypeError that names it and not its value', (name, value) => {
    expectWrongOption(snsSms, options, name, value)
  })
})

describeHttpDelivery(server, adapter)

describe('statuses', () => {
  describeStatuses(server, adapter, () => ({ text: refusal('ErrorOfTomorrow', 'New.') }))
})
