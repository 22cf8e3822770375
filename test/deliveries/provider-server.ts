import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { freePort } from '../servers/process'

/** A request exactly as it arrived. */
export interface ProviderRequest {
  readonly method: string
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How the provider behaves: it answers, or it is `silent`, or the connection breaks. */
export type ProviderBehaviour =
  | {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      /** Sent as JSON. */
      readonly json?: unknown
      /** Sent as it is. */
      readonly text?: string
    }
  | 'silent'
  | 'hang up'
  | 'reset inside the body'

/** A real HTTP server on this machine that plays a provider. */
export interface ProviderServer {
  /** The base URL, without a trailing slash. */
  readonly url: string
  /** Every request since the start, oldest first. */
  readonly requests: readonly ProviderRequest[]
  /** The newest request. */
  lastRequest(): ProviderRequest
  /** From now on every request is met like this. */
  behave(behaviour: ProviderBehaviour | ((request: ProviderRequest) => ProviderBehaviour)): void
  /** From now on nobody listens. */
  close(): Promise<void>
}

export async function startProviderServer(): Promise<ProviderServer> {
  const requests: ProviderRequest[] = []
  let behave: (request: ProviderRequest) => ProviderBehaviour = () => ({ status: 500 })

  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
    const request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: Object.fromEntries(headers),
      body: Buffer.concat(chunks).toString('utf8'),
    }
    requests.push(request)
    play(behave(request), response)
  })
  // Some tests go on to ask a provider that has closed: no other server may come by its port.
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    lastRequest: () => {
      const request = requests.at(-1)
      if (request === undefined) throw new Error('the provider got no request')
      return request
    },
    behave: (behaviour) => {
      behave = typeof behaviour === 'function' ? behaviour : () => behaviour
    },
    close: async () => {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function play(behaviour: ProviderBehaviour, response: ServerResponse): void {
  if (behaviour === 'silent') return
  if (behaviour === 'hang up') {
    response.socket?.destroy()
    return
  }
  if (behaviour === 'reset inside the body') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"sid":"SM1","request_id":"1","messages":[{"id":"1"}', () =>
      response.socket?.resetAndDestroy(),
    )
    return
  }
  const { status = 200, headers = {}, json, text = '' } = behaviour
  const type = json === undefined ? 'text/html; charset=utf-8' : 'application/json'
  response.writeHead(status, { 'content-type': type, ...headers })
  response.end(json === undefined ? text : JSON.stringify(json))
}

/** What any provider, or a proxy before it, may do; none of it is a success. */
export const transportFaults: Readonly<
  Record<string, { readonly behaviour: ProviderBehaviour; readonly sent: 'no' | 'unknown' }>
> = {
  'no answer in time': { behaviour: 'silent', sent: 'unknown' },
  'a connection closed before the answer': { behaviour: 'hang up', sent: 'unknown' },
  'a reset inside the body': { behaviour: 'reset inside the body', sent: 'unknown' },
  'invalid JSON': { behaviour: { text: '{"sid":"SM1' }, sent: 'unknown' },
  'JSON that is no object': { behaviour: { text: 'null' }, sent: 'unknown' },
  'an HTML page with status 200': { behaviour: { text: '<html>sid</html>' }, sent: 'unknown' },
  'an HTML page with status 502': {
    behaviour: { status: 502, text: '<html>Bad gateway</html>' },
    sent: 'unknown',
  },
  'an empty 200': { behaviour: {}, sent: 'unknown' },
  'an empty 500': { behaviour: { status: 500 }, sent: 'unknown' },
  'a redirect': {
    behaviour: { status: 302, headers: { location: '/elsewhere' } },
    sent: 'no',
  },
}
