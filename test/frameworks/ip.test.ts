import { createServer, request, type Server } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { apps, listen } from './apps'

async function serve(server: Server): Promise<number> {
  const port = await listen(server)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return port
}

/** A proxy as nginx is set up in docs/ip.md: it appends whom it heard, behind what it was told. */
function proxyTo(port: number): Server {
  return createServer((incoming, outgoing) => {
    const told = incoming.headers['x-forwarded-for']
    const heard = incoming.socket.remoteAddress
    const headers = { 'x-forwarded-for': [told, heard].filter(Boolean).join(', ') }
    const { url: path = '/' } = incoming
    request({ port, host: '127.0.0.1', path, headers }, (answer) => answer.pipe(outgoing)).end()
  })
}

/** What an app takes for the address of a client at `from` that claims another one. */
async function addressSeen(port: number, from: string, claimed: string): Promise<unknown> {
  const headers = { 'x-forwarded-for': claimed, 'x-real-ip': claimed, forwarded: `for=${claimed}` }
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', localAddress: from, headers, agent: false }
    const sent = request(options, async (answer) => {
      let text = ''
      for await (const chunk of answer) text += chunk
      resolve(JSON.parse(text))
    })
    sent.on('error', reject).end()
  })
}

describe.each(apps)('`ip` on %s', (_name, app) => {
  it.each([1, 2])(
    'is the address that the proxy saw, whatever the client claims',
    async (proxies) => {
      let port = await serve(await app(proxies))
      for (let proxy = 0; proxy < proxies; proxy += 1) port = await serve(proxyTo(port))
      for (const from of ['127.0.0.2', '127.0.0.3']) {
        expect(await addressSeen(port, from, '203.0.113.9')).toBe(from)
        expect(await addressSeen(port, from, '203.0.113.9, 127.0.0.1')).toBe(from)
      }
    },
  )

  it('is the address of the connection where no proxy is trusted', async () => {
    const port = await serve(await app(0))
    expect(await addressSeen(port, '127.0.0.2', '203.0.113.9')).toBe('127.0.0.2')
  })

  it('is the proxy for everybody where the setting was forgotten', async () => {
    const port = await serve(proxyTo(await serve(await app(0))))
    expect(await addressSeen(port, '127.0.0.2', '203.0.113.9')).toBe('127.0.0.1')
    expect(await addressSeen(port, '127.0.0.3', '203.0.113.9')).toBe('127.0.0.1')
  })
})
