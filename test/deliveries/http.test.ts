import { readFile } from 'node:fs/promises'
import { runInNewContext } from 'node:vm'
import { isDeliveryError } from 'otpkit'
import { describe, expect, it } from 'vitest'
import { checkText, checkUrl } from '../../src/internal/providers/check'
import { classify, classifyAnswer, classifyStatement } from '../../src/internal/providers/classify'
import { createHttpClient, type HttpOptions } from '../../src/internal/providers/http'
import { expectNoSecrets, useProviderServer } from './delivery-suite'

const server = useProviderServer()

function client(options: HttpOptions = {}) {
  return createHttpClient('exampleSms', 'example', server().url, options)
}

function circular(): Error {
  const error = new Error('round')
  error.cause = error
  return error
}

async function failureOf(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => 'resolved',
    (reason: unknown) => reason,
  )
  if (!isDeliveryError(error)) throw new Error('no DeliveryError')
  return error
}

describe('requests', () => {
  it('posts a form, leaving out what is undefined', async () => {
    server().behave({ json: {} })
    await client().post({
      path: '/a?b=c',
      headers: { authorization: 'Basic eA==' },
      form: { To: '+49 & ü', Left: undefined, Empty: '' },
    })
    expect(server().lastRequest()).toMatchObject({
      method: 'POST',
      path: '/a?b=c',
      body: 'To=%2B49+%26+%C3%BC&Empty=',
    })
    expect(server().lastRequest().headers).toMatchObject({
      authorization: 'Basic eA==',
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
    })
  })

  it('posts JSON', async () => {
    server().behave({ json: {} })
    await client().post({ path: '/', json: { code: 'é' } })
    expect(server().lastRequest().body).toBe('{"code":"é"}')
    expect(server().lastRequest().headers['content-type']).toBe('application/json')
  })

  it('posts a body with its own content type as it is, and no body', async () => {
    server().behave({ json: {} })
    await client().post({ path: '/', body: '{ }', headers: { 'content-type': 'a/b' } })
    expect(server().lastRequest().body).toBe('{ }')
    expect(server().lastRequest().headers['content-type']).toBe('a/b')
    await client().post({ path: '/' })
    expect(server().lastRequest().body).toBe('')
  })

  it('keeps the path of the base URL', async () => {
    server().behave({ json: {} })
    const http = createHttpClient('exampleSms', 'example', 'https://example.com', {
      baseUrl: `${server().url}/proxy/`,
    })
    await http.post({ path: '/v1/send' })
    expect(server().lastRequest().path).toBe('/proxy/v1/send')
  })

  it('names the library and its version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    server().behave({ json: {} })
    await client().post({ path: '/', json: {} })
    expect(server().lastRequest().headers['user-agent']).toBe(`otpkit/${version}`)
  })

  it('calls the injected fetch', async () => {
    const urls: string[] = []
    const fetch: typeof globalThis.fetch = async (input, init) => {
      urls.push(`${String(input)} ${init?.redirect}`)
      return new Response(null, { status: 204 })
    }
    const answer = await client({ fetch }).post({ path: '/x' })
    expect(answer).toMatchObject({ status: 204, body: '' })
    expect(urls).toEqual([`${server().url}/x manual`])
  })
})

describe('answers', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    ['<html>', '<html>'],
    ['', ''],
    ['{"a"', '{"a"'],
  ])('reads %j whatever its content type', async (text, body) => {
    server().behave({ text, status: 404 })
    expect(await client().post({ path: '/' })).toMatchObject({ status: 404, body })
  })

  it('reads a body past the limit as empty', async () => {
    server().behave({ text: `"${'x'.repeat(300_000)}"` })
    expect((await client().post({ path: '/' })).body).toBe('')
  })

  it.each([
    [{ 'retry-after': '30' }, 30_000],
    [
      {
        'retry-after': 'Thu, 15 Jan 2026 12:01:00 GMT',
        date: 'Thu, 15 Jan 2026 12:00:00 GMT',
      },
      60_000,
    ],
    [
      {
        'retry-after': 'Thu, 15 Jan 2026 11:00:00 GMT',
        date: 'Thu, 15 Jan 2026 12:00:00 GMT',
      },
      0,
    ],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{}, undefined],
  ])('reads %j as %s ms to wait', async (headers, retryAfterMs) => {
    server().behave({ status: 429, headers })
    const http = client()
    const answer = await http.post({ path: '/' })
    expect(answer.retryAfterMs).toBe(retryAfterMs)
    expect(http.failure(answer, ['rate_limited', 'no']).retryAfterMs).toBe(retryAfterMs)
  })

  it('keeps plain codes of the provider and drops what could be a quoted code', async () => {
    server().behave({ status: 400 })
    const http = client()
    const answer = await http.post({ path: '/' })
    const codeOf = (code: unknown) => http.failure(answer, ['unknown', 'no'], code).providerCode
    expect([21211, 131026, 'CODE_INVALID', '001', 0].map(codeOf)).toEqual([
      '21211',
      '131026',
      'CODE_INVALID',
      '001',
      '0',
    ])
    expect(['047382', 'CODE_047382', 73019486, 'a b', '', null, {}].map(codeOf)).toEqual(
      Array(7).fill(undefined),
    )
  })
})

