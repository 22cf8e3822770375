import type { Server } from 'node:http'
import { isOtpError } from 'otpkit'
import { z } from 'zod'
import { describeFault, type Log } from './log'
import type { Lost } from './not-found'
import type { Call, Refusal, Reply, Route } from './route'

/** A backend, before a web framework serves it. */
export interface Site {
  readonly routes: readonly Route[]
  /** Puts a refusal into the format of this API. */
  refuse(refusal: Refusal, requestId: string): Reply
  readonly log: Log
  /** How many proxies stand in front and may say where a request came from. */
  readonly trustedProxies: number
  /** What people see where there is nothing. Programs get JSON. */
  readonly notFoundPage?: (lost: Lost) => Reply
  /** Serves `/hooks/*`, with bodies unread: where providers report on messages. */
  readonly receipts?: ((request: Request) => Promise<Response>) | undefined
  /** Serves `/admin/otp` and what is below: what happened to codes, for administrators. */
  readonly dashboard?: (request: Request) => Promise<Response>
}

/** Serves a site: one for each web framework. */
export type WebFramework = (site: Site) => WebServer

export interface WebServer {
  /** Listens, and says at which port. Port 0 is any free one. */
  listen(port: number, host: string): Promise<number>
  /** Answers what has begun, and takes nothing new. */
  close(): Promise<void>
  /** Breaks off what is still going on. */
  closeAllConnections(): void
}

/** Where the receipts are served. Providers are told `<origin>/hooks/<provider>`. */
export const receiptsPath = '/hooks'
export const dashboardPath = '/admin/otp'

export const mostBodyBytes = 16 * 1024
/** A request that takes longer to arrive is dropped. */
export const requestTimeoutMs = 30_000

/** A server that closes ends its connections with their last answer, and keeps none for later. */
export function endKeptConnections(server: Server): void {
  server.on('request', (_request, response) => {
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections()
    })
  })
}

/** Answers a request to a route. A fault becomes a line in the log, and an answer without details. */
export async function answer(site: Site, route: Route, call: Call): Promise<Reply> {
  const startedAt = performance.now()
  const reply = await withoutFaults(site, route, call, route.handle(call))
  logAnswer(site, route, call, reply, startedAt)
  return reply
}

/** What refuses an upload before its bytes are read, if anything does. */
export async function refusalOfUpload(
  site: Site,
  route: Route,
  call: Call<undefined>,
): Promise<Reply | undefined> {
  if (route.admit === undefined) return undefined
  const startedAt = performance.now()
  const reply = await withoutFaults(site, route, call, route.admit(call))
  if (reply !== undefined) logAnswer(site, route, call, reply, startedAt)
  return reply
}

function withoutFaults<Result>(
  site: Site,
  route: Route,
  { requestId }: Call,
  handling: Promise<Result>,
): Promise<Result | Reply> {
  return handling.catch((error: unknown) => {
    site.log({ level: 'error', requestId, route: route.path, fault: describeFault(error) })
    const code = isOtpError(error) ? 503 : 500
    return site.refuse({ code, message: 'Try again later' }, requestId)
  })
}

function logAnswer(
  { log }: Site,
  { path }: Route,
  { requestId, method }: Call,
  { status }: Reply,
  startedAt: number,
): void {
  const durationMs = Math.round(performance.now() - startedAt)
  // The route and not the address: that may hold what somebody searched for.
  log({ level: 'info', requestId, method, route: path, status, durationMs })
}

/** What every answer carries. Pages replace the policy by one of their own. */
export const baseHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** The reply as bytes and headers. */
export function written({ headers = {}, json, content }: Reply): {
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string | Buffer
} {
  if (json !== undefined) {
    const type = { 'Content-Type': 'application/json; charset=utf-8' }
    return { headers: { ...baseHeaders, ...type, ...headers }, payload: JSON.stringify(json) }
  }
  const payload = typeof content === 'string' ? content : Buffer.from(content ?? [])
  return { headers: { ...baseHeaders, ...headers }, payload }
}

/** The answer of small APIs: `{ "detail": "…" }`, and what is wrong with which field. */
export function plainRefusal({ code, message, errors, retryAfterSeconds }: Refusal): Reply {
  return {
    status: code,
    ...(retryAfterSeconds !== undefined && {
      headers: { 'Retry-After': String(retryAfterSeconds) },
    }),
    json: { detail: message, ...(errors && { errors }) },
  }
}

/** The same, as its description has it. */
export const plainRefusalView = z.object({
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
})

/** Sends people, and their bookmarks, from an address of before to the one of now. */
export function redirect(path: string, to: string): Route {
  const headers = { Location: to }
  return { method: 'GET', path, handle: async () => ({ status: 302, headers }) }
}

/** `GET /healthz`: this process answers. */
export const healthRoute: Route = {
  method: 'GET',
  path: '/healthz',
  handle: async () => ({ status: 200, json: { healthy: true } }),
}
