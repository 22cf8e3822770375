import { wrongOption } from '../internal/wrong-option'
import { isNewResponse } from './is-response'

/** What is needed of Node's `IncomingMessage`, and of Express' request. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** Express' full path, where `url` is what is left of it below a mount. */
  readonly originalUrl?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Whether somebody read the body before. */
  readonly readableDidRead?: boolean | undefined
}

/** What is needed of Node's `ServerResponse`, and of Express' response. */
export interface NodeResponse {
  readonly headersSent: boolean
  statusCode: number
  /** Sets a header of the answer. */
  setHeader(name: string, value: string | readonly string[]): unknown
  /** Writes the body, and ends the answer. */
  end(body: Uint8Array): unknown
}

/** A handler for `createServer` of `node:http` and `node:http2`, and for `use` and `all` of Express. */
export type NodeHandler<Incoming extends NodeRequest = NodeRequest> = (
  request: Incoming,
  response: NodeResponse,
  next?: (error: unknown) => void,
) => Promise<void>

/**
 * Serves a handler of web-standard requests from `node:http`, Express, or Fastify (`request.raw` and
 * `reply.raw` after `reply.hijack()`). It must come before whatever reads bodies, such as
 * `express.json()`. The handler is given the request of Node too, behind its own. What it throws goes to `next`; without one it is written to the console
 * and answered with 500.
 *
 * @throws `TypeError` for what is no function; to `next`, when the handler returns no response.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { toNodeHandler } from 'otpkit/http'
 *
 * createServer(toNodeHandler(async () => new Response('hello')))
 * ```
 */
export function toNodeHandler<Incoming extends NodeRequest = NodeRequest>(
  handler: (request: Request, incoming: Incoming) => Promise<Response>,
): NodeHandler<Incoming> {
  if (typeof handler !== 'function') {
    throw wrongOption('toNodeHandler', 'handler', 'must be a function')
  }
  return async (given, response, next) => {
    try {
      const request = toRequest(given)
      const answer: unknown =
        request === null ? new Response(null, { status: 400 }) : await handler(request, given)
      if (!isNewResponse(answer)) {
        throw wrongOption('toNodeHandler', 'handler', 'must return a new Response')
      }
      await write(answer, response)
    } catch (error) {
      // To Express nothing thrown would be no error.
      if (next !== undefined) return next(error ?? new Error('the handler threw nothing'))
      console.error(error)
      if (!response.headersSent) response.statusCode = 500
      response.end(new Uint8Array())
    }
  }
}

/** The same request by web standards; `null` where those have none such. */
function toRequest(given: NodeRequest): Request | null {
  const { method = 'GET', headers, url: path = '/', originalUrl = path } = given
  // What HTTP/2 has in place of `Host`.
  const host = headers.host ?? headers[':authority']
  const base = `http://${typeof host === 'string' && /^[\w.:[\]-]+$/.test(host) ? host : 'localhost'}`
  // What begins with two slashes must not be read as another host, nor the form for proxies be taken.
  const url = `${base}${originalUrl}`
  if (!originalUrl.startsWith('/') || !URL.canParse(url)) return null
  if (/^(CONNECT|TRACE|TRACK)$/i.test(method)) return null

  const all = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2 has its first line among the headers.
    if (value === undefined || name.startsWith(':')) continue
    for (const one of typeof value === 'string' ? [value] : value) all.append(name, one)
  }
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers: all })
  if (given.readableDidRead === true) {
    throw new TypeError('otpkit: toNodeHandler: the body was read before: mount it earlier')
  }
  const init = { method, headers: all, body: streamOf(given), duplex: 'half' }
  return new Request(url, init)
}

function streamOf(request: NodeRequest): ReadableStream<Uint8Array> {
  const chunks = request[Symbol.asyncIterator]()
  return new ReadableStream(
    {
      pull: async (controller) => {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      // What is left is read and thrown away: a connection that is cut would lose the answer.
      cancel: async () => {
        while (!(await chunks.next()).done);
      },
    },
    // Node throws a body away that nobody began to read. Of one that was begun the rest would stay in the
    // connection, before its next request.
    { highWaterMark: 0 },
  )
}

async function write(answer: Response, response: NodeResponse): Promise<void> {
  const body = new Uint8Array(await answer.arrayBuffer())
  response.statusCode = answer.status
  answer.headers.forEach((value, name) => {
    if (name !== 'set-cookie') response.setHeader(name, value)
  })
  const cookies = answer.headers.getSetCookie()
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  response.end(body)
}
