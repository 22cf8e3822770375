import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import type { Request as ExpressRequest } from 'express'
import type { OtpManager } from 'otpkit'
import { createHandler, toNodeHandler } from 'otpkit/http'

class AppModule {}
Module({})(AppModule)

export async function onNest(
  otp: OtpManager<'sms', 'login'>,
  open: (to: string) => Promise<string>,
) {
  const handler = createHandler(otp, {
    ip: (_request, { ip }: ExpressRequest) => ip ?? null,
    purposes: { login: ['sms'] },
    verified: async ({ recipient }) => {
      const cookie = `session=${await open(recipient)}; HttpOnly; Secure; SameSite=Lax; Path=/`
      return new Response(null, { status: 204, headers: { 'set-cookie': cookie } })
    },
  })
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: false })
  // Before `listen` and `init`, which put the parsers of bodies behind it.
  app.use('/otp', toNodeHandler(handler))
  return app
}
