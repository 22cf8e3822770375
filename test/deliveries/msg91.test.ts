import { msg91Flow, msg91Otp } from 'otpkit/deliveries/msg91'
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
import { msg91Outcomes } from './outcomes/msg91'

const server = useProviderServer()
const authKey = '123456AbCdEfGhIjKl5f0c0d0e'
const templateId = '5f0c0d0e0f00000000000001'

const otp: HttpDeliveryUnderTest = {
  create: (options) => msg91Otp({ authKey, templateId, ...options }),
  success: (id) => ({ json: { type: 'success', request_id: id } }),
  refusal: (quote) => ({ json: { type: 'error', message: quote, code: '202' } }),
  credentials: [authKey],
  unauthorized: ['unknown', 'unknown'],
}
const flow: HttpDeliveryUnderTest = {
  ...otp,
  create: (options) => msg91Flow({ authKey, templateId, ...options }),
  success: (id) => ({ json: { type: 'success', message: id } }),
}

describe.each(Object.entries({ otp, flow }))('%s', (_, tested) => {
  describeHttpDelivery(server, tested)
  // Errors come with status 200.
  describeErrorTable(server, tested, msg91Outcomes, (code, quote) => ({
    json: { type: 'error', message: quote, code },
  }))
})

describe('answers', () => {
  it.each([
    ['Invalid authkey', 'misconfigured', 'no'],
    ['Authentication failure', 'misconfigured', 'no'],
    ['Template ID Missing or Invalid Template', 'content_rejected', 'no'],
    ['The provided flow ID or template ID is invalid.', 'content_rejected', 'no'],
    ['Insufficient BALANCE', 'insufficient_funds', 'no'],
    ['Invalid mobile number', 'invalid_recipient', 'no'],
    ['IP not whitelisted', 'misconfigured', 'no'],
    ['The recipient was skipped', 'unknown', 'no'],
    [undefined, 'unknown', 'no'],
    // What is missing is not the person's fault.
    ['Mobile number is missing', 'unknown', 'no'],
  ])('the words %j without a code are %s, sent %s', async (message, kind, sent) => {
    server().behave({ json: { type: 'error', message } })
    expect(await failureOf(otp.create({ baseUrl: server().url }))).toMatchObject({ kind, sent })
  })

  it.each([
    ['a wrong path', 404, { type: 'error', msg: 'Route Missing' }, 'misconfigured', 'no'],
    [
      'another family of errors',
      401,
      { status: 'fail', hasError: true, errors: 'Unauthorized', code: '401', apiError: '418' },
      'misconfigured',
      'no',
    ],
    [
      'the same with words alone',
      401,
      { status: 'fail', hasError: true, errors: 'Unauthorized', code: '401' },
      'misconfigured',
      'no',
    ],
    ['success without an id', 200, { type: 'success' }, 'unknown', 'unknown'],
    ['no type', 200, { request_id: '3763646c', message: '3763646c' }, 'unknown', 'unknown'],
    [
      'success with a failing status',
      500,
      { type: 'success', request_id: '3763646c', message: '3763646c' },
      'unknown',
      'unknown',
    ],
  ])('%s is an error', async (_, status, json, kind, sent) => {
    server().behave({ status, json })
    for (const tested of [otp, flow]) {
      const error = await failureOf(tested.create({ baseUrl: server().url }))
      expect(error).toMatchObject({ kind, sent })
    }
  })

  it('a code of its own that nobody documents is a refusal all the same', async () => {
    server().behave({ json: { type: 'error', message: 'Something', code: '999' } })
    const error = await failureOf(otp.create({ baseUrl: server().url }))
    expect(error).toMatchObject({ kind: 'unknown', sent: 'no', providerCode: '999' })
  })

  it('an identical request that MSG91 discarded was already taken', async () => {
    server().behave({ json: { type: 'error', message: 'duplicate', code: '311' } })
    expect(await otp.create({ baseUrl: server().url }).deliver(testMessage())).toEqual({
      provider: 'msg91',
    })
  })
})

