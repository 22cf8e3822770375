import fastify, { type FastifyRequest } from 'fastify'
import type { OtpManager } from 'otpkit'
import { createHandler, toNodeHandler } from 'otpkit/http'

export function onFastify(otp: OtpManager<'sms', 'login'>, open: (to: string) => Promise<string>) {
  const handler = createHandler(otp, {
    ip: (_request, { ip }: FastifyRequest) => ip,
    purposes: { login: ['sms'] },
    verified: async ({ recipient }) => {
      const cookie = `session=${await open(recipient)}; HttpOnly; Secure; SameSite=Lax; Path=/`
      return new Response(null, { status: 204, headers: { 'set-cookie': cookie } })
    },
  })
  const app = fastify()
  app.register(async (routes) => {
    // The handler reads the body itself.
    routes.removeAllContentTypeParsers()
    routes.addContentTypeParser('*', (_request, _payload, done) => done(null))
    routes.all('/otp/*', (request, reply) => {
      reply.hijack()
      return toNodeHandler((asked) => handler(asked, request))(request.raw, reply.raw)
    })
  })
  return app
}
