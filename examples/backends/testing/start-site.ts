// For tests: a site on a free port, and requests to it.
import { onTestFinished } from 'vitest'
import { onExpress } from '../http/express'
import { onFastify } from '../http/fastify'
import type { Site, WebFramework } from '../http/site'

/** Every web framework that serves the examples. */
export const frameworks: readonly (readonly [string, WebFramework])[] = [
  ['Express', onExpress],
  ['Fastify', onFastify],
]

/** An answer, with its body parsed where it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: unknown
}

export type Client = Awaited<ReturnType<typeof startSite>>

/** Serves the site until the test ends. */
export async function startSite(framework: WebFramework, site: Site) {
  const server = framework(site)
  const port = await server.listen(0, '127.0.0.1')
  onTestFinished(async () => {
    server.closeAllConnections()
    await server.close()
  })
  return client(`http://127.0.0.1:${port}`)
}

/** Requests to whatever serves at this address. */
export function client(url: string) {
  async function request(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: bodyOf(body) }),
      redirect: 'manual',
    })
    const text = await response.text()
    const type = response.headers.get('Content-Type') ?? ''
    const isJson = text !== '' && type.startsWith('application/json')
    const parsed: unknown = isJson ? JSON.parse(text) : undefined
    return { status: response.status, headers: response.headers, text, body: parsed }
  }

  type Headed = Readonly<Record<string, string>>
  return {
    url,
    request,
    get: (path: string, headers?: Headed) => request('GET', path, undefined, headers),
    post: (path: string, body?: unknown, headers?: Headed) => request('POST', path, body, headers),
  }
}

function bodyOf(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (body instanceof Uint8Array) return new Uint8Array(body)
  return typeof body === 'string' ? body : JSON.stringify(body)
}
