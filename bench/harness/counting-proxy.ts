import { once } from 'node:events'
import { createServer, connect as openSocket, type Socket } from 'node:net'
import type { Backend } from '../protocol'
import { commandCounters } from './wire'

/** Stands before a server and counts what passes. */
export interface CountingProxy {
  readonly port: number
  /** So far. */
  counts(): Passed
  stop(): Promise<void>
}

export interface Passed {
  /** How often somebody began to wait for the server while nobody else did. */
  readonly roundTrips: number
  readonly commands: number
}

/** Starts one before a port of this machine. */
export async function startCountingProxy(backend: Backend, target: number): Promise<CountingProxy> {
  const sockets = new Set<Socket>()
  const waiting = new Set<Socket>()
  let [roundTrips, commands] = [0, 0]
  const server = createServer((client) => {
    const upstream = openSocket({ port: target, host: '127.0.0.1' })
    const countCommands = commandCounters[backend]()
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        waiting.delete(client)
        other.destroy()
      })
    }
    client.on('data', (request) => {
      commands += countCommands(request)
      if (waiting.size === 0) roundTrips += 1
      waiting.add(client)
      upstream.write(request)
    })
    upstream.on('data', (reply) => {
      waiting.delete(client)
      client.write(reply)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    counts: () => ({ roundTrips, commands }),
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
