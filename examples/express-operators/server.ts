import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { consoleDelivery } from 'otpkit/deliveries/console'
import { createApp } from './app'
import { type Codes, openCodes } from './codes'
import { type Configuration, readConfiguration } from './configuration'
import { createBackend } from './operators/backend'
import { stderrLog } from './operators/fault-log'
import { memoryOperators } from './operators/operator-repository'

const shutdownMs = 10_000

const read = readConfiguration(process.env)
if (read.ok) {
  try {
    await start(read.configuration)
  } catch (error) {
    // Such as the library's word on an option, or what is wrong with the server of the codes.
    refuse([error instanceof Error ? error.message : 'unknown fault'])
  }
} else {
  refuse(read.problems)
}

async function start(configuration: Configuration): Promise<void> {
  const codes = await openCodes(configuration.codes, stderrLog)
  try {
    await serve(configuration, codes)
  } catch (error) {
    // An open connection would keep the process alive.
    await codes.close()
    throw error
  }
}

async function serve(configuration: Configuration, codes: Codes): Promise<void> {
  const { port, host, secret, countries, trustedProxies } = configuration
  const delivery = consoleDelivery()
  const registration = createBackend({
    secret,
    countries,
    store: codes.store,
    rateLimiter: codes.rateLimiter,
    deliveries: { whatsapp: delivery, sms: delivery, email: delivery },
    operators: memoryOperators(),
    exposeCode: true,
    log: stderrLog,
  })
  const server = createServer(createApp({ registration, log: stderrLog, trustedProxies }))
  await listen(server, port, host)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => stop(server, codes))
  }
  console.log(`Operator registration is at ${pageAddress(server, host)}`)
  console.log(`Codes are printed here, and kept in ${configuration.codes.name}.`)
  console.log('Ctrl-C ends it, and forgets every operator.')
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown fault'
    throw new Error(`cannot listen at this HOST and PORT: ${reason}`)
  }
}

/** Answers what has begun, takes nothing new, and ends. Told twice, it does not hurry. */
function stop(server: Server, codes: Codes): void {
  if (!server.listening) return
  server.close(async () => {
    await Promise.race([codes.close(), wait(shutdownMs)])
    process.exit(0)
  })
  setTimeout(() => server.closeAllConnections(), shutdownMs).unref()
}

function pageAddress(server: Server, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}/`
}

function refuse(problems: readonly string[]): void {
  const lines = problems.map((problem) => `- ${problem}`)
  console.error(['express-operators cannot start:', ...lines].join('\n'))
  process.exitCode = 1
}
