import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Controller, Get, Ip, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import express from 'express'
import fastify from 'fastify'
import { type Context, Hono } from 'hono'

/** An app that answers `GET /` with the address that docs/ip.md says to pass. */
export type App = (proxies: number) => Promise<Server>

const onExpress: App = async (proxies) => {
  const app = express()
  if (proxies > 0) app.set('trust proxy', proxies)
  app.get('/', (request, response) => {
    const { ip = null } = request
    response.json(ip)
  })
  return createServer(app)
}

const onFastify: App = async (proxies) => {
  const app = fastify(proxies > 0 ? { trustProxy: (_address, hop) => hop < proxies } : {})
  app.get('/', async ({ ip }) => JSON.stringify(ip))
  await app.ready()
  return app.server
}

const onNest: App = async (proxies) => {
  // Decorators by hand, as the tests are compiled without them.
  class IpController {
    read(ip: string) {
      return JSON.stringify(ip)
    }
  }
  class AppModule {}
  const { prototype } = IpController
  Get()(prototype, 'read', Object.getOwnPropertyDescriptor(prototype, 'read') ?? {})
  Ip()(prototype, 'read', 0)
  Controller()(IpController)
  Module({ controllers: [IpController] })(AppModule)

  const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: false })
  if (proxies > 0) app.set('trust proxy', proxies)
  await app.init()
  return app.getHttpServer()
}

const onHono: App = async (proxies) => {
  function clientIp(context: Context): string | null {
    if (proxies === 0) return getConnInfo(context).remote.address ?? null
    const forwarded = context.req.header('x-forwarded-for')?.split(',') ?? []
    return forwarded.at(-proxies)?.trim() ?? null
  }
  const app = new Hono()
  app.get('/', (context) => context.json(clientIp(context)))
  return createServer(getRequestListener(app.fetch))
}

export const apps: readonly (readonly [string, App])[] = [
  ['Express', onExpress],
  ['Fastify', onFastify],
  ['NestJS', onNest],
  ['Hono', onHono],
]

/** Listens on a free port of this machine. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
