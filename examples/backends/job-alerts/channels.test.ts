import { describe, expect, it } from 'vitest'
import { onExpress } from '../http/express'
import { refuses } from './providers'
import { john, startJobAlerts } from './start-job-alerts'

const { username, mobile_number, password } = john
const email = 'john@example.com'

// Twilio's words for a number that takes no texts, and for one that has no WhatsApp.
const noMobile = refuses(21614)
const noWhatsapp = refuses(63003)

describe('a number', () => {
  it('gets the code by WhatsApp where SMS does not reach it', async () => {
    const { post, twilio, logged } = await startJobAlerts(onExpress)
    twilio.behave({ sms: noMobile })
    expect((await post('register', john)).status).toBe(201)
    expect(twilio.messages().map(({ channel }) => channel)).toEqual(['sms', 'whatsapp'])
    const verified = await post('verify', { mobile_number, otp: twilio.code() })
    expect(verified.body).toMatchObject({ verified: true, verification_method: 'mobile' })
    expect(logged).toContainEqual(
      expect.objectContaining({ event: 'delivery_failed', channel: 'sms', providerCode: '21614' }),
    )
  })

  it('gets a call that reads the code where neither reaches it', async () => {
    const { post, twilio } = await startJobAlerts(onExpress)
    twilio.behave({ sms: noMobile, whatsapp: noWhatsapp })
    await post('register', john)
    expect(twilio.messages().map(({ channel }) => channel)).toEqual(['sms', 'whatsapp', 'voice'])
    expect((await post('verify', { mobile_number, otp: twilio.code() })).status).toBe(200)
  })

  it('that is a landline is not tried by SMS', async () => {
    const { post, twilio } = await startJobAlerts(onExpress)
    twilio.behave({ whatsapp: noWhatsapp })
    await post('register', { ...john, mobile_number: '+442079460000' })
    expect(twilio.messages().map(({ channel }) => channel)).toEqual(['whatsapp', 'voice'])
  })

  it('gets no second message while the first may arrive', async () => {
    const { post, twilio } = await startJobAlerts(onExpress)
    twilio.behave({ sms: 'hang up' })
    await post('register', john)
    expect(twilio.messages()).toHaveLength(1)
    expect((await post('verify', { mobile_number, otp: twilio.code() })).status).toBe(200)
  })

  it('that nothing reaches is answered like any other, and logged', async () => {
    const { post, twilio, logged, clock } = await startJobAlerts(onExpress)
    twilio.behave({ sms: noMobile, whatsapp: noWhatsapp, voice: refuses(21217) })
    expect((await post('register', john)).status).toBe(201)
    expect(twilio.messages()).toHaveLength(3)
    const kinds = logged.filter(
      (entry) => Reflect.get(Object(entry), 'event') === 'delivery_failed',
    )
    expect(kinds).toHaveLength(3)
    // That no message was taken shows nowhere: the next one has its wait all the same.
    twilio.behave({})
    expect((await post('resend-otp', { mobile_number })).status).toBe(429)
    clock.advance(30_000)
    expect((await post('resend-otp', { mobile_number })).status).toBe(200)
    expect((await post('verify', { mobile_number, otp: twilio.code() })).status).toBe(200)
  })

  it.each(['sms', 'whatsapp', 'voice'] as const)(
    'gets the code by %s on request',
    async (channel) => {
      const { post, register, twilio, clock } = await startJobAlerts(onExpress)
      await register()
      clock.advance(30_000)
      const resent = await post('resend-otp', { mobile_number, channel })
      expect(resent.body).toMatchObject({ verification_method: 'mobile' })
      expect(twilio.messages().at(-1)).toMatchObject({ channel, to: mobile_number })
      expect((await post('verify', { mobile_number, otp: twilio.code() })).status).toBe(200)
    },
  )
})

describe('an e-mail address', () => {
  it('gets a code on request alone, and then is what is verified', async () => {
    const { post, register, login, mail, twilio } = await startJobAlerts(onExpress)
    const { otp: sms } = await register({ ...john, email })
    expect(mail.mails).toEqual([])
    const resent = await post('resend-otp', { mobile_number, channel: 'email' })
    expect(resent.status).toBe(200)
    expect(resent.body).toEqual({
      message:
        'If this number awaits verification, a new OTP is on its way to the e-mail address of its registration.',
      mobile_number,
      verification_method: 'email',
    })
    expect(mail.mails).toHaveLength(1)
    expect(twilio.messages()).toHaveLength(1)

    const otp = mail.code()
    if (otp !== sms) expect((await post('verify', { mobile_number, otp })).status).toBe(400)
    const verified = await post('verify', { email, otp })
    expect(verified.status).toBe(200)
    expect(verified.body).toEqual({
      message: 'Email verified successfully. You can now log in.',
      verified: true,
      verification_method: 'email',
    })
    const entered = await login(username, password)
    expect(entered.body).toMatchObject({ user: { mobile_verified: false, email_verified: true } })
    expect((await post('login', { mobile_number, password })).status).toBe(401)
  })

  it('leaves the number to be verified by its own code', async () => {
    const { post, register, mail } = await startJobAlerts(onExpress)
    const { otp } = await register({ ...john, email })
    await post('resend-otp', { mobile_number, channel: 'email' })
    await post('verify', { email, otp: mail.code() })
    expect((await post('verify', { mobile_number, otp })).status).toBe(200)
    const entered = await post('login', { mobile_number, password })
    expect(entered.body).toMatchObject({ user: { mobile_verified: true, email_verified: true } })
  })

  it('leaves the number to whoever verifies it', async () => {
    const { post, register, mail, account, login, clock } = await startJobAlerts(onExpress)
    await register({ ...john, email })
    await post('resend-otp', { mobile_number, channel: 'email' })
    await post('verify', { email, otp: mail.code() })
    clock.advance(30_000)
    await account({ username: 'owner', mobile_number, password: 'password-of-the-owner' })
    const byNumber = { mobile_number, password: 'password-of-the-owner' }
    expect((await post('login', byNumber)).body).toMatchObject({ user: { username: 'owner' } })
    expect((await login(username, password)).status).toBe(200)
  })

  it('that another account verified gets nothing, and the answer is the same', async () => {
    const { post, register, mail, clock } = await startJobAlerts(onExpress)
    await register({ ...john, email })
    const first = await post('resend-otp', { mobile_number, channel: 'email' })
    await post('verify', { email, otp: mail.code() })
    clock.advance(30_000)
    const other = { ...john, username: 'other', mobile_number: '+12025550199', email }
    await register(other)
    const { mobile_number: number } = other
    const second = await post('resend-otp', { mobile_number: number, channel: 'email' })
    expect(second.status).toBe(200)
    expect(second.body).toEqual({ ...Object(first.body), mobile_number: number })
    expect(mail.mails).toHaveLength(1)
    expect((await post('verify', { email, otp: mail.code() })).status).toBe(400)
  })
})
