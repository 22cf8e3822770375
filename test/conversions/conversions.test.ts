import { type Conversions, isDeliveryError } from 'otpkit'
import { twilioConversions } from 'otpkit/conversions/twilio'
import { vonageConversions } from 'otpkit/conversions/vonage'
import { twilioSms } from 'otpkit/deliveries/twilio'
import { describe, expect, it } from 'vitest'
import { testMessage, useProviderServer } from '../deliveries/delivery-suite'

const server = useProviderServer()
const accountSid = 'AC00000000000000000000000000000001'
const authToken = '0123456789abcdef0123456789abcdef'
const now = Date.UTC(2026, 10, 27, 9, 8, 7, 900)
const sid = 'SM00000000000000000000000000000005'

const twilio = () => twilioConversions({ accountSid, authToken, baseUrl: server().url })
const vonage = () =>
  vonageConversions({
    apiKey: 'abcd1234',
    apiSecret: 's3cret-of-vonage',
    baseUrl: server().url,
    clock: () => now,
  })

describe('twilioConversions', () => {
  it('confirms a message', async () => {
    server().behave({ status: 201, json: { message_sid: sid, outcome: 'confirmed' } })
    await twilio().verified(sid)
    const { method, path, headers, body } = server().lastRequest()
    expect([method, path, body]).toEqual([
      'POST',
      `/2010-04-01/Accounts/${accountSid}/Messages/${sid}/Feedback.json`,
      'Outcome=confirmed',
    ])
    expect(headers.authorization).toBe(`Basic ${btoa(`${accountSid}:${authToken}`)}`)
  })

  it('confirms no call', async () => {
    const before = server().requests.length
    await twilio().verified('CA00000000000000000000000000000005')
    expect(server().requests).toHaveLength(before)
  })

  it('the delivery asks for it only where the option says so', async () => {
    const account = { accountSid, authToken, from: '+15017122661', baseUrl: server().url }
    server().behave({ status: 201, json: { sid, error_code: null } })
    await twilioSms(account).deliver(testMessage())
    expect(server().lastRequest().body).not.toContain('ProvideFeedback')
    await twilioSms({ ...account, provideFeedback: true }).deliver(testMessage())
    expect(server().lastRequest().body).toContain('&ProvideFeedback=true')
    expect(() => twilioSms({ ...account, provideFeedback: 'yes' as never })).toThrow(
      'otpkit: twilioSms: option `provideFeedback` must be true or false',
    )
  })
})

describe('vonageConversions', () => {
  it('tells of a message, with the time in UTC', async () => {
    server().behave({ status: 200, text: 'OK' })
    await vonage().verified('00A0B0C0')
    const { method, path, body } = server().lastRequest()
    expect([method, path]).toEqual(['POST', '/conversions/sms'])
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      'message-id': '00A0B0C0',
      delivered: 'true',
      timestamp: '2026-11-27 09:08:07',
      api_key: 'abcd1234',
      api_secret: 's3cret-of-vonage',
    })
  })
})

const both: readonly [string, () => Conversions, string][] = [
  ['twilioConversions', twilio, authToken],
  ['vonageConversions', vonage, 's3cret-of-vonage'],
]

describe.each(both)('%s', (name, create, password) => {
  it.each([
    { status: 401, json: { code: 20003, message: `no ${password}` } },
    { status: 503, text: 'down' },
    'hang up',
  ] as const)('throws a DeliveryError without credentials for %o', async (behaviour) => {
    server().behave(behaviour)
    const error: unknown = await create()
      .verified(sid)
      .catch((reason: unknown) => reason)
    expect(isDeliveryError(error)).toBe(true)
    expect(`${JSON.stringify(error)} ${error}`).not.toContain(password)
  })

  it('names a wrong option', () => {
    const [make] = [{ twilioConversions, vonageConversions }[name] as (options: object) => unknown]
    expect(() => make({})).toThrow(new RegExp(`^otpkit: ${name}: option \`\\w+\` must be`))
    expect(() => make({ accountSidd: 'x' })).toThrow(`otpkit: ${name}: option`)
  })
})
