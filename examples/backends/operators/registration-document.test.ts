import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import {
  asAdmin,
  company,
  email,
  invalidCode,
  mail,
  otherCompany,
  phone,
  startBackend,
  whatsapp,
} from './start-backend'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
const meta = { requestId: expect.stringMatching(uuid), timestamp: instant }

const success = (code: number, data: unknown) => ({ status: 'success', code, data, meta })
const verifiedBody = success(200, { verified: true })

/** The operator as the document prints it, and the fields that came later. */
const byWhatsapp = {
  ...company,
  owner_name: null,
  contact_email: `operator_${phone}@temp.com`,
  email_verified: false,
  phone_verified: true,
  status: 'PENDING',
  created_at: instant,
  updated_at: instant,
}
const byEmail = {
  ...byWhatsapp,
  ...otherCompany,
  contact_email: email,
  email_verified: true,
  phone_verified: false,
}

const registered = (operator: typeof byWhatsapp, id: number) =>
  success(201, {
    operator: { id, ...operator },
    login_credentials: {
      email: operator.contact_email,
      mobile: operator.contact_phone,
      temporary_password: expect.stringMatching(/^[A-Za-z2-9]{16}$/),
      message:
        'Please change your password after first login. You can use email or mobile for OTP login.',
    },
  })

/** As the public list shows it. */
const listed = ({
  company_name,
  contact_email,
  contact_phone,
  city,
  state,
}: typeof byWhatsapp) => ({
  company_name,
  contact_email,
  contact_phone,
  status: 'ACTIVE',
  city,
  state,
  created_at: instant,
})

describe.each(frameworks)('the registration guide on %s', (_name, framework) => {
  it('is answered request by request, from the code to the lists', async () => {
    const { post, get, deliveries } = await startBackend(framework)
    const sent = await post('/auth/send-otp', { ...whatsapp, purpose: 'operator_registration' })
    expect([sent.status, sent.body]).toEqual([200, success(200, { expires_in_seconds: 300 })])
    const mailed = await post('/auth/send-otp', { ...mail, purpose: 'operator_registration' })
    expect([mailed.status, mailed.body]).toEqual([200, success(200, { expires_in_seconds: 300 })])

    const otp = deliveries.whatsapp.lastCode(phone)
    const verified = await post('/auth/verify-otp', { ...whatsapp, otp, purpose: 'registration' })
    expect([verified.status, verified.body]).toEqual([200, verifiedBody])
    const mailedOtp = deliveries.email.lastCode(email)
    const mailVerified = { ...mail, otp: mailedOtp, purpose: 'registration' }
    expect((await post('/auth/verify-otp', mailVerified)).body).toEqual(verifiedBody)

    const first = { ...whatsapp, otp, registration_data: company }
    const created = await post('/operators/register', first)
    expect([created.status, created.body]).toEqual([201, registered(byWhatsapp, 1)])
    const second = { ...mail, otp: mailedOtp, registration_data: otherCompany }
    const mailCreated = await post('/operators/register', second)
    expect([mailCreated.status, mailCreated.body]).toEqual([201, registered(byEmail, 2)])

    const pending = '/operators/?search=Test&status=PENDING&skip=0&limit=100'
    const all = await get(pending, asAdmin)
    expect([all.status, all.body]).toEqual([
      200,
      [
        { id: 1, ...byWhatsapp },
        { id: 2, ...byEmail },
      ],
    ])
    expect(all.headers.get('X-Total-Count')).toBe('2')

    const active = '/operators/public?search=Mumbai&status=ACTIVE&skip=0&limit=50'
    expect((await get(active)).body).toEqual([])
    for (const id of [1, 2]) await post(`/operators/${id}/activate`, undefined, asAdmin)
    const listing = await get(active)
    expect([listing.status, listing.body]).toEqual([200, [{ id: 1, ...listed(byWhatsapp) }]])
    expect((await get('/operators/public')).body).toEqual([
      { id: 1, ...listed(byWhatsapp) },
      { id: 2, ...listed(byEmail) },
    ])
    expect((await get(pending, asAdmin)).body).toEqual([])

    const details = await get('/operators/2', asAdmin)
    expect([details.status, details.body]).toEqual([200, { id: 2, ...byEmail, status: 'ACTIVE' }])
  })

  it.each([
    ['WhatsApp', whatsapp, company, byWhatsapp],
    ['e-mail', mail, otherCompany, byEmail],
  ])('registers by %s with the code itself', async (_name, to, data, operator) => {
    const { receive, register } = await startBackend(framework)
    const answer = await register({ ...to, otp: await receive(to), registration_data: data })
    expect([answer.status, answer.body]).toEqual([201, registered(operator, 1)])
  })

  it('registers by SMS too', async () => {
    const { send, register, deliveries } = await startBackend(framework)
    const sms = { ...whatsapp, contact_type: 'sms' }
    expect((await send(sms)).status).toBe(200)
    const otp = deliveries.sms.lastCode(phone)
    const answer = await register({ ...sms, otp, registration_data: company })
    expect(answer.body).toEqual(registered(byWhatsapp, 1))
  })

  it('calls one purpose by both of its names', async () => {
    const { receive, verify } = await startBackend(framework)
    const otp = await receive(whatsapp, 'registration')
    const verified = await verify({ ...whatsapp, otp, purpose: 'operator_registration' })
    expect(verified.status).toBe(200)
  })

  it('says that a code is wrong as the document prints it', async () => {
    const { register } = await startBackend(framework)
    const answer = await register({ ...whatsapp, otp: '123456', registration_data: company })
    expect([answer.status, answer.body]).toEqual([400, { ...invalidCode, meta }])
  })

  it('shows details to their own operator, and to nobody else', async () => {
    const { get, registered: register, signedIn } = await startBackend(framework)
    const { operator } = await register()
    const session = await signedIn()
    const own = await get(`/operators/${operator.id}`, session)
    expect([own.status, own.body]).toEqual([200, { id: 1, ...byWhatsapp }])
    expect((await get('/operators/2', session)).status).toBe(403)
    expect((await get('/operators/1')).status).toBe(401)
    expect((await get('/operators/', session)).status).toBe(403)
    expect((await get('/operators/')).status).toBe(401)
  })
})

