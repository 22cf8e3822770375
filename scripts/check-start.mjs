// Does what the README says: `npm start`, then everything that it prints must hold. Ends it again.
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
let printed = ''
// It goes on reading to the end: a closed pipe would end the server.
child.stdout.setEncoding('utf8').on('data', (part) => {
  process.stdout.write(part)
  printed += part
})

try {
  await prints(/Ctrl-C ends it/, 'no end of what it has to say')
  const cookie = await signIn()
  const places = Array.from(printed.matchAll(/^ {2}\S.*?(http:\/\/\S+)$/gm), ([, place]) => place)
  if (places.length < 3) fail(`npm start printed ${places.length} addresses`)
  for (const place of places) {
    const page = await fetch(place, { headers: { cookie }, signal: AbortSignal.timeout(10_000) })
    const text = await page.text()
    if (!page.ok || !/<html/i.test(text)) fail(`${place} answered ${page.status}`)
    console.log(`${place} answers with a page of ${text.length} characters.`)
  }
  await receiveCode()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
  await Promise.race([ended, wait(15_000, undefined, { ref: false })])
}

/** The cookie that the printed token gets. */
async function signIn() {
  const [, token] = /with the token (\S+)/.exec(printed) ?? fail('npm start printed no token')
  const response = await post('/admin/session', { token })
  return response.headers.get('set-cookie')?.split(';')[0] ?? fail('the token signs nobody in')
}

/** Sends a code to the printed number: it must stand in the terminal, apart from everything else. */
async function receiveCode() {
  const [, mobile] = /a number to try: (.+)/.exec(printed) ?? fail('npm start printed no number')
  await post('/api/users/send-otp/', { mobile })
  await prints(/\n\n\S.*: \d{6}\n(?: .*\n)+\n/, 'no code that stands out')
}

async function post(path, body) {
  const [origin] = /http:\/\/[^\s/]+/.exec(printed) ?? []
  const response = await fetch(origin + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  return response.ok ? response : fail(`${path} answered ${response.status}`)
}

async function prints(text, orElse) {
  const tooLate = Date.now() + deadlineMs
  while (!text.test(printed)) {
    if (child.exitCode !== null) fail('npm start ended by itself')
    if (Date.now() > tooLate) fail(`npm start printed ${orElse}`)
    await wait(100)
  }
}

function fail(message) {
  throw new Error(message)
}
