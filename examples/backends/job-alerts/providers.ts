// For the tests beside it: Twilio and a mail server on this machine, and what customers read there.
import { onTestFinished } from 'vitest'
import {
  type ProviderBehaviour,
  type ProviderRequest,
  startProviderServer,
} from '../../../test/deliveries/provider-server'
import { startSmtpServer } from '../../../test/deliveries/smtp-provider'

const accepts: ProviderBehaviour = { status: 201, json: { sid: 'SM1', error_code: null } }

/** How Twilio refuses, by its own code: nothing was sent. */
export const refuses = (code: number): ProviderBehaviour => ({
  status: 400,
  json: { code, message: 'refused', status: 400 },
})

/** One message, or one call. */
interface Message {
  readonly channel: 'sms' | 'whatsapp' | 'voice'
  readonly to: string
  readonly code: string
}

export async function startTwilio() {
  const server = await startProviderServer()
  onTestFinished(() => server.close())
  server.behave(accepts)
  const messages = () => server.requests.map(messageOf)
  return {
    url: server.url,
    messages,
    /** The code in the newest message, as its recipient reads or hears it. */
    code: () => {
      const message = messages().at(-1)
      if (message === undefined) throw new Error('there is no message')
      return message.code
    },
    /** From now on these channels are met like this, and all others are taken. */
    behave: (behaviours: { readonly [channel in Message['channel']]?: ProviderBehaviour }) => {
      server.behave((request) => behaviours[messageOf(request).channel] ?? accepts)
    },
  }
}

function messageOf({ path, body }: ProviderRequest): Message {
  const form = new URLSearchParams(body)
  const to = form.get('To') ?? ''
  if (path.endsWith('/Calls.json')) {
    const [spoken = ''] = /\d(, \d){5}/.exec(form.get('Twiml') ?? '') ?? []
    return { channel: 'voice', to, code: spoken.replaceAll(', ', '') }
  }
  if (to.startsWith('whatsapp:')) {
    const [code = ''] = /\d{6}/.exec(form.get('ContentVariables') ?? '') ?? []
    return { channel: 'whatsapp', to: to.slice('whatsapp:'.length), code }
  }
  const [code = ''] = /\d{6}/.exec(form.get('Body') ?? '') ?? []
  return { channel: 'sms', to, code }
}

export async function startMail() {
  const { mails, port, close } = await startSmtpServer()
  onTestFinished(close)
  return {
    url: `smtp://127.0.0.1:${port}?ignoreTLS=true`,
    mails,
    /** The code in the subject of the newest mail. */
    code: () => {
      const [code] = /\d{6}/.exec(/^Subject: (.+)$/m.exec(mails.at(-1) ?? '')?.[1] ?? '') ?? []
      if (code === undefined) throw new Error('there is no mail with a code')
      return code
    },
  }
}

/** What production needs for the four channels, with the providers at these addresses. */
export const providers = (twilioUrl: string, smtpUrl: string) => ({
  TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000001',
  TWILIO_AUTH_TOKEN: 'token-for-tests',
  TWILIO_PHONE_NUMBER: '+15017122661',
  TWILIO_WHATSAPP_NUMBER: '+14155238886',
  TWILIO_CONTENT_SID: 'HX00000000000000000000000000000001',
  TWILIO_VOICE_NUMBER: '+15017122661',
  TWILIO_BASE_URL: twilioUrl,
  SMTP_URL: smtpUrl,
  EMAIL_FROM: 'Job Alert <otp@job-alert.example.com>',
})
