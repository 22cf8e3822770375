// Does what the README says: `npm start`, then the page that it prints must answer. Ends it again.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'

const deadlineMs = 60_000

// A group of its own, so that what npm starts ends with it. Without the variables that a new user has not set.
const { NODE_ENV: _, REDIS_URL: __, DATABASE_URL: ___, ...environment } = process.env
const child = spawn('npm', ['start'], {
  detached: true,
  env: { ...environment, PORT: '0', HOST: '127.0.0.1' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const ended = once(child, 'exit')

try {
  const address = await Promise.race([
    printedAddress(),
    ended.then(() => fail('npm start ended by itself')),
    wait(deadlineMs, undefined, { ref: false }).then(() => fail('npm start printed no address')),
  ])
  const page = await fetch(address, { signal: AbortSignal.timeout(10_000) })
  const text = await page.text()
  if (!page.ok || !/<html/i.test(text)) fail(`${address} answered ${page.status}`)
  console.log(`${address} answers with a page of ${text.length} characters.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
  await Promise.race([ended, wait(15_000, undefined, { ref: false })])
}

// It goes on reading after the address: a closed pipe would end the server.
function printedAddress() {
  return new Promise((resolve) => {
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (part) => {
      process.stdout.write(part)
      printed += part
      const [, address] = /(http:\/\/\S+)\s/.exec(printed) ?? []
      if (address !== undefined) resolve(address)
    })
  })
}

function fail(message) {
  throw new Error(message)
}
