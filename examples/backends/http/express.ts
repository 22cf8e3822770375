import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import express, {
  type ErrorRequestHandler,
  type Express,
  type NextFunction,
  type Request,
  type Response,
} from 'express'
import { toNodeHandler } from 'otpkit/http'
import { mostBytes, readBody, refusalFor } from './body'
import { describeFault } from './log'
import { type Lost, notFound } from './not-found'
import type { Call, Reply, Route } from './route'
import {
  answer,
  dashboardPath,
  endKeptConnections,
  receiptsPath,
  refusalOfUpload,
  requestTimeoutMs,
  type Site,
  type WebFramework,
  written,
} from './site'

/** Serves a site with Express 5. */
export const onExpress: WebFramework = (site) => {
  const server = createServer({ requestTimeout: requestTimeoutMs }, expressApp(site))
  endKeptConnections(server)
  return {
    listen: async (port, host) => {
      server.listen(port, host)
      await once(server, 'listening')
      const address = server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      await closed
    },
    closeAllConnections: () => server.closeAllConnections(),
  }
}

const methods = {
  GET: 'get',
  POST: 'post',
  PUT: 'put',
  PATCH: 'patch',
  DELETE: 'delete',
} as const

/** The Express app, not yet listening. */
export function expressApp(site: Site): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.set('trust proxy', site.trustedProxies === 0 ? false : site.trustedProxies)

  if (site.receipts !== undefined) app.use(receiptsPath, toNodeHandler(site.receipts))
  if (site.dashboard !== undefined) app.use(dashboardPath, toNodeHandler(site.dashboard))
  for (const route of site.routes) {
    app[methods[route.method]](
      route.path,
      async (request: Request, response: Response, next: NextFunction) => {
        const refusal = await refusalOfUpload(site, route, callOf(route, request, undefined))
        if (refusal === undefined) next()
        else send(response, refusal)
      },
      express.raw({ type: () => true, limit: mostBytes(route), inflate: false }),
      async (request: Request, response: Response) => {
        send(response, await replyTo(site, route, request))
      },
      refuseWhatExpressRefuses(site, route),
    )
  }
  app.use((request, response) => {
    send(response, notFound(site, lostIn(request)))
  })
  app.use(refuseWhatExpressRefuses(site))
  return app
}

function replyTo(site: Site, route: Route, request: Request): Promise<Reply> | Reply {
  const bytes: unknown = request.body
  const call = callOf(route, request, bytes)
  const read = readBody(route, Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0), call.header)
  if (!read.ok) return site.refuse(read.refusal, call.requestId)
  return answer(site, route, { ...call, body: read.body })
}

function callOf<Body>({ method }: Route, request: Request, body: Body): Call<Body> {
  const { query, ip = null } = request
  // A wildcard would be a list, and no route has one.
  const parameters = Object.fromEntries(
    Object.entries(request.params).map(([name, value]) => [name, String(value)]),
  )
  const header = (name: string) => request.get(name)
  return { requestId: randomUUID(), method, ip, parameters, query, body, header }
}

function lostIn(request: Request): Lost {
  return { requestId: randomUUID(), query: request.query, header: (name) => request.get(name) }
}

function send(response: Response, reply: Reply): void {
  const { headers, payload } = written(reply)
  response.status(reply.status).set(headers).end(payload)
}

/** A body that is too large, cut off or compressed, and a path that cannot be decoded. */
function refuseWhatExpressRefuses(site: Site, route?: Route): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    const requestId = randomUUID()
    const status: unknown = error instanceof Error ? Reflect.get(error, 'status') : undefined
    if (typeof status !== 'number' || status >= 500) {
      site.log({ level: 'error', requestId, fault: describeFault(error) })
      return send(response, site.refuse({ code: 500, message: 'Try again later' }, requestId))
    }
    send(response, site.refuse(refusalFor(status, route), requestId))
  }
}
