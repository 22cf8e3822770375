import express from 'express'
import type { OtpManager } from 'otpkit'
import { createHandler, toNodeHandler } from 'otpkit/http'

export function onExpress(otp: OtpManager<'sms', 'login'>, open: (to: string) => Promise<string>) {
  const handler = createHandler(otp, {
    ip: (_request, { ip }: express.Request) => ip ?? null,
    purposes: { login: ['sms'] },
    verified: async ({ recipient }) => {
      const cookie = `session=${await open(recipient)}; HttpOnly; Secure; SameSite=Lax; Path=/`
      return new Response(null, { status: 204, headers: { 'set-cookie': cookie } })
    },
  })
  const app = express()
  app.use('/otp', toNodeHandler(handler))
  app.use(express.json())
  return app
}
