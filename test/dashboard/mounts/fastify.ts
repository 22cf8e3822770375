import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { History, OtpManager } from 'otpkit'
import { createDashboard } from 'otpkit/dashboard'
import { toNodeHandler } from 'otpkit/http'

export function onFastify(
  otp: OtpManager<'sms', 'login'>,
  history: History,
  adminOf: (cookie: string) => Promise<string | null>,
) {
  const dashboard = createDashboard({
    otp,
    history,
    authorize: async (_request, { headers }: FastifyRequest) => {
      const name = await adminOf(headers.cookie ?? '')
      return name !== null && { name, can: ['find', 'unlock'] }
    },
  })
  const app = fastify()
  app.register(async (routes) => {
    // The dashboard reads the body itself.
    routes.removeAllContentTypeParsers()
    routes.addContentTypeParser('*', (_request, _payload, done) => done(null))
    const serve = (request: FastifyRequest, reply: FastifyReply) => {
      reply.hijack()
      return toNodeHandler((asked) => dashboard(asked, request))(request.raw, reply.raw)
    }
    routes.all('/admin/otp', serve)
    routes.all('/admin/otp/*', serve)
  })
  return app
}
