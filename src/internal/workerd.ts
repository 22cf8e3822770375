/**
 * Whether this is Cloudflare's runtime, where what one request opens or waits for is of no use to
 * another: it ends with its request, and so does whoever else waits for it.
 */
export function isWorkerd(): boolean {
  const navigator: unknown = Reflect.get(globalThis, 'navigator')
  return Reflect.get(Object(navigator), 'userAgent') === 'Cloudflare-Workers'
}

/** Why a client of TCP may be silent there; elsewhere what is given. */
export function whySilent(elsewhere: string): string {
  return isWorkerd()
    ? '; on Cloudflare Workers a connection serves only the request that opened it: make the client for each request'
    : elsewhere
}
