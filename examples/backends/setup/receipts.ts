import type { ReceiptReader } from 'otpkit'
import type { CreateReceiptsOptions } from 'otpkit/receipts'
import { kavenegarReceipts } from 'otpkit/receipts/kavenegar'
import { msg91Receipts } from 'otpkit/receipts/msg91'
import { plivoReceipts } from 'otpkit/receipts/plivo'
import { postmarkReceipts } from 'otpkit/receipts/postmark'
import { resendReceipts } from 'otpkit/receipts/resend'
import { sendgridReceipts } from 'otpkit/receipts/sendgrid'
import { telegramReceipts } from 'otpkit/receipts/telegram'
import { twilioReceipts } from 'otpkit/receipts/twilio'
import { vonageSmsReceipts } from 'otpkit/receipts/vonage'
import { webhookReceipts } from 'otpkit/receipts/webhook'
import { whatsappReceipts } from 'otpkit/receipts/whatsapp'
import { receiptsPath } from '../http/site'
import type { Environment, EnvironmentReader } from './environment'

/** A reader, and the variables without which it can believe nobody. */
interface Reader {
  readonly needs: readonly string[]
  make(value: (name: string) => string): ReceiptReader
}

// Those that sign nothing are believed by a secret at the end of their path.
const pathSecret = 'RECEIPTS_PATH_SECRET'

const readers: Readonly<Record<string, Reader>> = {
  twilio: {
    needs: ['TWILIO_AUTH_TOKEN'],
    make: (value) => twilioReceipts({ authToken: value('TWILIO_AUTH_TOKEN') }),
  },
  whatsapp: {
    needs: ['WA_APP_SECRET', 'WA_VERIFY_TOKEN'],
    make: (value) =>
      whatsappReceipts({
        appSecret: value('WA_APP_SECRET'),
        verifyToken: value('WA_VERIFY_TOKEN'),
      }),
  },
  vonage: {
    needs: ['VONAGE_SIGNATURE_SECRET'],
    make: (value) => vonageSmsReceipts({ signatureSecret: value('VONAGE_SIGNATURE_SECRET') }),
  },
  plivo: {
    needs: ['PLIVO_AUTH_TOKEN'],
    make: (value) => plivoReceipts({ authToken: value('PLIVO_AUTH_TOKEN') }),
  },
  telegram: {
    needs: ['TELEGRAM_GATEWAY_TOKEN'],
    make: (value) => telegramReceipts({ accessToken: value('TELEGRAM_GATEWAY_TOKEN') }),
  },
  resend: {
    needs: ['RESEND_WEBHOOK_SECRET'],
    make: (value) => resendReceipts({ signingSecret: value('RESEND_WEBHOOK_SECRET') }),
  },
  sendgrid: {
    needs: ['SENDGRID_WEBHOOK_KEY'],
    make: (value) => sendgridReceipts({ publicKey: value('SENDGRID_WEBHOOK_KEY') }),
  },
  webhook: {
    needs: ['OTP_WEBHOOK_SECRET'],
    make: (value) => webhookReceipts({ secret: value('OTP_WEBHOOK_SECRET') }),
  },
  msg91: {
    needs: ['MSG91_AUTH_KEY', pathSecret],
    make: (value) => msg91Receipts({ pathSecret: value(pathSecret) }),
  },
  kavenegar: {
    needs: ['KAVENEGAR_API_KEY', pathSecret],
    make: (value) => kavenegarReceipts({ pathSecret: value(pathSecret) }),
  },
  postmark: {
    needs: ['POSTMARK_SERVER_TOKEN', pathSecret],
    make: (value) => postmarkReceipts({ pathSecret: value(pathSecret) }),
  },
}

/**
 * The readers of those providers whose variables are set, at `PUBLIC_ORIGIN`. Without that address
 * no provider can report anything.
 */
export function readReceipts(reader: EnvironmentReader): CreateReceiptsOptions | undefined {
  const { environment } = reader
  const example = 'https://operators.example.com, without a path'
  const origin = reader.url('PUBLIC_ORIGIN', /^https?:\/\/[^/?#]+$/, example)
  if (origin === undefined) return undefined
  const value = (name: string) => environment[name] ?? ''
  const configured = Object.entries(readers).flatMap(([name, { needs, make }]) => {
    if (!needs.every((variable) => environment[variable])) return []
    const made = reader.attempt(() => make(value))
    return made === undefined ? [] : [[name, made] as const]
  })
  // Printed codes, and mails over SMTP, are reported by nobody.
  if (configured.length === 0) return undefined
  return { origin, readers: Object.fromEntries(configured) }
}

const callbackVariables: Readonly<Record<string, string>> = {
  twilio: 'TWILIO_STATUS_CALLBACK',
  vonage: 'VONAGE_CALLBACK_URL',
  plivo: 'PLIVO_CALLBACK_URL',
  telegram: 'TELEGRAM_CALLBACK_URL',
}

/** Tells those providers that ask for it with each message where they may report on it. */
export function withCallbacks(
  environment: Environment,
  receipts: CreateReceiptsOptions | undefined,
): Environment {
  if (receipts === undefined) return environment
  const callbacks = Object.keys(receipts.readers).flatMap((name) => {
    const variable = callbackVariables[name]
    return variable === undefined ? [] : [[variable, `${receipts.origin}${receiptsPath}/${name}`]]
  })
  return { ...Object.fromEntries(callbacks), ...environment }
}
