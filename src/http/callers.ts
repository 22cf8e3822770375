/** Whether to hear a request, and the named origin of another site that it comes from. */
export interface Caller {
  readonly isHeard: boolean
  readonly origin?: string
}

/**
 * Who asks, as the browser says: `Sec-Fetch-Site`, or `Origin` against `Host` where it is too old
 * for that. What is no browser says neither, and carries no session that could be ridden on.
 */
export function callerOf({ headers, url }: Request, origins: ReadonlySet<string>): Caller {
  const origin = headers.get('origin')
  if (origin !== null && origins.has(origin)) return { isHeard: true, origin }
  const site = headers.get('sec-fetch-site')
  if (site !== null) return { isHeard: site === 'same-origin' || site === 'none' }
  if (origin === null) return { isHeard: true }
  const host = headers.get('host') ?? new URL(url).host
  return { isHeard: URL.canParse(origin) && isAt(new URL(origin), host) }
}

/** Whether an origin is at this host, which some proxies name with the port that needs no mention. */
function isAt({ protocol, host }: URL, named: string): boolean {
  const url = `${protocol}//${named}`
  return URL.canParse(url) && new URL(url).host === host
}

/** Whether a browser only asks whether it may ask. */
export function isPreflight({ method, headers }: Request, { origin }: Caller): boolean {
  return (
    origin !== undefined && method === 'OPTIONS' && headers.has('access-control-request-method')
  )
}

/** The answer to such a question. A named origin may send what it likes, such as the token of a captcha. */
export function answerPreflight({ headers: asked }: Request, caller: Caller): Response {
  const headers = {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': asked.get('access-control-request-headers') ?? 'content-type',
  }
  return toOrigin(new Response(null, { status: 204, headers }), caller)
}

/** The answer as a browser hands it to the page of a named origin; to anybody else as it is. */
export function toOrigin(answer: Response, { origin }: Caller): Response {
  if (origin === undefined) return answer
  const headers = new Headers(answer.headers)
  headers.set('access-control-allow-origin', origin)
  headers.set('access-control-allow-credentials', 'true')
  headers.set('access-control-expose-headers', 'retry-after')
  headers.append('vary', 'origin')
  const { status, statusText } = answer
  return new Response(answer.body, { status, statusText, headers })
}
