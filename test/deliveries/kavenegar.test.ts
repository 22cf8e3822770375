import { kavenegarCall, kavenegarLookup, kavenegarSms } from 'otpkit/deliveries/kavenegar'
import { describe, expect, it } from 'vitest'
import {
  describeErrorTable,
  describeHttpDelivery,
  describeStatuses,
  failureOf,
  type HttpDeliveryUnderTest,
  outcomeByBody,
  testMessage,
  useProviderServer,
} from './delivery-suite'
import { kavenegarOutcomes } from './outcomes/kavenegar'

const server = useProviderServer()
const apiKey = '6D7A3153507A2F4B3D'

const accepted = (entries: unknown) => ({
  json: { return: { status: 200, message: 'تایید شد' }, entries },
})
const lookup: HttpDeliveryUnderTest = {
  create: (options) => kavenegarLookup({ apiKey, template: 'login', ...options }),
  success: (id) => accepted([{ messageid: Number(id), message: 'کد: 047382', status: 5 }]),
  refusal: (quote) => ({ status: 411, json: { return: { status: 411, message: quote } } }),
  credentials: [apiKey],
  unauthorized: ['unknown', 'unknown'],
}
const adapters = {
  lookup,
  sms: { ...lookup, create: (options) => kavenegarSms({ apiKey, ...options }) },
  call: { ...lookup, create: (options) => kavenegarCall({ apiKey, ...options }) },
} satisfies Record<string, HttpDeliveryUnderTest>

describe.each(Object.entries(adapters))('%s', (_, tested) => {
  describeHttpDelivery(server, tested)
})

describe('error table', () => {
  describeErrorTable(server, lookup, kavenegarOutcomes, (status, quote) => ({
    status: 400,
    json: { return: { status, message: quote }, entries: null },
  }))

  it.each([401, 403, 404, 411, 418, 429, 500])('HTTP %s alone says nothing', async (status) => {
    server().behave({ status, text: '<html>' })
    const error = await failureOf(lookup.create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'unknown', sent: 'unknown' })
  })

  it.each([
    ['an error with HTTP 200', { return: { status: 418 }, entries: null }, 'insufficient_funds'],
    ['success without an entry', { return: { status: 200 }, entries: [] }, 'unknown'],
    ['an entry without success', { entries: [{ messageid: 5 }] }, 'unknown'],
    [
      'a status that is text',
      { return: { status: '200' }, entries: [{ messageid: 5 }] },
      'unknown',
    ],
  ])('%s is an error', async (_, json, kind) => {
    server().behave({ json })
    expect((await failureOf(lookup.create({ baseUrl: server().url }))).kind).toBe(kind)
  })
})

describe('the request', () => {
  async function requestOf(
    create: HttpDeliveryUnderTest['create'],
    message = testMessage({ to: '+989121234567', country: 'IR', locale: 'fa' }),
  ) {
    server().behave(accepted({ messageid: 8_792_343_000_001, status: 5 }))
    const receipt = await create({ baseUrl: server().url }).deliver(message)
    expect(receipt).toEqual({ provider: 'kavenegar', messageId: '8792343000001' })
    const { method, path, headers, body } = server().lastRequest()
    expect(method).toBe('POST')
    expect(headers['content-type']).toMatch(
      /^application\/x-www-form-urlencoded;\s*charset=utf-8$/i,
    )
    return { path, form: Object.fromEntries(new URLSearchParams(body)) }
  }

  it('of a lookup sends the code as the token of the template', async () => {
    expect(await requestOf(lookup.create)).toEqual({
      path: `/v1/${apiKey}/verify/lookup.json`,
      form: { receptor: '09121234567', template: 'login', token: '047382' },
    })
  })

  it('of a lookup takes the other tokens, the type and the template of the locale', async () => {
    const { form } = await requestOf((options) =>
      kavenegarLookup({
        apiKey,
        template: 'login',
        templateByLocale: { fa: 'vorood' },
        tokens: ({ expiresInMs }) => ({ token2: String(Math.floor(expiresInMs / 60_000)) }),
        type: 'call',
        ...options,
      }),
    )
    expect(form).toEqual({
      receptor: '09121234567',
      template: 'vorood',
      token: '047382',
      token2: '4',
      type: 'call',
    })
  })

  it('of a text message carries the text and the line', async () => {
    const create: HttpDeliveryUnderTest['create'] = (options) =>
      kavenegarSms({ apiKey, sender: '10004346', ...options })
    expect(await requestOf(create)).toEqual({
      path: `/v1/${apiKey}/sms/send.json`,
      form: {
        receptor: '09121234567',
        message: testMessage().content.text,
        sender: '10004346',
      },
    })
    const { form } = await requestOf(adapters.sms.create)
    expect(form).not.toHaveProperty('sender')
  })

  it('of a call carries what is spoken', async () => {
    expect(await requestOf(adapters.call.create)).toEqual({
      path: `/v1/${apiKey}/call/maketts.json`,
      form: { receptor: '09121234567', message: testMessage().content.spoken },
    })
  })

  it('writes foreign numbers with two zeros', async () => {
    const { form } = await requestOf(lookup.create, testMessage({ to: '+4915112345678' }))
    expect(form.receptor).toBe('004915112345678')
  })

  it('escapes the key in the path', async () => {
    const { path } = await requestOf((options) =>
      kavenegarLookup({ apiKey: 'a/b?c', template: 'login', ...options }),
    )
    expect(path).toBe('/v1/a%2Fb%3Fc/verify/lookup.json')
  })
})

describe('options', () => {
  it.each([
    ['kavenegarLookup', 'apiKey', () => kavenegarLookup({ apiKey: '', template: 'login' })],
    ['kavenegarSms', 'apiKey', () => kavenegarSms({ apiKey: 'hunter2\n' })],
    ['kavenegarCall', 'apiKey', () => kavenegarCall({ apiKey: 'hunter 2' })],
    ['kavenegarLookup', 'template', () => kavenegarLookup({ apiKey, template: '' })],
    [
      'kavenegarLookup',
      'templateByLocale.fa',
      () => kavenegarLookup({ apiKey, template: 'a', templateByLocale: { fa: '' } }),
    ],
    ['kavenegarSms', 'sender', () => kavenegarSms({ apiKey, sender: '' })],
  ])('%s: a wrong %s is a TypeError without the value', (factory, option, create) => {
    expect(create).toThrow(TypeError)
    expect(create).toThrow(`otpkit: ${factory}: option \`${option}\` must`)
    expect(create).not.toThrow('hunter')
  })
})

describe('statuses', () => {
  describeStatuses(
    server,
    lookup,
    () => ({ json: { return: { status: 999, message: 'new' }, entries: null } }),
    outcomeByBody,
  )
})
