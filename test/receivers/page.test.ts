import { once } from 'node:events'
import { createServer } from 'node:http'
import express from 'express'
import fastify from 'fastify'
import { toNodeHandler } from 'otpkit/http'
import { afterEach, describe, expect, it } from 'vitest'
import { createFixture, phone } from '../fixture'
import { hosts } from './hosts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

type Hook = (request: Request) => Promise<Response>

/** Each way of the page to serve a hook; gives its address. */
const mounts: Readonly<Record<string, (hook: Hook) => Promise<string>>> = {
  Express: async (hook) => {
    const app = express()
    app.use('/hooks/host', toNodeHandler(hook))
    app.use(express.json())
    const server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(async () => {
      server.closeAllConnections()
      server.close()
    })
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/hooks/host`
  },
  Fastify: async (hook) => {
    const app = fastify()
    const handler = toNodeHandler(hook)
    app.register(async (hooks) => {
      hooks.removeAllContentTypeParsers()
      hooks.addContentTypeParser('*', (_request, _payload, done) => done(null))
      hooks.all('/hooks/host', (request, reply) => {
        reply.hijack()
        return handler(request.raw, reply.raw)
      })
    })
    closing.push(() => app.close())
    return `${await app.listen({ port: 0, host: '127.0.0.1' })}/hooks/host`
  },
}

describe.each(Object.entries(hosts))('%s, as the page says', (_, host) => {
  it.each(Object.entries(mounts))(
    'on %s: a code goes out once, and none under a wrong secret',
    async (_name, mount) => {
      const { otp, sms } = createFixture()
      const post = async (address: string) => {
        const request = host.request(host.signIn(phone, '042042'))
        const { headers } = request
        const answer = await fetch(address, { method: 'POST', headers, body: await request.text() })
        return [answer.status, answer.headers.get('content-type')]
      }
      const address = await mount(host.create(otp))
      expect(await post(await mount(host.create(otp, 'wrong')))).toEqual([401, 'application/json'])
      expect(sms.messages).toEqual([])
      expect(await post(address)).toEqual([200, 'application/json'])
      expect(await post(address)).toEqual([200, 'application/json'])
      expect(sms.messages).toMatchObject([{ to: phone, code: '042042' }])
    },
  )
})