describe('S76 redirects', () => {
  it.each([
    [301, 'no'],
    [302, 'no'],
    [303, 'unknown'],
    [304, 'no'],
    [307, 'no'],
    [308, 'no'],
  ])('%s is not followed: sent %s', async (status, sent) => {
    server().behave({ status, headers: { location: `${server().url}/stolen` } })
    const before = server().requests.length
    const error = await failureOf(client().post({ path: '/first', body: 'x' }))
    expect(error).toMatchObject({ kind: 'misconfigured', sent, provider: 'example' })
    expect(server().requests.length).toBe(before + 1)
  })

  it('an opaque redirect, as browsers answer, is refused too', async () => {
    const opaque = Object.defineProperty(new Response(null), 'status', { value: 0 })
    const error = await failureOf(client({ fetch: async () => opaque }).post({ path: '/' }))
    expect(error).toMatchObject({ kind: 'misconfigured', sent: 'no' })
  })
})

describe('connections', () => {
  it('a name that does not resolve sent nothing', async () => {
    const http = createHttpClient('exampleSms', 'example', 'https://no-such-host.invalid', {})
    const error = await failureOf(http.post({ path: '/' }))
    expect(error).toMatchObject({ kind: 'unavailable', sent: 'no' })
    expectNoSecrets(error, ['no-such-host'])
  })

  it('S76 a failing TLS handshake sent nothing', async () => {
    const before = server().requests.length
    const http = client({ baseUrl: server().url.replace('http:', 'https:') })
    expect(await failureOf(http.post({ path: '/' }))).toMatchObject({
      kind: 'unavailable',
      sent: 'no',
    })
    expect(server().requests.length).toBe(before)
  })

  const cause = (code: string, more: object = {}) =>
    new TypeError('fetch failed', {
      cause: Object.assign(new Error('+919876543210'), more, { code }),
    })

  it.each([
    ['ECONNREFUSED', cause('ECONNREFUSED')],
    ['EAI_AGAIN', cause('EAI_AGAIN')],
    ['a connect timeout', cause('UND_ERR_CONNECT_TIMEOUT')],
    ['an unreachable network', cause('ENETUNREACH', { syscall: 'connect' })],
    ['an expired certificate', cause('CERT_HAS_EXPIRED')],
    ['a certificate for another name', cause('ERR_TLS_CERT_ALTNAME_INVALID')],
    ['a certificate of one’s own', cause('DEPTH_ZERO_SELF_SIGNED_CERT')],
    ['an unknown authority', cause('UNABLE_TO_VERIFY_LEAF_SIGNATURE')],
    [
      'no address that connects',
      cause('ETIMEDOUT', {
        errors: [
          { code: 'ETIMEDOUT', syscall: 'connect' },
          { code: 'ECONNREFUSED', syscall: 'connect' },
        ],
      }),
    ],
    ['a refused connection in Bun', Object.assign(new Error(), { code: 'ConnectionRefused' })],
    ['a TLS handshake that fails in Bun', Object.assign(new Error(), { code: 'EPROTO' })],
    [
      'a refused connection in Deno',
      new TypeError(
        'error sending request for url (https://api.example/): client error (Connect): tcp connect error: Connection refused (os error 111)',
      ),
    ],
    [
      'an error of another realm, as in Jest',
      runInNewContext(
        "Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) })",
      ),
    ],
    [
      'a list of another realm',
      runInNewContext(
        "Object.assign(new TypeError('fetch failed'), { cause: new AggregateError([Object.assign(new Error('x'), { syscall: 'connect' })]) })",
      ),
    ],
    ['a cause of a cause', new Error('wrapped', { cause: cause('ENOTFOUND') })],
    ['a look-up that fails', cause('ENODATA', { syscall: 'queryA' })],
    [
      'a socket that closes within the handshake',
      new TypeError('fetch failed', {
        cause: new Error(
          'Client network socket disconnected before secure TLS connection was established',
        ),
      }),
    ],
  ])('%s sent nothing', async (_, thrown) => {
    const error = await failureOf(
      client({ fetch: () => Promise.reject(thrown) }).post({ path: '/' }),
    )
    expect(error).toMatchObject({ kind: 'unavailable', sent: 'no' })
    expectNoSecrets(error, ['+919876543210'])
  })

  it.each([
    ['ECONNRESET', cause('ECONNRESET', { syscall: 'read' })],
    ['EPIPE', cause('EPIPE', { syscall: 'write' })],
    ['a read that timed out', cause('ETIMEDOUT', { syscall: 'read' })],
    ['a closed socket', cause('UND_ERR_SOCKET')],
    ['no headers in time', cause('UND_ERR_HEADERS_TIMEOUT')],
    ['a TypeError without a cause', new TypeError('fetch failed')],
    ['something that is no error', 'nonsense'],
    ['what workerd says of everything', new Error('Network connection lost.')],
    ['an error that is its own cause', circular()],
    [
      'an address that connected before it failed',
      cause('ETIMEDOUT', {
        errors: [
          { code: 'ETIMEDOUT', syscall: 'connect' },
          { code: 'ETIMEDOUT', syscall: 'read' },
        ],
      }),
    ],
    [
      'Deno after it connected',
      new TypeError('error sending request for url (https://api.example/): connection closed'),
    ],
  ])('S74 %s leaves the outcome unknown', async (_, thrown) => {
    const error = await failureOf(
      client({ fetch: () => Promise.reject(thrown) }).post({ path: '/' }),
    )
    expect(error).toMatchObject({ kind: 'unknown', sent: 'unknown' })
  })
})

