import { whatsappCloud } from 'otpkit/deliveries/whatsapp'
import { describe, expect, it } from 'vitest'
import {
  describeErrorTable,
  describeHttpDelivery,
  describeStatuses,
  failureOf,
  type HttpDeliveryUnderTest,
  testMessage,
  useProviderServer,
} from './delivery-suite'
import { whatsappOutcomes } from './outcomes/whatsapp'

const server = useProviderServer()
const options = {
  accessToken: 'EAAGm0PX4ZCpsBAExampleToken',
  phoneNumberId: '106540352242922',
  template: { name: 'verification_code', language: 'en_US' },
}
const accepted = (id: string) => ({
  json: {
    messaging_product: 'whatsapp',
    contacts: [{ input: '919876543210', wa_id: '919876543210' }],
    messages: [{ id, message_status: 'accepted' }],
  },
})
const refused = (code: unknown, quote: string) => ({
  status: 400,
  json: {
    error: {
      message: quote,
      type: 'OAuthException',
      code,
      error_data: { messaging_product: 'whatsapp', details: quote },
      fbtrace_id: 'A1',
    },
  },
})
const cloud: HttpDeliveryUnderTest = {
  create: (more) => whatsappCloud({ ...options, ...more }),
  success: (id) => accepted(`wamid.${id}`),
  refusal: (quote) => refused(131026, quote),
  credentials: [options.accessToken],
  unauthorized: ['misconfigured', 'unknown'],
}

describe('whatsappCloud', () => {
  describeHttpDelivery(server, cloud)
  describeErrorTable(server, cloud, whatsappOutcomes, refused)

  it.each([
    [
      'an error inside a 200',
      { messages: [{ id: 'wamid.1' }], error: { code: 190 } },
      'misconfigured',
    ],
    ['a 200 without messages', { messaging_product: 'whatsapp' }, 'unknown'],
    ['a message without an id', { messages: [{ message_status: 'accepted' }] }, 'unknown'],
    ['an error that is only text', { error: 'no' }, 'unknown'],
  ])('%s is an error', async (_, json, kind) => {
    server().behave({ json })
    expect((await failureOf(cloud.create({ baseUrl: server().url }))).kind).toBe(kind)
  })
})

describe('the request', () => {
  async function requestOf(
    create: HttpDeliveryUnderTest['create'] = cloud.create,
    message = testMessage(),
  ) {
    server().behave(accepted('wamid.HBgLMTIwMTU1NTM5MzEVAgARGBI5'))
    const receipt = await create({ baseUrl: server().url }).deliver(message)
    expect(receipt).toEqual({
      provider: 'whatsapp',
      messageId: 'wamid.HBgLMTIwMTU1NTM5MzEVAgARGBI5',
    })
    const request = server().lastRequest()
    return { ...request, json: JSON.parse(request.body) }
  }

  it('S78 is the documented one: the code in the body and in the button', async () => {
    const { method, path, headers, body } = await requestOf()
    expect(method).toBe('POST')
    expect(path).toBe('/v22.0/106540352242922/messages')
    expect(headers).toMatchObject({
      authorization: `Bearer ${options.accessToken}`,
      'content-type': 'application/json',
    })
    expect(JSON.parse(body)).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '919876543210',
      type: 'template',
      template: {
        name: 'verification_code',
        language: { code: 'en_US' },
        components: [
          { type: 'body', parameters: [{ type: 'text', text: '047382' }] },
          {
            type: 'button',
            sub_type: 'url',
            index: '0',
            parameters: [{ type: 'text', text: '047382' }],
          },
        ],
      },
      biz_opaque_callback_data: testMessage().reference,
    })
  })

  it.each([
    ['pt-AO', { name: 'codigo', language: 'pt_BR' }],
    ['pt', { name: 'codigo', language: 'pt_BR' }],
    ['fa-IR', { name: 'kod', language: 'fa' }],
    ['de', options.template],
    ['constructor', options.template],
  ])('takes the template of the locale %s', async (locale, { name, language }) => {
    const templateByLocale = {
      pt: { name: 'codigo', language: 'pt_BR' },
      'fa-IR': { name: 'kod', language: 'fa' },
    }
    const { json } = await requestOf(
      (more) => whatsappCloud({ ...options, templateByLocale, ...more }),
      testMessage({ locale }),
    )
    expect(json.template).toMatchObject({ name, language: { code: language } })
  })

  it('takes another version of the Graph API', async () => {
    const { path } = await requestOf((more) =>
      whatsappCloud({ ...options, graphVersion: 'v25.0', ...more }),
    )
    expect(path).toBe('/v25.0/106540352242922/messages')
  })

  it('takes a code of 15 characters and refuses one of 16', async () => {
    await requestOf(cloud.create, testMessage({ code: '123456789012345' }))
    const before = server().requests.length
    const delivery = cloud.create({ baseUrl: server().url })
    const error = await failureOf(delivery, testMessage({ code: '1234567890123456' }))
    expect(error).toMatchObject({ kind: 'content_rejected', sent: 'no' })
    expect(server().requests.length).toBe(before)
  })
})

describe('options', () => {
  it.each([
    ['accessToken', { ...options, accessToken: '' }],
    ['accessToken', { ...options, accessToken: 'hunter2\n' }],
    ['phoneNumberId', { ...options, phoneNumberId: '' }],
    ['phoneNumberId', { ...options, phoneNumberId: '+49hunter2' }],
    ['graphVersion', { ...options, graphVersion: '22/hunter2' }],
    ['template.name', { ...options, template: { name: '', language: 'en' } }],
    ['template.language', { ...options, template: { name: 'code', language: '' } }],
    [
      'templateByLocale.pt.name',
      { ...options, templateByLocale: { pt: { name: 'a b', language: 'pt' } } },
    ],
  ])('a wrong %s is a TypeError without the value', (option, wrong) => {
    expect(() => whatsappCloud(wrong)).toThrow(TypeError)
    expect(() => whatsappCloud(wrong)).toThrow(`otpkit: whatsappCloud: option \`${option}\` must`)
    expect(() => whatsappCloud(wrong)).not.toThrow('hunter2')
  })
})

describe('statuses', () => {
  describeStatuses(server, cloud, () => ({ json: refused(999_999, 'New').json }))
})
