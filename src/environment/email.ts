import { postmarkEmail } from '../deliveries/postmark'
import { resendEmail } from '../deliveries/resend'
import { sendgridEmail } from '../deliveries/sendgrid'
import { sesEmail } from '../deliveries/ses'
import { type SmtpTransport, smtpEmail } from '../deliveries/smtp'
import { type AwsClients, awsOptional, awsRequired, withoutValues, withSigner } from './clients'
import { createProvider, type Provider } from './provider'
import { completeSmtpUrl } from './smtp-url'

/** Makes what talks to an SMTP server. */
export interface SmtpClients {
  /**
   * nodemailer's function of that name, or one like it; `SMTP_URL` needs it. It is handed the URL
   * with short timeouts, and with TLS required before a password is sent.
   */
  readonly createTransport?: (url: string) => SmtpTransport
}

/** The providers that carry e-mail, and the variables that configure them. */
export function emailProviders(clients: SmtpClients & AwsClients): readonly Provider[] {
  return [
    smtpProvider(clients),
    createProvider({
      name: 'resend',
      marks: ['RESEND_API_KEY'],
      required: { apiKey: 'RESEND_API_KEY', from: 'EMAIL_FROM' },
      optional: { baseUrl: 'RESEND_BASE_URL' },
      create: resendEmail,
    }),
    createProvider({
      name: 'sendgrid',
      marks: ['SENDGRID_API_KEY'],
      required: { apiKey: 'SENDGRID_API_KEY', from: 'EMAIL_FROM' },
      optional: { baseUrl: 'SENDGRID_BASE_URL' },
      create: sendgridEmail,
    }),
    createProvider({
      name: 'postmark',
      marks: ['POSTMARK_SERVER_TOKEN'],
      required: { serverToken: 'POSTMARK_SERVER_TOKEN', from: 'EMAIL_FROM' },
      optional: { messageStream: 'POSTMARK_MESSAGE_STREAM', baseUrl: 'POSTMARK_BASE_URL' },
      create: postmarkEmail,
    }),
    createProvider({
      name: 'ses',
      marks: [],
      required: { ...awsRequired, from: 'EMAIL_FROM' },
      optional: { ...awsOptional, baseUrl: 'SES_BASE_URL' },
      create: (options) => sesEmail(withSigner(clients, options)),
    }),
  ]
}

function smtpProvider({ createTransport }: SmtpClients): Provider {
  return createProvider({
    name: 'smtp',
    marks: ['SMTP_URL'],
    required: { url: 'SMTP_URL', from: 'EMAIL_FROM' },
    optional: {},
    create({ url, from }) {
      const completed = completeSmtpUrl(url)
      if (createTransport === undefined) {
        throw new TypeError("SMTP_URL needs the option createTransport, which is nodemailer's")
      }
      const transport = withoutValues('SMTP_URL was refused by createTransport', () =>
        createTransport(completed),
      )
      return smtpEmail({ transport, from })
    },
  })
}
