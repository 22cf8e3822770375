import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { describe, expect, it } from 'vitest'
import { echoSite } from '../testing/echo-site'
import { frameworks, startSite } from '../testing/start-site'
import { baseHeaders, healthRoute } from './site'

const notFound = { detail: 'Not found' }

describe.each(frameworks)('a request on %s', (_name, framework) => {
  async function start(options?: { readonly trustedProxies: number }) {
    const echo = echoSite(options)
    const client = await startSite(framework, {
      ...echo.site,
      routes: [
        healthRoute,
        ...echo.routes,
        echo.route('GET', '/fault', async () => {
          throw new Error('planted')
        }),
        echo.route('GET', '/page', async () => ({
          status: 200,
          headers: { 'Content-Type': 'text/html', 'Content-Security-Policy': "default-src 'self'" },
          content: '<p>Page</p>',
        })),
        echo.route('DELETE', '/things', async () => ({ status: 204 })),
      ],
    })
    return { ...client, calls: echo.calls }
  }

  it('is answered while the process is well', async () => {
    const { get } = await start()
    expect((await get('/healthz')).body).toEqual({ healthy: true })
  })

  it('brings its path, its query and its headers', async () => {
    const { get, calls } = await start()
    await get('/things/a%2Fb%20%D8%B3?search=x+y&search=z&limit=1', { 'X-Example': 'example' })
    const [call] = calls
    expect(call?.parameters).toEqual({ id: 'a/b س' })
    expect({ ...Object(call?.query) }).toEqual({ search: ['x y', 'z'], limit: '1' })
    expect(call?.header('x-example')).toBe('example')
    expect(call?.header('x-other')).toBeUndefined()
    expect(call?.requestId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('has an id that no header of it decides', async () => {
    const { get, calls } = await start()
    await get('/things', { 'Request-Id': 'mine', 'X-Request-Id': 'mine' })
    await get('/things', { 'Request-Id': 'mine', 'X-Request-Id': 'mine' })
    const ids = calls.map(({ requestId }) => requestId)
    expect(new Set(ids).size).toBe(2)
    expect(ids).not.toContain('mine')
  })

  it.each([
    ['GET', '/nowhere'],
    ['GET', '/things/a/b'],
    ['GET', '/THINGS'],
    ['GET', '//things'],
    ['PUT', '/things'],
    ['OPTIONS', '/things'],
    ['DELETE', '/things/a'],
  ])('is not found: %s %s', async (method, path) => {
    const { request, calls } = await start()
    const answer = await request(method, path)
    expect([answer.status, answer.body]).toEqual([404, notFound])
    expect(calls).toEqual([])
  })

  it('is not found either with a body that no route would read', async () => {
    const { post } = await start()
    const answer = await post('/nowhere', 'a', { 'Content-Encoding': 'gzip' })
    expect([answer.status, answer.body]).toEqual([404, notFound])
  })

  it.each(['/things/%E0%A4%A', '/things/%', '/nowhere/%ff'])(
    'is refused when its path cannot be decoded: %s',
    async (path) => {
      const { get, calls } = await start()
      const answer = await get(path)
      expect([400, 404]).toContain(answer.status)
      expect(answer.body).toEqual({
        detail: answer.status === 400 ? 'Invalid request' : 'Not found',
      })
      expect(calls).toEqual([])
    },
  )

  it('may have a slash at its end', async () => {
    const { get, calls } = await start()
    expect((await get('/things/')).status).toBe(200)
    expect((await get('/things/a/')).status).toBe(200)
    expect(calls[1]?.parameters).toEqual({ id: 'a' })
  })

  it('with HEAD is answered as with GET, without a body', async () => {
    const { url } = await start()
    const { status, headers } = await fetch(`${url}/things`, { method: 'HEAD' })
    expect(status).toBe(200)
    expect(headers.get('Content-Type')).toBe('application/json; charset=utf-8')
    expect((await fetch(`${url}/nowhere`, { method: 'HEAD' })).status).toBe(404)
  })

  it('gets the base headers with every answer', async () => {
    const { url, request, get, post } = await start()
    const json = { 'Content-Type': 'application/json' }
    const answers = [
      await get('/things'),
      await fetch(`${url}/things`, { method: 'HEAD' }),
      await request('DELETE', '/things'),
      await get('/nowhere'),
      await request('OPTIONS', '/things'),
      await get('/things/%E0%A4%A'),
      await post('/things', '{'),
      await post('/things', '{}', { 'Content-Type': 'text/plain' }),
      await post('/things', '{}', { ...json, 'Content-Encoding': 'gzip' }),
      await post('/things', ' '.repeat(17 * 1024)),
      await get('/fault'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([
      ...[200, 200, 204, 404, 404, 400, 400, 415, 415, 413, 500],
    ])
    for (const { status, headers } of answers) {
      const sent = Object.keys(baseHeaders).map((name) => [name, headers.get(name)])
      expect([status, Object.fromEntries(sent)]).toEqual([status, baseHeaders])
      expect(headers.has('X-Powered-By')).toBe(false)
      expect(headers.has('ETag')).toBe(false)
    }
  })

  it('gets the headers of a page in place of the base headers', async () => {
    const { get } = await start()
    const { text, headers } = await get('/page')
    expect(text).toBe('<p>Page</p>')
    expect(headers.get('Content-Security-Policy')).toBe("default-src 'self'")
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
  })

  it.each([
    [0, '127.0.0.1'],
    [1, '203.0.113.3'],
    [2, '203.0.113.2'],
    [3, '203.0.113.1'],
    [4, '203.0.113.1'],
  ])(
    'comes from where %i trusted proxies say, counted from the right',
    async (trustedProxies, ip) => {
      const { get, calls } = await start({ trustedProxies })
      const forged = '203.0.113.1, 203.0.113.2,203.0.113.3'
      await get('/things', { 'X-Forwarded-For': forged, Forwarded: 'for=203.0.113.9' })
      await get('/things')
      expect(calls.map((call) => call.ip)).toEqual([ip, '127.0.0.1'])
    },
  )

  it('may come with the header of each proxy on a line of its own', async () => {
    const { url, calls } = await start({ trustedProxies: 2 })
    const headers = { 'X-Forwarded-For': ['203.0.113.1', '203.0.113.2', '203.0.113.3'] }
    const [response] = await once(httpRequest(`${url}/things`, { headers }).end(), 'response')
    response.resume()
    expect(calls.map(({ ip }) => ip)).toEqual(['203.0.113.2'])
  })
})
