import express from 'express'
import type { History, OtpManager } from 'otpkit'
import { createDashboard } from 'otpkit/dashboard'
import { toNodeHandler } from 'otpkit/http'

export function onExpress(
  otp: OtpManager<'sms', 'login'>,
  history: History,
  adminOf: (cookie: string) => Promise<string | null>,
) {
  const dashboard = createDashboard({
    otp,
    history,
    authorize: async (_request, { headers }: express.Request) => {
      const name = await adminOf(headers.cookie ?? '')
      return name !== null && { name, can: ['find', 'unlock'] }
    },
  })
  const app = express()
  app.use('/admin/otp', toNodeHandler(dashboard))
  app.use(express.json())
  return app
}
