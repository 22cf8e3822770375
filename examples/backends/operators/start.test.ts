import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { exitCode, runProcess, startProcess } from '../testing/start-process'
import { temporaryFolder } from '../testing/temporary-folder'
import { adminToken, asAdmin, company, whatsapp } from './start-backend'

/** A port of this machine that somebody else listens on. */
async function takenPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return String(address.port)
}

/** It ends at once, and says what to configure in place of a stack. */
async function expectRefused(
  name: string,
  environment: Readonly<Record<string, string>>,
  ...named: readonly string[]
) {
  const { child, printed } = startProcess({ DATA_FOLDER: temporaryFolder(), ...environment }, name)
  expect(await exitCode(child)).toBe(1)
  expect(printed.error).toMatch(new RegExp(`^${name} cannot start: `))
  for (const text of named) expect(printed.error).toContain(text)
  expect(printed.error).not.toMatch(/^ +at /m)
}

const examples = ['express-operators', 'fastify-operators']

describe.each(examples)('%s', (name) => {
  it('starts untouched in development, prints codes, ends on SIGTERM, and keeps its accounts', async () => {
    const folder = join(temporaryFolder(), 'new')
    const first = await runProcess({ DATA_FOLDER: folder }, name)
    expect(first.printed.out).toContain('NODE_ENV is not set: starting in development')
    const page = await first.get('/')
    expect(page.status).toBe(200)
    expect(page.headers.get('Content-Type')).toContain('text/html')
    const sent = await first.post('/auth/send-otp', { ...whatsapp, purpose: 'registration' })
    const [otp = 'no code'] = /(?<="otp":")\d{6}/.exec(sent.text) ?? []
    const body = { ...whatsapp, otp, registration_data: company }
    expect((await first.post('/operators/register', body)).status).toBe(201)
    expect(await first.end()).toBe(0)
    expect(first.printed.out).toContain(otp)
    const [, token = ''] = /\/admin\n +with the token (\S+)/.exec(first.printed.out) ?? []
    expect(Buffer.from(token, 'base64')).toHaveLength(32)
    expect(readdirSync(folder)).toContain('operators.db')

    const second = await runProcess({ DATA_FOLDER: folder, ADMIN_TOKEN: adminToken }, name)
    const { body: listed } = await second.get('/operators/', asAdmin)
    expect(listed).toMatchObject([{ id: 1, company_name: company.company_name }])
    expect(await second.end()).toBe(0)
    expect(second.printed.out).not.toContain(adminToken)
    expect(first.printed.error + second.printed.error).toBe('')
  })

  it('refuses production without variables, and names all of them at once', async () => {
    await expectRefused(name, { NODE_ENV: 'production' }, 'OTP_SECRET', 'ADMIN_TOKEN', 'SMTP_URL')
  })

  it('refuses a host that is not here', async () => {
    await expectRefused(name, { HOST: '203.0.113.1' }, 'HOST and PORT', 'EADDRNOTAVAIL')
  })

  it('refuses a port that is in use, and says how to choose another', async () => {
    const port = await takenPort()
    const next = `PORT=${Number(port) + 1} npm start`
    await expectRefused(name, { PORT: port }, 'HOST and PORT', 'EADDRINUSE', next)
  })

  it('in development leads to its pages, and has a line for a request and none for its files', async () => {
    const { get, post, printed, end, url } = await runProcess(
      { DATA_FOLDER: temporaryFolder(), ADMIN_TOKEN: adminToken, OTP_COUNTRIES: 'GB,IN' },
      name,
    )
    expect(printed.out).toMatch(
      /^ {2}Register +http:\S+\/operator\/register\n +a number to try: \+44 7400 123456\n {2}Administration +http:\S+\/admin\n/m,
    )
    const places = Array.from(printed.out.matchAll(/^ {2}\S+ +(http:\S+)$/gm), ([, to = '']) => to)
    expect(places.length).toBeGreaterThanOrEqual(3)
    const page = await get('/operator/register')
    const files = Array.from(
      page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g),
      ([, to = '']) => to,
    )
    expect(files.length).toBeGreaterThan(1)
    for (const file of files) expect((await get(file)).status, file).toBe(200)
    const mobile = '+44 7400 123456'
    expect((await post('/api/users/send-otp/', { mobile })).status).toBe(200)
    for (const place of places) {
      const { status, headers } = await get(place.slice(url.length))
      // Who is not signed in is sent to where that is done.
      const isSignedInFor = place.endsWith('/admin/otp')
      expect([place, status]).toEqual([place, isSignedInFor ? 303 : 200])
      if (isSignedInFor) expect(headers.get('Location')).toBe('/admin')
      else expect(headers.get('Content-Type')).toContain('text/html')
    }
    expect(await end()).toBe(0)
    const after = printed.out.slice(printed.out.indexOf('Ctrl-C'))
    expect(after).toMatch(/^GET \/operator\/register 200 \d+ ms$/m)
    expect(after).toMatch(
      /\n\notpkit: sms to \+447400123456 .*: (\d{6})\n.*\n.*\1.*\n\nPOST \/api\/users\/send-otp\/ 200 \d+ ms\n/,
    )
    expect(after).not.toMatch(/assets|\{/)
    expect(printed.error).toBe('')
  })
})

describe('npm run example', () => {
  it.each(['', '../src'])('knows no example %j', async (name) => {
    const { child, printed } = startProcess({ DATA_FOLDER: temporaryFolder() }, name)
    expect(await exitCode(child)).toBe(1)
    for (const known of examples) expect(printed.error).toContain(`npm run example -- ${known}`)
  })

  it('refuses a data folder that is none, and names the variable', async () => {
    await expectRefused('express-operators', { DATA_FOLDER: '/dev/null/data' }, 'DATA_FOLDER')
  })
})
