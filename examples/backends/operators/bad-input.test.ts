import { describe, expect, it } from 'vitest'
import { type Answer, frameworks } from '../testing/start-site'
import { company, mail, otherCompany, startBackend, whatsapp } from './start-backend'

const canary = 'canary-5f1c'
const invalid = {
  status: 'error',
  code: 400,
  message: 'Invalid request',
  detail: 'Invalid request',
}

/** Refused for these fields and no others, and without a word of what they held. */
function expectRefused(answer: Answer, ...fields: readonly string[]) {
  expect(answer.status).toBe(400)
  const errors = fields.map((field) => ({ field, message: expect.stringMatching(/./) }))
  expect(answer.body).toMatchObject({ ...invalid, errors })
  expect(answer.text).not.toContain(canary)
}

describe.each(frameworks)('bodies on %s', (_name, framework) => {
  it.each([
    ['cut off', `{"contact":"${canary}`, 'Must be well-formed JSON'],
    ['white space', ' ', 'Must be well-formed JSON'],
    ['empty', '', 'Must be a JSON object'],
    ['a text', `"${canary}"`, 'Must be a JSON object'],
    ['null', 'null', 'Must be a JSON object'],
    ['an array', `[{"contact":"${canary}"}]`, 'Must be a JSON object'],
  ])('are refused that are %s, and it stays up', async (_name, body, message) => {
    const { post, send, alarms } = await startBackend(framework)
    for (const path of ['/auth/send-otp', '/auth/verify-otp', '/operators/register']) {
      const answer = await post(path, body)
      expectRefused(answer, 'body')
      expect(answer.body).toMatchObject({ errors: [{ message }] })
    }
    expect((await send(whatsapp)).status).toBe(200)
    expect(alarms()).toEqual([])
  })

  it('are refused that are of another type or in another character set', async () => {
    const { post } = await startBackend(framework)
    for (const type of ['text/plain', 'application/json; charset=koi8-r']) {
      const headers = { 'Content-Type': type }
      const answer = await post('/auth/send-otp', JSON.stringify(whatsapp), headers)
      expect(answer.status).toBe(415)
      const message = 'The request body must be JSON in UTF-8'
      expect(answer.body).toMatchObject({ status: 'error', code: 415, message, detail: message })
    }
  })

  it('S57 are refused over 16 kB', async () => {
    const { send } = await startBackend(framework)
    const answer = await send({ ...whatsapp, contact: canary.repeat(2000) })
    expect(answer.status).toBe(413)
    const message = 'The request body is over 16 kB'
    expect(answer.body).toMatchObject({ status: 'error', code: 413, message, detail: message })
    expect((await send(whatsapp)).status).toBe(200)
  })

  it.each(['/nothing-here', '/auth/send-otp', '/%E0%A4%A'])(
    'are not looked for at GET %s, which is refused in the envelope',
    async (path) => {
      const { get } = await startBackend(framework)
      const answer = await get(path)
      expect([400, 404]).toContain(answer.status)
      expect(answer.body).toMatchObject({
        status: 'error',
        code: answer.status,
        meta: { requestId: expect.any(String), timestamp: expect.any(String) },
      })
    },
  )

  it('S66 are read without what the schema does not know, prototypes included', async () => {
    const { post, receive } = await startBackend(framework)
    const otp = await receive(whatsapp)
    const data = { ...company, status: 'ACTIVE', id: 99, phone_verified: 0 }
    const body = JSON.stringify({ ...whatsapp, otp, registration_data: data })
    const polluted = body.replace('{', '{"__proto__":{"polluted":true},"constructor":{},')
    const answer = await post('/operators/register', polluted)
    expect(answer.body).toMatchObject({
      data: { operator: { id: 1, status: 'PENDING', phone_verified: true } },
    })
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('keep names in every script as they are', async () => {
    const { register, receive } = await startBackend(framework)
    const otp = await receive(whatsapp)
    const names = { company_name: 'شرکت اتوبوس‌رانی', city: 'মুম্বই', state: 'महाराष्ट्र' }
    const answer = await register({ ...whatsapp, otp, registration_data: { ...company, ...names } })
    expect(answer.body).toMatchObject({ data: { operator: names } })
  })
})

describe.each(frameworks)('fields on %s', (_name, framework) => {
  it.each([
    ['no contact', { contact: undefined }, 'contact'],
    ['a contact that is a number', { contact: 919876543210 }, 'contact'],
    ['two contacts', { contact: [canary, canary] }, 'contact'],
    ['a contact that is an object', { contact: { $ne: canary } }, 'contact'],
    ['a contact that is no number', { contact: canary }, 'contact'],
    ['a number without its country', { contact: '9876543210' }, 'contact'],
    ['a number with a control character in it', { contact: '+9198765\u000743210' }, 'contact'],
    ['a number of a country that is not served', { contact: '+447911123456' }, 'contact'],
    ['a number that takes no message', { contact: '+18005550199' }, 'contact'],
    ['an address for WhatsApp', { contact: 'person@example.com' }, 'contact'],
    ['an address with another one in it', { ...mail, contact: 'a@b.com,c@d.com' }, 'contact'],
    ['an address in another script', { ...mail, contact: 'tést@example.com' }, 'contact'],
    ['a number for e-mail', { contact_type: 'email' }, 'contact'],
    ['an unknown contact type', { contact_type: canary }, 'contact_type'],
    ['a contact type of a prototype', { contact_type: '__proto__' }, 'contact_type'],
    ['two contact types', { contact_type: ['sms', 'email'] }, 'contact_type'],
    ['an unknown purpose', { purpose: canary }, 'purpose'],
    ['a purpose of a prototype', { purpose: 'constructor' }, 'purpose'],
    ['a purpose that is a number', { purpose: 1 }, 'purpose'],
  ])('S56 that are wrong are named: %s', async (_name, change, field) => {
    const { send, deliveries } = await startBackend(framework)
    expectRefused(await send({ ...whatsapp, ...change }), field)
    expect(deliveries.whatsapp.messages).toEqual([])
  })

  it('S56 that are no code are refused, and cost nothing', async () => {
    const { receive, register, verify } = await startBackend(framework)
    const known = await receive(whatsapp)
    const wrong = [undefined, null, 123456, ['123456'], {}, '', '12', '12345678901', canary]
    for (const otp of wrong) {
      expectRefused(await verify({ ...whatsapp, otp }), 'otp')
      expectRefused(await register({ ...whatsapp, otp, registration_data: company }), 'otp')
    }
    expect((await verify({ ...whatsapp, otp: known })).status).toBe(200)
  })

  it('of a registration that are wrong are all named at once', async () => {
    const { register } = await startBackend(framework)
    const registration_data = {
      company_name: '  ',
      business_license: `${canary}!`,
      address: canary.repeat(50),
      city: 7,
      state: null,
      country: `${canary}\u202e`,
      postal_code: `#${canary}`,
      contact_phone: canary,
    }
    const answer = await register({ ...whatsapp, otp: '123456', registration_data })
    const names = Object.keys(registration_data)
    expectRefused(answer, ...names.map((name) => `registration_data.${name}`))
  })

  it('of a registration are an object', async () => {
    const { register } = await startBackend(framework)
    for (const registration_data of [undefined, null, 'text', [], [company]]) {
      const answer = await register({ ...whatsapp, otp: '123456', registration_data })
      expectRefused(answer, 'registration_data')
    }
    const empty = await register({ ...whatsapp, otp: '123456', registration_data: {} })
    expect(empty.body).toMatchObject({
      errors: Object.keys(company).map(() => ({ message: 'Required' })),
    })
  })
})

describe.each(frameworks)('contacts on %s', (_name, framework) => {
  const noPhone = 'Must be a phone number with its country code, such as +919876543210'
  const noAddress = 'Must be an e-mail address, such as name@company.com'

  it('are refused with what is wrong', async () => {
    const { send } = await startBackend(framework)
    for (const [contact_type, contact, message] of [
      ['whatsapp', '', 'Required'],
      ['whatsapp', '98765 43210', noPhone],
      ['whatsapp', '+447911123456', 'Is in a country that is not served'],
      ['whatsapp', '+18005550199', 'Is not a number that can receive codes'],
      ['sms', '+911123456789', 'Cannot be reached over this channel'],
      ['sms', 'a@b.invalid', noPhone],
      ['email', ' ', 'Required'],
      ['email', 'a@b@c.com', noAddress],
      ['email', 'a@b.invalid', 'Is at a domain that cannot receive mail'],
      ['email', '+447911123456', noAddress],
    ]) {
      const answer = await send({ contact_type, contact })
      expect(answer.body).toMatchObject({ ...invalid, errors: [{ field: 'contact', message }] })
    }
  })

  it('of a company are read as its own contact is', async () => {
    const { register } = await startBackend(framework)
    const contact = '+447911123456'
    const message = 'Is in a country that is not served'
    const data = { ...company, contact_phone: contact }
    const claimed = await register({ ...mail, otp: '123456', registration_data: data })
    expect(claimed.body).toMatchObject({
      errors: [{ field: 'registration_data.contact_phone', message }],
    })
    const body = { ...whatsapp, contact, otp: '123456', registration_data: company }
    expect((await register(body)).body).toMatchObject({ errors: [{ field: 'contact', message }] })
  })

  it('S15 of a company that is registered by phone are the proven number', async () => {
    const { receive, register } = await startBackend(framework)
    const otp = await receive(whatsapp)
    const answer = await register({ ...whatsapp, otp, registration_data: otherCompany })
    expectRefused(answer, 'registration_data.contact_phone')
    const again = await register({ ...whatsapp, otp, registration_data: company })
    expect(again.status).toBe(201)
  })
})

describe.each(frameworks)('queries of the lists on %s', (_name, framework) => {
  it('S56 that are wrong are named', async () => {
    const { get } = await startBackend(framework)
    for (const [query, field] of [
      [`status=${canary}`, 'status'],
      ['status=ACTIVE&status=PENDING', 'status'],
      ['status=active', 'status'],
      ['skip=-1', 'skip'],
      ['skip=1e3', 'skip'],
      [`skip=${canary}`, 'skip'],
      ['skip=99999999', 'skip'],
      ['limit=0', 'limit'],
      ['limit=101', 'limit'],
      ['limit=', 'limit'],
      ['limit=10&limit=20', 'limit'],
      ['search[$ne]=1&search=a&search=b', 'search'],
      [`search=${canary.repeat(10)}`, 'search'],
    ] as const) {
      expectRefused(await get(`/operators/public?${query}`), field)
    }
    expect((await get('/operators/public?limit=100&skip=1000000&more=1')).body).toEqual([])
  })
})
