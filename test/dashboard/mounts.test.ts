import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type History, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { memoryHistory } from 'otpkit/histories/memory'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { phone, secret } from '../fixture'
import { listen } from '../frameworks/apps'
import { onExpress } from './mounts/express'
import { onFastify } from './mounts/fastify'
import { onHono } from './mounts/hono'

type Otp = OtpManager<'sms', 'login'>
type AdminOf = (cookie: string) => Promise<string | null>

const frameworks: Readonly<
  Record<string, (otp: Otp, history: History, adminOf: AdminOf) => Promise<Server>>
> = {
  Express: async (...given) => createServer(onExpress(...given)),
  Fastify: async (...given) => {
    const app = onFastify(...given)
    await app.ready()
    return app.server
  },
  Hono: async (...given) => createServer(getRequestListener(onHono(...given).fetch)),
}

describe.each(Object.entries(frameworks))('the dashboard on %s', (_, create) => {
  it('shows its page, its numbers and a person to who is signed in, and nothing to others', async () => {
    const otp = new OtpManager({
      secret,
      database: memory(),
      deliveries: { sms: capturedDelivery({ reaches: ['phone'] }) },
      countries: ['IN'],
      purposes: ['login'],
    })
    const history = memoryHistory()
    otp.subscribe(history.record)
    const adminOf: AdminOf = async (cookie) => (cookie === 'session=ada' ? 'ada' : null)
    const server = await create(otp, history, adminOf)
    const port = await listen(server)
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const at = `http://127.0.0.1:${port}/admin/otp`
    const ask = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
      fetch(`${at}${path}`, { ...init, headers: { cookie: 'session=ada', ...init.headers } })
    await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null })

    for (const path of ['', '/', '/data/funnel', '/assets/page.css']) {
      expect((await ask(path, { headers: { cookie: '' } })).status).toBe(403)
    }
    const home = await ask('')
    expect([home.status, home.url]).toEqual([200, `${at}/`])
    const [, script] = /src="([^"]+)"/.exec(await home.text()) ?? []
    expect((await fetch(new URL(script ?? '', home.url))).status).toBe(403)
    expect((await ask(`/${script}`)).status).toBe(200)
    const funnel = await ask('/data/funnel?range=hour')
    expect(await funnel.json()).toMatchObject({ total: { asked: 1, sent: 1 } })
    const post = (origin: string, action: string) =>
      ask(`/actions/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: JSON.stringify({ to: phone, channel: 'sms', purpose: 'login' }),
      })
    expect((await post('https://evil.example', 'unlock')).status).toBe(403)
    const found = await post(`http://127.0.0.1:${port}`, 'find')
    expect([found.status, await found.json()]).toMatchObject([200, { events: [{ type: 'sent' }] }])
    const unlocked = await post(`http://127.0.0.1:${port}`, 'unlock')
    expect(unlocked.status).toBe(200)
    expect(await history.events({ limit: 1 })).toMatchObject([{ type: 'unlocked', by: 'ada' }])
  })
})

it('each is shown in docs/dashboard.md as it runs here', () => {
  const page = readFileSync('docs/dashboard.md', 'utf8')
  const folder = 'test/dashboard/mounts'
  for (const file of readdirSync(folder)) {
    expect(page).toContain(`\`\`\`ts\n${readFileSync(`${folder}/${file}`, 'utf8')}\`\`\``)
  }
})
