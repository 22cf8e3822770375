// For the tests beside it: Twilio and an endpoint for mails on this machine, which misbehave by what
// they are asked, and remember what they took.
import { createHmac, randomBytes } from 'node:crypto'
import type { OtpMessage } from 'otpkit'
import { twilioSms, twilioVoice, twilioWhatsapp } from 'otpkit/deliveries/twilio'
import { webhook } from 'otpkit/deliveries/webhook'
import { twilioReceipts } from 'otpkit/receipts/twilio'
import { webhookReceipts } from 'otpkit/receipts/webhook'
import { onTestFinished } from 'vitest'
import {
  type ProviderBehaviour,
  type ProviderRequest,
  startProviderServer,
} from '../../../test/deliveries/provider-server'

const origin = 'https://operators.example.com'
const authToken = 'token-for-tests-0123456789abcdef'
const mailKey = randomBytes(32)

/** A message that a provider took, whether or not it said so. */
export interface TakenMessage {
  readonly to: string
  readonly code: string
  readonly messageId: string
  /** Where the provider was told to report on it. */
  readonly callback: string | undefined
}

/** What a provider says later. */
export interface Report {
  readonly status: 'sent' | 'delivered' | 'failed'
  readonly price?: { readonly amount: number; readonly currency: string }
}

/** A report as the provider posts it: its path, body and headers. */
export type Posted = readonly [string, string, Readonly<Record<string, string>>]

export async function startProviders() {
  const server = await startProviderServer()
  onTestFinished(() => server.close())
  const taken = new Map<string, TakenMessage>()
  /** By recipients, who gives up waiting for the slow provider, which never answers. */
  const waiting = new Map<string, AbortController>()
  const account = {
    accountSid: 'AC00000000000000000000000000000001',
    authToken,
    baseUrl: server.url,
    statusCallback: `${origin}/hooks/twilio`,
  }

  server.behave((request) => {
    const messageId = `SM${randomBytes(16).toString('hex')}`
    if (request.path === '/mail') return takeMail(request, messageId)
    const form = new URLSearchParams(request.body)
    const to = form.get('To') ?? ''
    // All of Bangladesh is refused.
    if (to.startsWith('+880')) return { status: 400, json: { code: 21408, message: 'no' } }
    const [code = ''] = /\d{6}/.exec(form.get('Body') ?? form.get('ContentVariables') ?? '') ?? []
    const number = to.replace('whatsapp:', '')
    const callback = form.get('StatusCallback') ?? undefined
    taken.set(number, { to: number, code, messageId, callback })
    if (to.startsWith('whatsapp:')) {
      waiting.get(number)?.abort()
      return 'silent'
    }
    return { status: 201, json: { sid: messageId, error_code: null, num_segments: '1' } }
  })

  function takeMail({ body }: ProviderRequest, messageId: string): ProviderBehaviour {
    const { to, code } = JSON.parse(body)
    taken.set(to, { to, code, messageId, callback: undefined })
    return { json: { messageId } }
  }

  const slow = twilioWhatsapp({
    ...account,
    from: '+14155238886',
    contentSid: 'HX00000000000000000000000000000001',
  })
  const secret = `whsec_${mailKey.toString('base64')}`
  return {
    deliveries: {
      sms: twilioSms({ ...account, from: '+15017122661' }),
      // Given up once the provider has the message, and not before on however busy a machine.
      whatsapp: {
        ...slow,
        deliver: (message: OtpMessage) => {
          const controller = new AbortController()
          waiting.set(message.to, controller)
          return slow.deliver(message, { signal: controller.signal })
        },
      },
      voice: twilioVoice({ ...account, from: '+15017122661' }),
      email: webhook({ url: `${server.url}/mail`, secret, reaches: ['email'] }),
    },
    receipts: {
      origin,
      readers: { twilio: twilioReceipts({ authToken }), webhook: webhookReceipts({ secret }) },
    },
    /** What was taken for this recipient. */
    messageTo: (to: string) => {
      const message = taken.get(to)
      if (message === undefined) throw new Error('no provider took a message')
      return message
    },
    post: (message: TakenMessage, report: Report): Posted =>
      message.callback === undefined
        ? mailReport(message, report)
        : twilioReport(message.callback, message.messageId, report),
    /** A report about a message that nobody here sent. */
    strangersReport: () =>
      twilioReport(account.statusCallback, `SM${randomBytes(16).toString('hex')}`, {
        status: 'delivered',
      }),
  }
}

function twilioReport(callback: string, messageId: string, { status }: Report): Posted {
  const fields: Readonly<Record<string, string>> = {
    MessageSid: messageId,
    MessageStatus: status === 'failed' ? 'undelivered' : status,
    ...(status === 'failed' && { ErrorCode: '30003' }),
  }
  const names = Object.keys(fields).sort()
  const signed = callback + names.map((name) => name + fields[name]).join('')
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded',
    'X-Twilio-Signature': createHmac('sha1', authToken).update(signed).digest('base64'),
  }
  return [callback.slice(origin.length), new URLSearchParams(fields).toString(), headers]
}

function mailReport({ messageId }: TakenMessage, report: Report): Posted {
  const body = JSON.stringify({ messageId, ...report })
  const id = randomBytes(8).toString('hex')
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', mailKey).update(`${id}.${timestamp}.${body}`)
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature.digest('base64')}`,
  }
  return ['/hooks/webhook', body, headers]
}
