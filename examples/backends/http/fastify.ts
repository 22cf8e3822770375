import { randomUUID } from 'node:crypto'
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { toNodeHandler } from 'otpkit/http'
import { mostBytes, readBody, refusalFor } from './body'
import { describeFault } from './log'
import { notFound } from './not-found'
import type { Call, Reply, Route } from './route'
import {
  answer,
  dashboardPath,
  endKeptConnections,
  mostBodyBytes,
  receiptsPath,
  refusalOfUpload,
  requestTimeoutMs,
  type Site,
  type WebFramework,
  written,
} from './site'

/** Serves a site with Fastify 5. */
export const onFastify: WebFramework = (site) => {
  const app = fastifyApp(site)
  endKeptConnections(app.server)
  return {
    listen: async (port, host) => {
      await app.listen({ port, host })
      const address = app.server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    close: () => app.close(),
    closeAllConnections: () => app.server.closeAllConnections(),
  }
}

interface PathParameters {
  Params: Readonly<Record<string, string | undefined>>
}

/** The Fastify app, not yet listening. */
export function fastifyApp(site: Site): FastifyInstance {
  const app = fastify({
    // The connection is hop 0: with one proxy in front, that one is believed and no further.
    trustProxy: (_address, hop) => hop < site.trustedProxies,
    requestTimeout: requestTimeoutMs,
    genReqId: () => randomUUID(),
    bodyLimit: mostBodyBytes,
    routerOptions: { ignoreTrailingSlash: true },
    // A path that cannot be decoded never reaches a route.
    frameworkErrors: (error, request, response) => {
      refuseWhatFastifyRefuses(site)(error, request, response)
    },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer' },
    async (_request: unknown, bytes: Buffer) => bytes,
  )

  if (site.receipts !== undefined) serveUnread(app, site, [`${receiptsPath}/*`], site.receipts)
  if (site.dashboard !== undefined) {
    serveUnread(app, site, [dashboardPath, `${dashboardPath}/*`], site.dashboard)
  }
  for (const route of site.routes) {
    app.route<PathParameters>({
      method: route.method,
      url: route.path,
      bodyLimit: mostBytes(route),
      onRequest: async (request, response) => {
        const refusal = await refusalOfUpload(site, route, callOf(route, request, undefined))
        if (refusal !== undefined) return send(response, refusal)
      },
      handler: async (request, response) => send(response, await replyTo(site, route, request)),
      errorHandler: refuseWhatFastifyRefuses(site, route),
    })
  }
  app.setNotFoundHandler((request, response) => {
    const { id: requestId, query } = request
    send(response, notFound(site, { requestId, query, header: headerOf(request) }))
  })
  app.setErrorHandler(refuseWhatFastifyRefuses(site))
  return app
}

/** In a scope of its own, so that its bodies stay unread and all others do not. */
function serveUnread(
  app: FastifyInstance,
  site: Site,
  paths: readonly string[],
  handle: (request: Request) => Promise<Response>,
): void {
  const handler = toNodeHandler(handle)
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const path of paths) {
      scope.all(path, (request, reply) => {
        reply.hijack()
        return handler(request.raw, reply.raw, (error) => {
          site.log({ level: 'error', requestId: request.id, fault: describeFault(error) })
          sendRaw(reply, site.refuse({ code: 500, message: 'Try again later' }, request.id))
        })
      })
    }
  })
}

/** What Fastify itself no longer sends. */
function sendRaw({ raw }: FastifyReply, reply: Reply): void {
  const { headers, payload } = written(reply)
  if (!raw.headersSent) raw.writeHead(reply.status, headers)
  raw.end(payload)
}

type PathRequest = FastifyRequest<PathParameters>

function replyTo(site: Site, route: Route, request: PathRequest): Promise<Reply> | Reply {
  const { body: bytes } = request
  const call = callOf(route, request, bytes)
  const read = readBody(route, Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0), call.header)
  if (!read.ok) return site.refuse(read.refusal, call.requestId)
  return answer(site, route, { ...call, body: read.body })
}

function callOf<Body>({ method }: Route, request: PathRequest, body: Body): Call<Body> {
  const { id: requestId, ip, query, params: parameters } = request
  return { requestId, method, ip, parameters, query, body, header: headerOf(request) }
}

function headerOf({ headers }: Pick<FastifyRequest, 'headers'>): Call['header'] {
  return (name) => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
}

function send(response: FastifyReply, reply: Reply): FastifyReply {
  const { headers, payload } = written(reply)
  return response.code(reply.status).headers(headers).send(payload)
}

/** A body that is too large or cut off, and a path that cannot be decoded. */
function refuseWhatFastifyRefuses(site: Site, route?: Route) {
  return (error: FastifyError, request: { readonly id: string }, response: FastifyReply): void => {
    const { statusCode = 500 } = error
    if (statusCode >= 500) {
      site.log({ level: 'error', requestId: request.id, fault: describeFault(error) })
      send(response, site.refuse({ code: 500, message: 'Try again later' }, request.id))
      return
    }
    send(response, site.refuse(refusalFor(statusCode, route), request.id))
  }
}
