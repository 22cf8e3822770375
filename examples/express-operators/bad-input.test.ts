import { describe, expect, it } from 'vitest'
import { company, mail, otherCompany, startApp, whatsapp } from './start-app'

const canary = 'canary-5f1c'
const bodyError = (message: string) => [{ field: 'body', message }]
const fieldsOf = (errors: readonly { readonly field: string }[] = []) =>
  errors.map(({ field }) => field)

describe('bodies', () => {
  it.each([
    ['cut off', `{"contact":"${canary}`, 'Must be well-formed JSON'],
    ['white space', ' ', 'Must be well-formed JSON'],
    ['a text', `"${canary}"`, 'Must be well-formed JSON'],
    ['null', 'null', 'Must be well-formed JSON'],
    ['an array', `[{"contact":"${canary}"}]`, 'Must be a JSON object'],
  ])('refuses one that is %s, and stays up', async (_name, body, message) => {
    const app = await startApp()
    for (const path of ['/auth/send-otp', '/auth/verify-otp', '/operators/register']) {
      const answer = await app.post(path, body)
      expect(answer.status).toBe(400)
      expect(answer.body).toMatchObject({ status: 'error', code: 400, errors: bodyError(message) })
      expect(answer.text).not.toContain(canary)
    }
    expect((await app.send(whatsapp)).status).toBe(200)
    expect(app.logged).toEqual([])
  })

  it('refuses one of another type', async () => {
    const app = await startApp()
    const headers = { 'Content-Type': 'text/plain' }
    const answer = await app.post('/auth/send-otp', JSON.stringify(whatsapp), headers)
    expect(answer.body.errors).toEqual(bodyError('Must be a JSON object'))
    const charset = { 'Content-Type': 'application/json; charset=koi8-r' }
    expect((await app.post('/auth/send-otp', '{}', charset)).status).toBe(415)
  })

  it('S57 refuses one over 16 kB', async () => {
    const app = await startApp()
    const answer = await app.send({ ...whatsapp, contact: canary.repeat(2000) })
    expect(answer.status).toBe(413)
    expect(answer.body).toMatchObject({ status: 'error', code: 413 })
    expect(answer.body.message).toBe('The request body is over 16 kB')
    expect((await app.send(whatsapp)).status).toBe(200)
  })

  it('refuses a path that cannot be decoded', async () => {
    const { url } = await startApp()
    const response = await fetch(`${url}/%E0%A4%A`)
    expect([400, 404]).toContain(response.status)
    expect(await response.json()).toMatchObject({ status: 'error' })
  })
})

