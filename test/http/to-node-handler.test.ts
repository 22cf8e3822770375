import { once } from 'node:events'
import { createServer, request as nodeRequest, type RequestListener } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { connect } from 'node:net'
import express from 'express'
import fastify from 'fastify'
import { toNodeHandler } from 'otpkit/http'
import { createReceipts } from 'otpkit/receipts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createHandlerFixture } from './ask'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const close of closing.splice(0)) await close()
})

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const echo = async (request: Request) => {
  const { method, url, headers } = request
  const body = await request.text()
  const answer = Response.json({ method, url, sent: headers.get('x-sent'), body }, { status: 201 })
  answer.headers.append('set-cookie', 'a=1')
  answer.headers.append('set-cookie', 'b=2')
  return answer
}

const frameworks = {
  'node:http': () => serve(toNodeHandler(echo)),
  'Express, below a mount': () => {
    const app = express()
    app.use('/hooks', toNodeHandler(echo))
    app.use(express.json())
    return serve(app)
  },
  Fastify: async () => {
    const app = fastify()
    const handler = toNodeHandler(echo)
    app.register(async (hooks) => {
      hooks.removeAllContentTypeParsers()
      hooks.addContentTypeParser('*', (_request, _payload, done) => done(null))
      hooks.all('/hooks/*', (request, reply) => {
        reply.hijack()
        return handler(request.raw, reply.raw)
      })
    })
    closing.push(() => app.close())
    return Number(new URL(await app.listen({ port: 0 })).port)
  },
}

describe.each(Object.entries(frameworks))('a handler on %s', (_, open) => {
  it('gets the whole request, and its answer arrives whole', async () => {
    const port = await open()
    const url = `http://localhost:${port}/hooks/twilio?a=%27b'&c=1`
    const body = '\ufeff{"é":1}\r\n'
    const headers = { 'x-sent': 'yes', 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', body, headers })
    expect(answer.status).toBe(201)
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await answer.json()).toEqual({
      method: 'POST',
      url: new URL(url).href,
      sent: 'yes',
      // `text()` drops the mark.
      body: body.slice(1),
    })
    expect(await (await fetch(url)).json()).toMatchObject({ method: 'GET', body: '' })
  })
})

