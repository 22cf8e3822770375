import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { eventually } from '../../../test/servers/process'
import { echoSite } from '../testing/echo-site'
import { frameworks, startSite } from '../testing/start-site'
import { read } from './route'

const notJson = { detail: 'The request body must be JSON in UTF-8' }
const malformed = {
  detail: 'Invalid request',
  errors: [{ field: 'body', message: 'Must be well-formed JSON' }],
}

describe.each(frameworks)('a JSON body on %s', (_name, framework) => {
  async function start() {
    const { site, calls, logged } = echoSite()
    const client = await startSite(framework, site)
    const send = (body: string | Uint8Array, headers?: Readonly<Record<string, string>>) =>
      client.post('/things', body, headers)
    return { ...client, send, calls, logged }
  }

  it.each([
    ['an object', '{"name":"چراغ","size":1}', { name: 'چراغ', size: 1 }],
    ['null', 'null', null],
    ['an array', '[1,{"a":[]}]', [1, { a: [] }]],
    ['text', '"text"', 'text'],
    ['a number', '-1.5e3', -1500],
    ['a truth', 'true', true],
    ['white space around it', ' \r\n{} ', {}],
  ])('is handed on as it is: %s', async (_what, body, parsed) => {
    const { send, calls } = await start()
    expect((await send(body)).status).toBe(200)
    expect(calls).toMatchObject([{ body: parsed }])
  })

  it('is no value when it is empty, whatever its type', async () => {
    const { send, post, calls } = await start()
    expect((await send('')).status).toBe(200)
    expect((await send('', { 'Content-Type': 'text/plain' })).status).toBe(200)
    expect((await post('/things')).status).toBe(200)
    expect(calls.map(({ body }) => body)).toEqual([undefined, undefined, undefined])
  })

  it.each([
    ['cut off', '{"code":"493'],
    ['followed by more', '{} {}'],
    ['single-quoted', "{'code':1}"],
    ['a form', 'code=493'],
    ['only white space', '  '],
    ['not a number of JSON', 'NaN'],
    ['deep and never closed', '['.repeat(10_000)],
    ['bytes that are no UTF-8', Uint8Array.from([0x22, 0xff, 0xfe, 0x22])],
  ])('is refused without a word of it when it is %s', async (_what, body) => {
    const { send, calls, logged } = await start()
    const answer = await send(body)
    expect([answer.status, answer.body]).toEqual([400, malformed])
    expect(calls).toEqual([])
    expect(JSON.stringify(logged)).not.toContain('493')
  })

  it.each([
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'APPLICATION/JSON',
  ])('may be called %s', async (type) => {
    const { send } = await start()
    expect((await send('{}', { 'Content-Type': type })).status).toBe(200)
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'application/jsonp',
    'text/json',
    'application/json; charset=utf-16',
    'application/json; charset=iso-8859-1',
    'application/json, text/plain',
    'nonsense',
  ])('must not be called %s', async (type) => {
    const { send, calls } = await start()
    const answer = await send('{}', { 'Content-Type': type })
    expect([answer.status, answer.body]).toEqual([415, notJson])
    expect(calls).toEqual([])
  })

  it.each([
    ['gzip', gzipSync('{}')],
    ['gzip', '{}'],
    ['br', '{}'],
    ['x-unknown', '{}'],
  ])('must not be compressed: %s', async (encoding, body) => {
    const { send, calls } = await start()
    const answer = await send(body, { 'Content-Encoding': encoding })
    expect([answer.status, answer.body]).toEqual([415, notJson])
    expect(calls).toEqual([])
  })

  const sized = (bytes: number) => JSON.stringify('a'.repeat(bytes - 2))
  const tooLarge = { detail: 'The request body is over 16 kB' }

  it('has at most 16 kB', async () => {
    const { send, calls } = await start()
    expect((await send(sized(16 * 1024))).status).toBe(200)
    const answer = await send(sized(16 * 1024 + 1))
    expect([answer.status, answer.body]).toEqual([413, tooLarge])
    expect(calls).toHaveLength(1)
  })

  it('has at most 16 kB also when it does not say how many', async () => {
    const { url, calls } = await start()
    const status = await new Promise((resolve, reject) => {
      const headers = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' }
      const sent = request(`${url}/things`, { method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.on('error', reject)
      for (const chunk of sized(16 * 1024 + 1).match(/.{1,1000}/g) ?? []) sent.write(chunk)
      sent.end()
    })
    expect(status).toBe(413)
    expect(calls).toEqual([])
  })

  it('that its sender gives up on is never handled, and nobody else suffers', async () => {
    const { url, get, calls, logged } = await start()
    const { port } = new URL(url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => {})
    const head = 'POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
    await new Promise((sent) => socket.write(`${head}Content-Length: 100\r\n\r\n{"a":1`, sent))
    socket.destroy()
    expect((await get('/things')).status).toBe(200)
    await eventually(async () => expect(calls).toHaveLength(1))
    expect(logged).not.toContainEqual(expect.objectContaining({ level: 'error' }))
  })

  it('changes nothing by the names of prototypes', async () => {
    const { send, get, calls } = await start()
    const hostile =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"name":"a"}'
    expect((await send(hostile)).status).toBe(200)
    expect((await get('/things?__proto__=1&__proto__[polluted]=1&constructor=1')).status).toBe(200)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    const schema = z.object({ name: z.string().optional() })
    const [body, query] = await Promise.all(
      calls.map((call, index) => read(schema, index === 0 ? call.body : call.query)),
    )
    expect(body).toEqual({ ok: true, value: { name: 'a' } })
    expect(query).toEqual({ ok: true, value: {} })
    for (const result of [body, query]) {
      const value: unknown = result?.ok === true ? result.value : undefined
      expect(Reflect.get(Object(value), 'polluted')).toBeUndefined()
      expect(Object.keys(Object(value))).not.toContain('__proto__')
    }
  })
})

describe.each(frameworks)('an upload on %s', (_name, framework) => {
  async function start() {
    const { site, calls } = echoSite()
    const { request } = await startSite(framework, site)
    const upload = (bytes: Uint8Array, headers: Readonly<Record<string, string>>) =>
      request('POST', '/files', bytes, headers)
    return { upload, calls }
  }

  it('is handed on byte by byte', async () => {
    const { upload, calls } = await start()
    const bytes = Uint8Array.from({ length: 256 }, (_byte, index) => index)
    expect((await upload(bytes, { 'Content-Type': 'Image/PNG' })).status).toBe(200)
    expect(calls).toMatchObject([{ body: Buffer.from(bytes) }])
  })

  it.each([
    { 'Content-Type': 'application/json' },
    { 'Content-Type': 'image/jpeg' },
    { 'Content-Type': '' },
    { 'Content-Type': 'image/png', 'Content-Encoding': 'gzip' },
  ])('is of a type that the route takes: %o', async (headers) => {
    const { upload, calls } = await start()
    const answer = await upload(Buffer.from('{}'), headers)
    const detail = 'The request body must be one of image/png'
    expect([answer.status, answer.body]).toEqual([415, { detail }])
    expect(calls).toEqual([])
  })

  it('is no larger than its route takes', async () => {
    const { upload, calls } = await start()
    const most = 64 * 1024
    expect((await upload(new Uint8Array(most), { 'Content-Type': 'image/png' })).status).toBe(200)
    const answer = await upload(new Uint8Array(most + 1), { 'Content-Type': 'image/png' })
    expect([answer.status, answer.body]).toEqual([
      413,
      { detail: 'The request body is over 64 kB' },
    ])
    expect(calls).toHaveLength(1)
  })
})
