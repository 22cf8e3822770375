import { DeliveryError, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { resendEmail } from 'otpkit/deliveries/resend'
import { telegramGateway } from 'otpkit/deliveries/telegram'
import { twilioSms, twilioVoice } from 'otpkit/deliveries/twilio'
import { whatsappCloud } from 'otpkit/deliveries/whatsapp'
import { describe, expect, it } from 'vitest'
import { failureOf, testMessage, useProviderServer } from './delivery-suite'
import { emailMessage } from './samples'

const server = useProviderServer()
const twilio = { accountSid: 'AC1', authToken: 'token', from: '+15017122661' }

const twilioUrl = 'https://console.twilio.com/us1/develop'
const cases = [
  ['twilioSms', { code: 21408 }, `${twilioUrl}/sms/settings/geo-permissions`],
  ['twilioVoice', { code: 21215 }, `${twilioUrl}/voice/settings/geo-permissions`],
  ['twilioSms', { code: 21608 }, `${twilioUrl}/phone-numbers/manage/verified`],
  ['resendEmail', { name: 'validation_error', message: 'No' }, 'https://resend.com/domains'],
  [
    'telegramGateway',
    { ok: false, error: 'ACCESS_TOKEN_INVALID' },
    'https://gateway.telegram.org/account/api',
  ],
  [
    'whatsappCloud',
    { error: { code: 131_037, message: 'No' } },
    'https://business.facebook.com/wa/manage/phone-numbers/',
  ],
  [
    'whatsappCloud',
    { error: { code: 100, error_subcode: 33, message: 'No' } },
    'https://business.facebook.com/wa/manage/phone-numbers/',
  ],
] as const

function deliveries(baseUrl: string) {
  return {
    twilioSms: twilioSms({ ...twilio, baseUrl }),
    twilioVoice: twilioVoice({ ...twilio, baseUrl }),
    resendEmail: resendEmail({ apiKey: 're_1', from: 'otp@acme.example', baseUrl }),
    telegramGateway: telegramGateway({ accessToken: 'token', baseUrl }),
    whatsappCloud: whatsappCloud({
      accessToken: 'token',
      phoneNumberId: '1',
      template: { name: 'code', language: 'en' },
      baseUrl,
    }),
  }
}

describe('a refusal names the page that mends it', () => {
  it.each(cases)('%s, %j', async (name, json, consolePage) => {
    server().behave({ status: 400, json })
    const message = name === 'resendEmail' ? emailMessage() : testMessage()
    const error = await failureOf(deliveries(server().url)[name], message)
    expect(error).toMatchObject({ kind: 'misconfigured', sent: 'no', consolePage })
    expect(error.message).toMatch(new RegExp(`, see ${consolePage.replaceAll('.', '\\.')}$`))
  })

  it('the cause of what `send` throws names it too', async () => {
    server().behave({ status: 400, json: { code: 21408, message: 'No', status: 400 } })
    const otp = new OtpManager({
      secret: 'a secret of the test, which is long enough',
      database: memory(),
      deliveries: { sms: deliveries(server().url).twilioSms },
      countries: ['IN'],
      purposes: ['login'],
    })
    const sending = otp.send({ to: '+919876543210', channel: 'sms', purpose: 'login', ip: null })
    await expect(sending).rejects.toMatchObject({
      code: 'delivery_failed',
      cause: { message: `twilio: misconfigured (21408), see ${cases[0][2]}` },
    })
  })

  it.each([
    'http://console.example/page',
    'https://console.example/?code=047382',
    'https://user:pass@console.example/',
    'https://console.example/919876543210',
    'https://console.example/a b',
    'javascript:alert(1)',
  ])('what is no plain https address is dropped: %s', (consolePage) => {
    const failure = { kind: 'misconfigured', sent: 'no', provider: 'mine', consolePage } as const
    const error = new DeliveryError(failure)
    expect(error.consolePage).toBeUndefined()
    expect(error.message).toBe('mine: misconfigured')
  })
})