/** A request as `fetch` would never send it. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(text)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

describe('requests that web standards do not know', () => {
  it.each([
    ['OPTIONS * HTTP/1.1', 400],
    ['GET http://evil.example/x HTTP/1.1', 400],
    ['TRACE / HTTP/1.1', 400],
    ['GET //evil.example/x HTTP/1.1', 201],
    ['GET /%zz?%zz HTTP/1.1', 201],
  ])('%s is answered with %i', async (line, status) => {
    const port = await serve(toNodeHandler(echo))
    const answer = await raw(port, `${line}\r\nHost: otp.example.com\r\nConnection: close\r\n\r\n`)
    expect(answer).toContain(`HTTP/1.1 ${status}`)
    if (status === 201) expect(answer).toContain('"http://otp.example.com/')
  })

  it('a host that is none is not believed', async () => {
    const port = await serve(toNodeHandler(echo))
    const answer = await raw(port, 'GET /x HTTP/1.1\r\nHost: a/b@c\r\nConnection: close\r\n\r\n')
    expect(answer).toContain('"http://localhost/x"')
  })
})

describe('what fails', () => {
  it('goes to the next handler, of Express', async () => {
    const app = express()
    app.use(express.json())
    app.use(toNodeHandler(echo))
    const caught: unknown[] = []
    app.use((error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
      caught.push(error)
      response.sendStatus(503)
    })
    const port = await serve(app)
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', body: '{}', headers }
    expect((await fetch(`http://localhost:${port}/`, init)).status).toBe(503)
    const text = 'otpkit: toNodeHandler: the body was read before: mount it earlier'
    expect(caught).toEqual([new TypeError(text)])
  })

  it.each([
    ['nothing', undefined],
    ['an answer of its own', { statusCode: 204 }],
    ['what nobody can send', Response.error()],
  ])('goes there where the handler returns %s', async (_, returned) => {
    const handler = Reflect.apply(toNodeHandler, undefined, [async () => returned])
    const caught: unknown[] = []
    await Reflect.apply(handler, undefined, [
      { method: 'GET', url: '/', headers: {} },
      {},
      (error: unknown) => caught.push(error),
    ])
    const text = 'otpkit: toNodeHandler: option `handler` must return a new Response'
    expect(caught).toEqual([new TypeError(text)])
  })

  it('goes there as an error, and not as none, where nothing was thrown', async () => {
    const app = express()
    app.use(toNodeHandler(() => Promise.reject()))
    app.use((_error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
      response.sendStatus(503)
    })
    expect((await fetch(`http://localhost:${await serve(app)}/`)).status).toBe(503)
  })

  it('is a TypeError at once where there is no handler', () => {
    for (const handler of [undefined, null, {}, 'handler']) {
      const make = () => Reflect.apply(toNodeHandler, undefined, [handler])
      expect(make).toThrow('otpkit: toNodeHandler: option `handler` must be a function')
    }
  })

  it('is on the console and a 500, of node:http', async () => {
    const lines = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const error = new Error('broken')
    const port = await serve(toNodeHandler(() => Promise.reject(error)))
    const answer = await fetch(`http://localhost:${port}/`)
    expect([answer.status, await answer.text()]).toEqual([500, ''])
    expect(lines.mock.calls).toEqual([[error]])
  })
})

it('an answer to more than is read gets through', async () => {
  const always = { parse: async () => [] }
  const origin = 'https://otp.example.com'
  const told = { receipt: () => undefined }
  const receipts = createReceipts(told, { origin, readers: { always } })
  const port = await serve(toNodeHandler(receipts))
  const request = nodeRequest({ port, path: '/always', method: 'POST' })
  // In chunks, so that nothing says how much is to come.
  for (let count = 0; count < 96; count += 1) request.write('x'.repeat(65_536))
  request.end()
  const [answer] = await once(request, 'response')
  expect(answer.statusCode).toBe(413)
  answer.resume()
})

it.each([
  ['Content-Length: 3000000', 'x'.repeat(3_000_000)],
  [
    'Transfer-Encoding: chunked',
    `${'8000\r\n'}${'x'.repeat(32_768)}\r\n`.repeat(90).concat('0\r\n\r\n'),
  ],
])(
  'the next request of a connection is answered after a body that nobody read: %s',
  async (length, body) => {
    const deaf = async () => new Response(null, { status: 415 })
    const port = await serve(toNodeHandler(deaf))
    const post = `POST /x HTTP/1.1\r\nHost: a.example\r\n${length}\r\n\r\n${body}`
    const next = 'GET /x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n'
    const answers = await raw(port, post + next)
    expect(answers.match(/HTTP\/1\.1 415/g)).toHaveLength(2)
  },
)

it('a page of our own is known by its origin over HTTP/2 too', async () => {
  const { handler } = createHandlerFixture()
  const server = createHttp2Server(toNodeHandler((request) => handler(request))).listen(0)
  await once(server, 'listening')
  const address = server.address()
  const origin = `http://localhost:${typeof address === 'object' ? address?.port : ''}`
  const session = connectHttp2(origin)
  closing.push(async () => {
    session.destroy()
    server.close()
  })
  const statusFrom = async (from: string) => {
    const type = { 'content-type': 'application/json' }
    const asked = session.request({ ':method': 'POST', ':path': '/send', origin: from, ...type })
    asked.end('{}')
    const [headers] = await once(asked, 'response')
    asked.resume()
    return headers[':status']
  }
  expect(await statusFrom(origin)).toBe(400)
  expect(await statusFrom('http://evil.example')).toBe(403)
})