describe('fields', () => {
  it.each([
    ['no contact', { contact: undefined }, 'contact'],
    ['a contact that is a number', { contact: 919876543210 }, 'contact'],
    ['two contacts', { contact: [canary, canary] }, 'contact'],
    ['a contact that is an object', { contact: { $ne: canary } }, 'contact'],
    ['a contact that is no number', { contact: canary }, 'contact'],
    ['a number without its country', { contact: '9876543210' }, 'contact'],
    ['a number with a line break in it', { contact: '+91987\r\n6543210' }, 'contact'],
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
  ])('S56 refuses %s, and names the field', async (_name, change, field) => {
    const app = await startApp()
    const answer = await app.send({ ...whatsapp, ...change })
    expect(answer.status).toBe(400)
    expect(answer.body.message).toBe('Invalid request')
    expect(fieldsOf(answer.body.errors)).toEqual([field])
    expect(answer.text).not.toContain(canary)
    expect(app.deliveries.whatsapp.messages).toEqual([])
  })

  it.each([
    ['whatsapp', '', 'Required'],
    [
      'whatsapp',
      '98765 43210',
      'Must be a phone number with its country code, such as +919876543210',
    ],
    ['whatsapp', '+447911123456', 'Is in a country that is not served'],
    ['whatsapp', '+18005550199', 'Is not a number that can receive codes'],
    ['sms', '+911123456789', 'Cannot be reached over this channel'],
    ['sms', 'a@b.invalid', 'Must be a phone number with its country code, such as +919876543210'],
    ['email', ' ', 'Required'],
    ['email', 'a@b@c.com', 'Must be an e-mail address, such as name@company.com'],
    ['email', 'a@b.invalid', 'Is at a domain that cannot receive mail'],
    ['email', '+447911123456', 'Must be an e-mail address, such as name@company.com'],
  ])('says what is wrong with the %s contact %j', async (contact_type, contact, message) => {
    const app = await startApp()
    const answer = await app.send({ contact_type, contact })
    expect(answer.body.errors).toEqual([{ field: 'contact', message }])
  })

  it('reads the phone number of a company as it reads a contact', async () => {
    const app = await startApp()
    const registration_data = { ...company, contact_phone: '+447911123456' }
    const message = 'Is in a country that is not served'
    const claimed = await app.register({ ...mail, otp: '123456', registration_data })
    expect(claimed.body.errors).toEqual([{ field: 'registration_data.contact_phone', message }])
    const contact = registration_data.contact_phone
    const body = { ...whatsapp, contact, otp: '123456', registration_data: company }
    expect((await app.register(body)).body.errors).toEqual([{ field: 'contact', message }])
  })

  it.each([
    [undefined],
    [null],
    [123456],
    [['123456']],
    [{}],
    [''],
    ['12'],
    ['12345678901'],
    [canary],
  ])('S56 refuses the code %j', async (otp) => {
    const app = await startApp()
    const known = await app.receive(whatsapp)
    const verified = await app.verify({ ...whatsapp, otp })
    const registered = await app.register({ ...whatsapp, otp, registration_data: company })
    for (const answer of [verified, registered]) {
      expect(answer.status).toBe(400)
      expect(fieldsOf(answer.body.errors)).toEqual(['otp'])
      expect(answer.text).not.toContain(canary)
    }
    expect((await app.verify({ ...whatsapp, otp: known })).status).toBe(200)
  })

  it('names every wrong field of a registration at once', async () => {
    const app = await startApp()
    const registration_data = {
      company_name: '  ',
      contact_phone: canary,
      business_license: `${canary}!`,
      address: canary.repeat(50),
      city: 7,
      state: null,
      country: `${canary}\u202e`,
      postal_code: `#${canary}`,
    }
    const answer = await app.register({ ...whatsapp, otp: '123456', registration_data })
    const names = Object.keys(registration_data).map((name) => `registration_data.${name}`)
    expect(fieldsOf(answer.body.errors)).toEqual(names)
    expect(answer.text).not.toContain(canary)
  })

  it.each([[undefined], [null], ['text'], [[]], [[company]]])(
    'refuses the registration data %j',
    async (registration_data) => {
      const app = await startApp()
      const answer = await app.register({ ...whatsapp, otp: '123456', registration_data })
      expect(answer.status).toBe(400)
      expect(answer.body.errors?.[0]?.field).toMatch(/^registration_data/)
    },
  )

  it('takes no other phone number than the proven one', async () => {
    const app = await startApp()
    const otp = await app.receive(whatsapp)
    const answer = await app.register({ ...whatsapp, otp, registration_data: otherCompany })
    expect(fieldsOf(answer.body.errors)).toEqual(['registration_data.contact_phone'])
    const again = await app.register({ ...whatsapp, otp, registration_data: company })
    expect(again.status).toBe(201)
  })

  it('S66 ignores what the schema does not know, prototypes included', async () => {
    const app = await startApp()
    const otp = await app.receive(whatsapp)
    const data = { ...company, status: 'ACTIVE', id: 99 }
    const body = JSON.stringify({ ...whatsapp, otp, registration_data: data })
    const polluted = body.replace('{', '{"__proto__":{"polluted":true},"constructor":{},')
    const answer = await app.post('/operators/register', polluted)
    expect(answer.body.data).toMatchObject({ operator: { id: 1, status: 'PENDING' } })
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('keeps names in every script as they are', async () => {
    const app = await startApp()
    const otp = await app.receive(whatsapp)
    const names = { company_name: 'شرکت اتوبوس‌رانی', city: 'মুম্বই', state: 'महाराष्ट्र' }
    const data = { ...company, ...names }
    const answer = await app.register({ ...whatsapp, otp, registration_data: data })
    expect(answer.body.data).toMatchObject({ operator: names })
  })
})
