import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url))

/** Starts an example as `npm start` does, and collects what it prints. */
function start(environment: Readonly<Record<string, string>>, name = 'express-operators') {
  const { PATH } = process.env
  const env = { ...(PATH === undefined ? {} : { PATH }), PORT: '0', ...environment }
  const child = spawn(process.execPath, [tsx, 'examples/run.ts', name], { cwd: root, env })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const printed = { out: '', error: '' }
  child.stdout.on('data', (text) => {
    printed.out += text
  })
  child.stderr.on('data', (text) => {
    printed.error += text
  })
  return { child, printed }
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, 'close')
  return code
}

async function addressOf({ child, printed }: ReturnType<typeof start>): Promise<string> {
  for (;;) {
    const [address] = /http:\/\/\S+/.exec(printed.out) ?? []
    if (address !== undefined) return address
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'close').then(() => {
        throw new Error(`it ended: ${printed.error}`)
      }),
    ])
  }
}

describe('npm start', () => {
  it('says that it is in development, serves the page, prints codes, and ends on SIGTERM', async () => {
    const started = start({})
    const { child, printed } = started
    const address = await addressOf(started)
    expect(printed.out).toContain('NODE_ENV is not set: starting in development')
    const page = await fetch(address)
    expect(await page.text()).toContain('<title>Register your bus company</title>')

    const sent = await fetch(`${address}auth/send-otp`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"contact":"+919876543210","contact_type":"whatsapp","purpose":"registration"}',
    })
    const { data } = await sent.json()
    expect(data.otp).toMatch(/^\d{6}$/)
    expect(printed.out).toContain(data.otp)

    child.kill('SIGTERM')
    expect(await exitCode(child)).toBe(0)
    expect(printed.error).toBe('')
  })

  it.each([
    ['another mode', { NODE_ENV: 'production' }, ['OTP_SECRET', 'no delivery is configured']],
    ['a secret that is not random', { OTP_SECRET: 'ab'.repeat(20) }, ['secret', 'random']],
    ['a country that does not exist', { COUNTRIES: 'IN,ZZ' }, ['countries', 'ISO 3166']],
    ['a host that is not here', { HOST: '203.0.113.1' }, ['HOST', 'PORT']],
  ])('refuses %s, and says what to configure', async (_name, environment, named) => {
    const { child, printed } = start(environment)
    expect(await exitCode(child)).toBe(1)
    for (const text of named) expect(printed.error).toContain(text)
    expect(printed.error).not.toMatch(/^ +at /m)
  })

  it.each(['', '../src'])('knows no example %j', async (name) => {
    const { child, printed } = start({}, name)
    expect(await exitCode(child)).toBe(1)
    expect(printed.error).toContain('npm run example -- express-operators')
  })
})
