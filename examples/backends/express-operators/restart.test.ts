import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { freePort } from '../../../test/servers/process'
import { redisUrl } from '../../../test/servers/shared'
import {
  adminToken,
  asAdmin,
  company,
  mail,
  otherCompany,
  whatsapp,
  wrong,
} from '../operators/start-backend'
import { ownPostgres } from '../testing/own-postgres'
import { exitCode, runProcess, startProcess } from '../testing/start-process'
import { temporaryFolder } from '../testing/temporary-folder'

type Environment = Readonly<Record<string, string>>

const sms = { contact: '+919876543219', contact_type: 'sms' }
const purpose = 'operator_registration'

/** The example in a process of its own. */
async function run(environment: Environment) {
  const { post, get, printed, end } = await runProcess(environment)
  return {
    get,
    post,
    printed,
    end,
    receive: async (to: object) => {
      const { text } = await post('/auth/send-otp', { ...to, purpose })
      const [code] = /(?<="otp":")\d{6}/.exec(text) ?? []
      if (code === undefined) throw new Error(`no code in ${text}`)
      return code
    },
    verify: async (to: object, otp: string) =>
      (await post('/auth/verify-otp', { ...to, purpose, otp })).status,
    register: async (to: object, otp: string, registration_data: object) =>
      (await post('/operators/register', { ...to, otp, registration_data })).status,
  }
}

/** Codes in Redis beside accounts in a file, and everything in PostgreSQL. */
const places = [
  { name: 'Redis', variable: 'REDIS_URL', scheme: 'redis', url: redisUrl },
  { name: 'PostgreSQL', variable: 'DATABASE_URL', scheme: 'postgres', url: ownPostgres },
] as const

describe.each(places)('a backend with codes in $name', ({ name, variable, scheme, url }) => {
  async function environmentOf(): Promise<Environment> {
    return {
      [variable]: await url(),
      DATA_FOLDER: temporaryFolder(),
      ADMIN_TOKEN: adminToken,
      OTP_SECRET: randomBytes(32).toString('base64'),
    }
  }

  it('goes on after a restart in the middle of a registration', async () => {
    const environment = await environmentOf()
    const first = await run(environment)
    const sent = await first.receive(whatsapp)
    const guessed = await first.receive(sms)
    expect(await first.verify(sms, wrong(guessed))).toBe(400)
    expect(await first.verify(sms, wrong(guessed))).toBe(400)
    const verified = await first.receive(mail)
    expect(await first.verify(mail, verified)).toBe(200)
    expect(await first.end()).toBe(0)

    const second = await run(environment)
    expect(await second.register(whatsapp, sent, company)).toBe(201)
    expect(await second.register(whatsapp, sent, company)).toBe(409)
    expect(await second.register(mail, verified, otherCompany)).toBe(201)
    expect(await second.verify(sms, wrong(guessed))).toBe(400)
    // Its third guess was the last.
    expect(await second.verify(sms, guessed)).toBe(400)
    expect(await second.end()).toBe(0)

    expect(second.printed.out).toContain(`codes in ${name}`)
    expect(first.printed.error + second.printed.error).toBe('')
  })

  it('knows its sessions and its limits after a restart', async () => {
    const environment = await environmentOf()
    const first = await run(environment)
    await first.register(whatsapp, await first.receive(whatsapp), company)
    const user = { username: 'asha-travels', password: 'long enough', company_name: 'Asha Travels' }
    const { body } = await first.post('/api/users/register-operator/', user)
    const access: unknown = Reflect.get(Object(body), 'access')
    const { body: listed } = await first.get('/operators/', asAdmin)
    expect(listed).toHaveLength(2)
    expect(await first.end()).toBe(0)

    const second = await run(environment)
    expect((await second.get('/operators/', asAdmin)).body).toEqual(listed)
    const me = await second.get('/api/users/me', { Authorization: `Bearer ${access}` })
    expect(me.body).toMatchObject({ username: 'asha-travels' })
    const again = await second.post('/auth/send-otp', { ...whatsapp, purpose })
    expect([again.status, Number(again.headers.get('Retry-After')) > 0]).toEqual([429, true])
    expect(await second.end()).toBe(0)
  })

  it('takes a code once, at whichever of two processes it arrives', async () => {
    const environment = await environmentOf()
    const [first, second] = await Promise.all([run(environment), run(environment)])
    const code = await first.receive(whatsapp)
    const statuses = await Promise.all(
      [first, second, first, second].map(({ register }) => register(whatsapp, code, company)),
    )
    // A used code has the two attempts that were left, and is then as good as none.
    expect(statuses.toSorted()).toEqual([201, 400, 409, 409])
    expect((await second.get('/operators/', asAdmin)).body).toHaveLength(1)
    expect(await Promise.all([first.end(), second.end()])).toEqual([0, 0])
  })

  it('does not start while nothing listens there, and says so', async () => {
    const address = `${scheme}://otp:canary@127.0.0.1:${await freePort()}`
    const { child, printed } = startProcess({ ...(await environmentOf()), [variable]: address })
    expect(await exitCode(child)).toBe(1)
    expect(printed.error).toBe(
      `express-operators cannot start: ${variable}: ${name} cannot be used (ECONNREFUSED). ` +
        'Is it up, and are its address, name and password right?\n',
    )
  })

  it('ends when it cannot listen, with its connections', async () => {
    const { child, printed } = startProcess({ ...(await environmentOf()), HOST: '203.0.113.1' })
    expect(await exitCode(child)).toBe(1)
    expect(printed.error).toContain('HOST and PORT')
  })
})
