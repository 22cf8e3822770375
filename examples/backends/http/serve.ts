import { setTimeout as wait } from 'node:timers/promises'
import type { Site, WebFramework } from './site'

const shutdownMs = 10_000

/** Where a site is served, and what has to be let go of when it ends. */
export interface Serving {
  readonly site: Site
  readonly framework: WebFramework
  readonly port: number
  readonly host: string
  /** Lets go of databases and the like, once the last request is answered. */
  close(): Promise<void>
}

/** Serves the site until SIGINT or SIGTERM, and says at which address. */
export async function serve({ site, framework, port, host, close }: Serving): Promise<string> {
  const server = framework(site)
  const listening = await server.listen(port, host).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : 'unknown fault'
    const isTaken = error instanceof Error && Reflect.get(error, 'code') === 'EADDRINUSE'
    const wayOut = isTaken ? `. Choose another port, as in: PORT=${nextTo(port)} npm start` : ''
    throw new Error(`cannot listen at this HOST and PORT: ${reason}${wayOut}`)
  })

  let isStopping = false
  /** Answers what has begun, takes nothing new, and ends. Told twice, it does not hurry. */
  async function stop(): Promise<void> {
    if (isStopping) return
    isStopping = true
    setTimeout(() => server.closeAllConnections(), shutdownMs).unref()
    await server.close()
    await Promise.race([close(), wait(shutdownMs)])
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)

  const isEverywhere = host === '0.0.0.0' || host === '::'
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${listening}/`
}

const nextTo = (port: number) => (port < 65_535 ? port + 1 : 3000)

/** Starts an example, or says in its place what to configure. */
export async function start(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    // Such as what is wrong with the variables, or with the server of the codes.
    const reason = error instanceof Error ? error.message : 'unknown fault'
    console.error(`${name} cannot start: ${reason}`)
    // What is open by now, such as a connection, would keep the process alive.
    process.exit(1)
  }
}
