import type { Transporter } from 'nodemailer'
import type { Environment } from '../setup/environment'
import { type Carrier, type Carriers, consoleCarrier } from './notifier'

const timeoutMs = 12_000

/**
 * Who carries notices: the mail server and the accounts at Twilio and Meta whose variables codes
 * are sent with too. In development everything is printed.
 */
export function carriersFrom(
  environment: Environment,
  isDevelopment: boolean,
  mail: Transporter | undefined,
): Carriers {
  const { EMAIL_FROM, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN } = environment
  const { WA_API_TOKEN, WA_PHONE_NUMBER_ID, WA_NOTICE_TEMPLATE } = environment
  const from = environment.TWILIO_FROM_NUMBER ?? environment.TWILIO_PHONE_NUMBER
  const carriers = {
    ...(mail && EMAIL_FROM && { email: smtpCarrier(mail, EMAIL_FROM) }),
    ...(TWILIO_ACCOUNT_SID &&
      TWILIO_AUTH_TOKEN &&
      from && {
        sms: twilioCarrier({
          baseUrl: environment.TWILIO_BASE_URL ?? 'https://api.twilio.com',
          accountSid: TWILIO_ACCOUNT_SID,
          authToken: TWILIO_AUTH_TOKEN,
          from,
        }),
      }),
    ...(WA_API_TOKEN &&
      WA_PHONE_NUMBER_ID &&
      WA_NOTICE_TEMPLATE && {
        whatsapp: whatsappCarrier({
          url: `${environment.WA_API_URL ?? 'https://graph.facebook.com/v22.0'}/${WA_PHONE_NUMBER_ID}/messages`,
          accessToken: WA_API_TOKEN,
          template: WA_NOTICE_TEMPLATE,
          language: environment.WA_TEMPLATE_LANGUAGE ?? 'en_US',
        }),
      }),
  }
  const isNone = Object.keys(carriers).length === 0
  if (!isNone || !isDevelopment) return carriers
  return { whatsapp: consoleCarrier, sms: consoleCarrier, email: consoleCarrier }
}

function smtpCarrier(transport: Transporter, from: string): Carrier {
  return async ({ to, subject, text }) => {
    // The address as an object: nothing in it is read as a second recipient.
    await transport.sendMail({ from, to: { name: '', address: to }, subject, text })
  }
}

interface TwilioOptions {
  readonly baseUrl: string
  readonly accountSid: string
  readonly authToken: string
  readonly from: string
}

function twilioCarrier({ baseUrl, accountSid, authToken, from }: TwilioOptions): Carrier {
  const url = `${baseUrl}/2010-04-01/Accounts/${accountSid}/Messages.json`
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  return ({ to, text }) =>
    post(url, authorization, new URLSearchParams({ To: to, From: from, Body: text }))
}

interface WhatsappOptions {
  readonly url: string
  readonly accessToken: string
  /** An approved utility template whose body is one variable: WhatsApp takes no free text. */
  readonly template: string
  readonly language: string
}

function whatsappCarrier({ url, accessToken, template, language }: WhatsappOptions): Carrier {
  return ({ to, text }) =>
    post(
      url,
      `Bearer ${accessToken}`,
      JSON.stringify({
        messaging_product: 'whatsapp',
        to: to.slice(1),
        type: 'template',
        template: {
          name: template,
          language: { code: language },
          components: [{ type: 'body', parameters: [{ type: 'text', text }] }],
        },
      }),
    )
}

async function post(url: string, authorization: string, body: URLSearchParams | string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      Authorization: authorization,
      ...(typeof body === 'string' && { 'Content-Type': 'application/json' }),
    },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`the provider answered with status ${response.status}`)
}