describe('the request of msg91Otp', () => {
  const success = { json: { type: 'success', request_id: '3763646c3058373530393938' } }

  it('is the documented one, with the key in a header', async () => {
    server().behave(success)
    const receipt = await otp.create({ baseUrl: server().url }).deliver(testMessage())
    expect(receipt).toEqual({ provider: 'msg91', messageId: '3763646c3058373530393938' })
    expect(server().lastRequest()).toMatchObject({
      method: 'POST',
      path: `/api/v5/otp?template_id=${templateId}&mobile=919876543210&otp=047382&otp_expiry=4&realTimeResponse=1`,
      body: '{}',
    })
    expect(server().lastRequest().headers).toMatchObject({
      authkey: authKey,
      'content-type': 'application/json',
    })
  })

  it('takes success that is served as text/html', async () => {
    server().behave({ text: JSON.stringify(success.json) })
    const receipt = await otp.create({ baseUrl: server().url }).deliver(testMessage())
    expect(receipt.messageId).toBe('3763646c3058373530393938')
  })

  it('puts the key in the query when told to, and fills variables by locale', async () => {
    server().behave(success)
    const delivery = msg91Otp({
      authKey,
      templateId,
      templateIdByLocale: { hi: '5f0c0d0e0f000000000000aa' },
      variables: ({ appName }) => ({ Param1: appName }),
      authKeyInQuery: true,
      baseUrl: server().url,
    })
    await delivery.deliver(testMessage({ locale: 'hi-IN' }))
    const { path, headers, body } = server().lastRequest()
    const query = new URL(path, server().url).searchParams
    expect(query.get('authkey')).toBe(authKey)
    expect(query.get('template_id')).toBe('5f0c0d0e0f000000000000aa')
    expect(headers).not.toHaveProperty('authkey')
    expect(body).toBe('{"Param1":"Acme & Co"}')
  })

  it.each([
    [1, '1'],
    [60_000, '1'],
    [179_999, '2'],
    [100_000_000, '1440'],
  ])('a code good for %s ms expires in %s minutes', async (expiresInMs, expected) => {
    server().behave(success)
    await otp.create({ baseUrl: server().url }).deliver(testMessage({ expiresInMs }))
    const query = new URL(server().lastRequest().path, server().url).searchParams
    expect(query.get('otp_expiry')).toBe(expected)
  })
})

describe('the request of msg91Flow', () => {
  it('is the documented one', async () => {
    server().behave({ json: { type: 'success', message: '3763646c3058373530393938' } })
    const receipt = await flow.create({ baseUrl: server().url }).deliver(testMessage())
    expect(receipt).toEqual({ provider: 'msg91', messageId: '3763646c3058373530393938' })
    const { method, path, headers, body } = server().lastRequest()
    expect([method, path, headers.authkey]).toEqual(['POST', '/api/v5/flow', authKey])
    expect(JSON.parse(body)).toEqual({
      template_id: templateId,
      short_url: '0',
      realTimeResponse: '1',
      recipients: [{ mobiles: '919876543210', OTP: '047382' }],
    })
  })

  it('no variable changes who gets it', async () => {
    server().behave({ json: { type: 'success', message: '1' } })
    const delivery = msg91Flow({
      authKey,
      templateId,
      variables: ({ code, expiresInMs }) => ({
        code,
        minutes: String(expiresInMs),
        mobiles: '911111111111',
      }),
      baseUrl: server().url,
    })
    await delivery.deliver(testMessage())
    expect(JSON.parse(server().lastRequest().body).recipients).toEqual([
      { code: '047382', minutes: '299999', mobiles: '919876543210' },
    ])
  })
})

describe('options', () => {
  it.each([
    ['authKey', { authKey: '', templateId }],
    ['authKey', { authKey: 'hunter2 ', templateId }],
    ['templateId', { authKey, templateId: '' }],
    ['templateId', { authKey, templateId: 'hunter2\n' }],
    ['templateIdByLocale.hi', { authKey, templateId, templateIdByLocale: { hi: '' } }],
  ])('a wrong %s is a TypeError without the value', (option, options) => {
    for (const factory of [msg91Otp, msg91Flow]) {
      const create = () => factory(options)
      expect(create).toThrow(TypeError)
      expect(create).toThrow(`otpkit: ${factory.name}: option \`${option}\` must`)
      expect(create).not.toThrow('hunter2')
    }
  })
})

describe('statuses', () => {
  describeStatuses(
    server,
    otp,
    () => ({ json: { type: 'error', message: 'Something new', code: '999' } }),
    outcomeByBody,
  )
})
