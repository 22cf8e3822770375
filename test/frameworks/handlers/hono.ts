import { getConnInfo } from '@hono/node-server/conninfo'
import { type Context, Hono } from 'hono'
import type { OtpManager } from 'otpkit'
import { createHandler } from 'otpkit/http'

export function onHono(otp: OtpManager<'sms', 'login'>, open: (to: string) => Promise<string>) {
  const handler = createHandler(otp, {
    ip: (_request, context: Context) => getConnInfo(context).remote.address ?? null,
    purposes: { login: ['sms'] },
    verified: async ({ recipient }) => {
      const cookie = `session=${await open(recipient)}; HttpOnly; Secure; SameSite=Lax; Path=/`
      return new Response(null, { status: 204, headers: { 'set-cookie': cookie } })
    },
  })
  const app = new Hono()
  app.all('/otp/*', (context) => handler(context.req.raw, context))
  return app
}
