import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { phone, secret } from '../fixture'
import { listen } from './apps'
import { onExpress } from './handlers/express'
import { onFastify } from './handlers/fastify'
import { onHono } from './handlers/hono'
import { onNest } from './handlers/nest'
import { onTheWeb } from './handlers/web'

type Otp = OtpManager<'sms', 'login'>
type Open = (to: string) => Promise<string>

const frameworks: Readonly<Record<string, (otp: Otp, open: Open) => Promise<Server>>> = {
  Express: async (otp, open) => createServer(onExpress(otp, open)),
  Fastify: async (otp, open) => {
    const app = onFastify(otp, open)
    await app.ready()
    return app.server
  },
  Hono: async (otp, open) => createServer(getRequestListener(onHono(otp, open).fetch)),
  NestJS: async (otp, open) => {
    const app = await onNest(otp, open)
    await app.init()
    return app.getHttpServer()
  },
  'a host of web-standard requests': async (otp, open) =>
    createServer(getRequestListener(onTheWeb(otp, open))),
}

describe.each(Object.entries(frameworks))('the handler on %s', (_, create) => {
  it('sends a code, and opens a session for it', async () => {
    const sms = capturedDelivery({ reaches: ['phone'] })
    const otp = new OtpManager({
      secret,
      database: memory(),
      deliveries: { sms },
      countries: ['IN'],
      purposes: ['login'],
    })
    const server = await create(otp, async (to) => `of-${to.slice(1)}`)
    const port = await listen(server)
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const post = (path: string, body: object, headers = {}) =>
      fetch(`http://127.0.0.1:${port}/otp/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })

    const sent = await post('send', { to: phone })
    expect([sent.status, await sent.json()]).toMatchObject([200, { codeLength: 6 }])
    const code = sms.lastCode()
    const foreign = await post('verify', { to: phone, code }, { origin: 'https://evil.example' })
    expect(foreign.status).toBe(403)
    const right = await post('verify', { to: phone, code })
    expect([right.status, right.headers.getSetCookie()]).toEqual([
      204,
      [`session=of-${phone.slice(1)}; HttpOnly; Secure; SameSite=Lax; Path=/`],
    ])
    const early = await post('send', { to: phone })
    expect([early.status, Number(early.headers.get('retry-after'))]).toEqual([
      429,
      expect.any(Number),
    ])
    expect((await fetch(`http://127.0.0.1:${port}/otp/send`)).status).toBe(405)
  })
})

it('each is shown in docs/http.md as it runs here', () => {
  const page = readFileSync('docs/http.md', 'utf8')
  const folder = 'test/frameworks/handlers'
  for (const file of readdirSync(folder)) {
    expect(page).toContain(`\`\`\`ts\n${readFileSync(`${folder}/${file}`, 'utf8')}\`\`\``)
  }
})