describe.each(frameworks)('codes on %s', (_name, framework) => {
  it('S81 for login and password reset go to operators alone, and a stranger gets the same answer', async () => {
    const { registered: register, clock, deliveries, send, settled } = await startBackend(framework)
    await register(mail, otherCompany)
    clock.advance(60_000)
    deliveries.email.clear()
    for (const purpose of ['login', 'password_reset']) {
      const known = await send({ ...mail, purpose })
      const unknown = await send({ ...mail, contact: `${purpose}@example.com`, purpose })
      for (const sent of [known, unknown]) {
        expect([sent.status, sent.body]).toEqual([200, success(200, { expires_in_seconds: 300 })])
      }
      clock.advance(60_000)
    }
    await settled()
    expect(deliveries.email.messages.map(({ to }) => to)).toEqual([email, email])
  })

  it('S24 for a login go to no phone number that was claimed but never proven', async () => {
    const { registered: register, deliveries, send, settled } = await startBackend(framework)
    await register(mail, otherCompany)
    const contact = otherCompany.contact_phone
    expect((await send({ ...whatsapp, contact, purpose: 'login' })).status).toBe(200)
    await settled()
    expect(deliveries.whatsapp.messages).toEqual([])
  })

  it('S16 for a login are for nothing else', async () => {
    const backend = await startBackend(framework)
    const { receive, register, verify, clock } = backend
    await backend.registered()
    clock.advance(30_000)
    const otp = await receive(whatsapp, 'login')
    const registration = await register({ ...whatsapp, otp, registration_data: company })
    expect(registration.body).toMatchObject(invalidCode)
    expect((await verify({ ...whatsapp, otp })).body).toMatchObject(invalidCode)
    const login = { ...whatsapp, otp }
    expect((await backend.post('/auth/login', login)).status).toBe(200)
  })

  it('are shown in development, to strangers too', async () => {
    const { send, deliveries } = await startBackend(framework, { otp: { exposeCode: true } })
    const shown = { otp: expect.stringMatching(/^\d{6}$/), expires_in_seconds: 300 }
    const sent = await send(whatsapp)
    expect(sent.body).toEqual(success(200, shown))
    expect(sent.body).toMatchObject({ data: { otp: deliveries.whatsapp.lastCode(phone) } })
    expect((await send({ ...mail, purpose: 'login' })).body).toEqual(success(200, shown))
  })
})