describe('options and tables', () => {
  it.each([
    ['baseUrl', { baseUrl: 'http://provider.example' }],
    ['baseUrl', { baseUrl: 'provider.example' }],
    ['baseUrl', { baseUrl: 'https://name:hunter2@provider.example' }],
    ['baseUrl', { baseUrl: 'https://provider.example/?key=hunter2' }],
    ['baseUrl', { baseUrl: 'https://provider.example/ hunter2' }],
    ['baseUrl', { baseUrl: '' }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: 1.5 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
  ])('a wrong %s is a TypeError without the value: %j', (option, options) => {
    const create = () => createHttpClient('exampleSms', 'example', 'https://example.com', options)
    expect(create).toThrow(TypeError)
    expect(create).toThrow(`otpkit: exampleSms: option \`${option}\` must`)
    expect(create).not.toThrow('hunter2')
  })

  it('takes words and addresses only', () => {
    expect(checkText('exampleSms', 'key', 'abc:DEF/+=')).toBe('abc:DEF/+=')
    for (const value of ['', ' ', 'a b', 'abc\n', 'ключ', undefined, 5]) {
      expect(() => checkText('exampleSms', 'key', value)).toThrow(
        'otpkit: exampleSms: option `key` must be a non-empty string without spaces',
      )
    }
    expect(checkUrl('exampleSms', 'url', 'https://example.com/a?b')).toBe('https://example.com/a?b')
    expect(checkUrl('exampleSms', 'url', 'http://localhost:1')).toBe('http://localhost:1')
    for (const value of [
      'http://localhost.example',
      'ftp://localhost',
      'https://a/#b',
      undefined,
    ]) {
      expect(() => checkUrl('exampleSms', 'url', value)).toThrow(
        /^otpkit: exampleSms: option `url` must /,
      )
    }
  })

  it('finds only codes that the table itself has', () => {
    const table = { 1: ['opted_out', 'no'] } as const
    expect(classify(table, 1)).toEqual(['opted_out', 'no'])
    expect(classify(table, '1')).toEqual(['opted_out', 'no'])
    for (const code of ['constructor', '__proto__', 'toString', 2, null, undefined, {}, true]) {
      expect(classify(table, code)).toBeUndefined()
    }
  })

  it('believes a refusal in the provider’s own words, and nobody else’s', () => {
    const listed = ['opted_out', 'no'] as const
    for (const status of [200, 400, 409, 500]) expect(classifyAnswer(status, listed)).toBe(listed)
    for (const [status, kind] of [
      [400, 'unknown'],
      [401, 'misconfigured'],
      [403, 'misconfigured'],
      [404, 'misconfigured'],
      [422, 'unknown'],
      [429, 'rate_limited'],
    ] as const) {
      expect(classifyAnswer(status, 'unlisted')).toEqual([kind, 'no'])
      expect(classifyAnswer(status, undefined)).toEqual([kind, 'unknown'])
      expect(classifyStatement(status, 'unlisted')).toEqual(['unknown', 'no'])
      expect(classifyStatement(status, undefined)).toEqual(['unknown', 'unknown'])
    }
    for (const status of [408, 409, 425, 500, 501, 503, 599]) {
      expect(classifyAnswer(status, 'unlisted')).toEqual(['unknown', 'unknown'])
      expect(classifyStatement(status, 'unlisted')).toEqual(['unknown', 'unknown'])
    }
  })
})
