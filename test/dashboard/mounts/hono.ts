import { Hono } from 'hono'
import type { History, OtpManager } from 'otpkit'
import { createDashboard } from 'otpkit/dashboard'

export function onHono(
  otp: OtpManager<'sms', 'login'>,
  history: History,
  adminOf: (cookie: string) => Promise<string | null>,
) {
  const dashboard = createDashboard({
    otp,
    history,
    authorize: async (request) => {
      const name = await adminOf(request.headers.get('cookie') ?? '')
      return name !== null && { name, can: ['find', 'unlock'] }
    },
  })
  const app = new Hono()
  app.all('/admin/otp/*', (context) => dashboard(context.req.raw))
  return app
}
