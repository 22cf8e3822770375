import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Redis } from 'ioredis'
import pg from 'pg'
import { WebSocketServer } from 'ws'

// Stand-ins for hosts: they speak as the vendor's client expects it, to a real server behind them.

/** A server of a host's protocol on loopback. */
export interface Relay {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** The HTTP API of Neon: a statement and its values, over a connection of a pool. */
export async function relayNeonHttp(connectionString: string): Promise<Relay> {
  // What the API answers is text; the client makes values of it by the types of the fields.
  const asText = { getTypeParser: () => String }
  const pool = new pg.Pool({ connectionString, max: 10 })
  return serve(
    async (body) => {
      const { query, params } = Object(JSON.parse(body))
      try {
        const result = await pool.query({
          text: String(query),
          values: Array.isArray(params) ? params : [],
          rowMode: 'array',
          types: asText,
        })
        const { command, rowCount, fields, rows } = result
        return [200, { command, rowCount, rowAsArray: true, fields, rows }]
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error
        const { message, code, detail, severity } = error
        return [400, { message, code, detail, severity }]
      }
    },
    () => pool.end(),
  )
}

/** The HTTP API of Upstash: one command as a list, or a pipeline of them. */
export async function relayUpstash(url: string): Promise<Relay> {
  const client = new Redis(url)
  client.on('error', () => {})
  const run = async (command: unknown[]) => {
    const [name = '', ...args] = command.map(String)
    try {
      return { result: await client.call(name, ...args) }
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) }
    }
  }
  return serve(
    async (body, request) => {
      const command: unknown = JSON.parse(body)
      if (!Array.isArray(command)) return [400, { error: 'ERR no command' }]
      const inBase64 = request.headers['upstash-encoding'] === 'base64'
      const answer = async (one: unknown[]) => encode(await run(one), inBase64)
      if (request.url === '/pipeline') return [200, await Promise.all(command.map(answer))]
      const answered = await answer(command)
      return ['error' in Object(answered) ? 400 : 200, answered]
    },
    async () => client.disconnect(),
  )
}

/** The WebSocket proxy of Neon: the protocol of PostgreSQL, byte for byte. */
export async function relayNeonSocket(connectionString: string): Promise<Relay> {
  const target = new URL(connectionString)
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket) => {
    const database = connect(Number(target.port), target.hostname)
    socket.on('message', (data) => {
      if (Buffer.isBuffer(data)) database.write(data)
    })
    database.on('data', (data) => socket.send(data))
    socket.on('close', () => database.destroy())
    for (const one of [socket, database]) one.on('error', () => {})
    database.on('close', () => socket.close())
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `127.0.0.1:${address.port}`,
    port: address.port,
    close: async () => {
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}

type Answer = readonly [status: number, body: unknown]

async function serve(
  answer: (body: string, request: IncomingMessage) => Promise<Answer>,
  close: () => Promise<void>,
): Promise<Relay> {
  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy())
  })
  async function respond(request: IncomingMessage, response: ServerResponse) {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(Buffer.from(part))
    const [status, body] = await answer(Buffer.concat(parts).toString(), request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await close()
    },
  }
}

// Upstash's client asks for texts in base64, and leaves numbers and OK as they are.
function encode(value: unknown, inBase64: boolean): unknown {
  if (!inBase64) return value
  if (typeof value === 'string') {
    return value === 'OK' ? value : Buffer.from(value).toString('base64')
  }
  if (Array.isArray(value)) return value.map((one) => encode(one, true))
  if (typeof value === 'object' && value !== null && 'result' in value) {
    return { result: encode(value.result, true) }
  }
  return value
}
