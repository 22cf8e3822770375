import type { OtpManager } from 'otpkit'
import { createHandler } from 'otpkit/http'

export function onTheWeb(otp: OtpManager<'sms', 'login'>, open: (to: string) => Promise<string>) {
  return createHandler(otp, {
    // The header that your host writes: see ip.md.
    ip: ({ headers }) => headers.get('cf-connecting-ip'),
    purposes: { login: ['sms'] },
    verified: async ({ recipient }) => {
      const cookie = `session=${await open(recipient)}; HttpOnly; Secure; SameSite=Lax; Path=/`
      return new Response(null, { status: 204, headers: { 'set-cookie': cookie } })
    },
  })
}
