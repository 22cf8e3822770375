import { createServer, type Server } from 'node:http'
import { consoleDelivery } from 'otpkit/deliveries/console'
import { memoryRateLimiter } from 'otpkit/rate-limiters/memory'
import { memoryStore } from 'otpkit/stores/memory'
import { createApp } from './app'
import { type Configuration, readConfiguration } from './configuration'
import { createBackend } from './operators/backend'
import { stderrLog } from './operators/fault-log'
import { memoryOperators } from './operators/operator-repository'

const shutdownMs = 10_000

const read = readConfiguration(process.env)
if (read.ok) {
  try {
    start(read.configuration)
  } catch (error) {
    // The library's word on an option, such as a secret that is not random.
    refuse([error instanceof Error ? error.message : 'unknown fault'])
  }
} else {
  refuse(read.problems)
}

function start({ port, host, secret, countries, trustedProxies }: Configuration): void {
  const delivery = consoleDelivery()
  const registration = createBackend({
    secret,
    countries,
    store: memoryStore(),
    rateLimiter: memoryRateLimiter(),
    deliveries: { whatsapp: delivery, sms: delivery, email: delivery },
    operators: memoryOperators(),
    exposeCode: true,
    log: stderrLog,
  })
  const server = createServer(createApp({ registration, log: stderrLog, trustedProxies }))
  server.once('error', (error) => refuse([`cannot listen at this HOST and PORT: ${error.message}`]))
  server.listen(port, host, () => {
    console.log(`Operator registration is at ${pageAddress(server, host)}`)
    console.log('Codes are printed here. Ctrl-C ends it, and forgets every operator.')
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(server))
}

/** Answers what has begun, takes nothing new, and ends. Told twice, it does not hurry. */
function stop(server: Server): void {
  if (!server.listening) return
  server.close(() => process.exit(0))
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
