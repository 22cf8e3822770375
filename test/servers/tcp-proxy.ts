import { once } from 'node:events'
import { createServer, connect as openSocket, type Socket } from 'node:net'

/**
 * Where a connection is cut: before the server sees the request, while it sees it (nobody knows
 * what becomes of it), or when its reply has come and only the client has not seen it.
 */
export type Fault = 'before the request' | 'after the request' | 'before the reply'

/** Stands between a client and its server, and breaks the connection where a test says. */
export interface TcpProxy {
  readonly port: number
  /**
   * Cuts the connection of the next request at this point, once; `skip` requests pass before it.
   * Resolves when it has struck.
   */
  cut(fault: Fault, skip?: number): Promise<void>
  /** Calls off a cut that has not struck. */
  callOff(): void
  /** Whether replies are kept back, from now on. The server goes on working. */
  holdReplies(held: boolean): void
  /** Cuts all connections, and refuses new ones until told otherwise. */
  refuse(refused: boolean): void
  stop(): Promise<void>
}

interface Plan {
  readonly fault: Fault
  skip: number
  /** The connection whose reply is awaited, once its request has gone through. */
  client?: Socket
  struck(): void
}

/** Starts a proxy in front of a port of this machine. Requests are told apart by their packets. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const heldReplies: (() => void)[] = []
  let plan: Plan | undefined
  let holding = false
  let refusing = false

  const server = createServer((client) => {
    if (refusing) {
      client.destroy()
      return
    }
    const upstream = openSocket({ port: targetPort, host: '127.0.0.1' })
    const cutBoth = () => {
      client.destroy()
      upstream.destroy()
    }
    const strike = (struck: Plan) => {
      plan = undefined
      cutBoth()
      struck.struck()
    }
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.on('error', cutBoth)
      socket.on('close', () => {
        sockets.delete(socket)
        cutBoth()
      })
    }
    client.on('data', (request) => {
      const current = plan?.client === undefined ? plan : undefined
      if (current === undefined || current.skip > 0) {
        if (current !== undefined) current.skip -= 1
        upstream.write(request)
      } else if (current.fault === 'before the request') {
        strike(current)
      } else if (current.fault === 'after the request') {
        upstream.write(request, () => strike(current))
      } else {
        current.client = client
        upstream.write(request)
      }
    })
    upstream.on('data', (reply) => {
      if (plan?.client === client) strike(plan)
      else if (holding) heldReplies.push(() => client.write(reply))
      else client.write(reply)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  const cutAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    cut: (fault, skip = 0) =>
      new Promise((resolve) => {
        plan = { fault, skip, struck: resolve }
      }),
    callOff() {
      plan = undefined
    },
    holdReplies(held) {
      holding = held
      if (!held) for (const release of heldReplies.splice(0)) release()
    },
    refuse(refused) {
      refusing = refused
      if (refused) cutAll()
    },
    async stop() {
      cutAll()
      server.close()
      await once(server, 'close')
    },
  }
}
