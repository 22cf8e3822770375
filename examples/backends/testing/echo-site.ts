// For tests: a site whose routes keep what they were called with.
import type { Call, Reply, Route } from '../http/route'
import { plainRefusal, type Site } from '../http/site'

export function echoSite({ trustedProxies = 0 } = {}) {
  const calls: Call[] = []
  const logged: Readonly<Record<string, unknown>>[] = []
  const route = (
    method: Route['method'],
    path: string,
    handle = async (): Promise<Reply> => ({ status: 200, json: { done: true } }),
    upload?: Route['upload'],
  ): Route => ({
    method,
    path,
    ...(upload && { upload }),
    handle: (call) => {
      calls.push(call)
      return handle()
    },
  })
  /** Served beside what a test adds. */
  const routes: Route[] = [
    route('GET', '/things'),
    route('POST', '/things'),
    route('GET', '/things/:id'),
    route('PATCH', '/things/:id'),
    route('POST', '/files', undefined, { types: ['image/png'], mostBytes: 64 * 1024 }),
  ]
  const site: Site = {
    routes,
    refuse: plainRefusal,
    log: (entry) => logged.push(entry),
    trustedProxies,
  }
  return { site, routes, route, calls, logged }
}
