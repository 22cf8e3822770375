import type { OtpMessage } from '../../delivery'
import { DeliveryError } from '../../errors'
import { defined } from '../defined'
import type { OptionNames } from '../known-options'
import { wrongOption } from '../wrong-option'
import { isPlainAddress, type Mailbox, parseSender } from './email-address'

/** What every e-mail delivery takes beside its credentials. */
export interface EmailOptions {
  /**
   * Whom the mail is from: `otp@acme.example`, or `Acme <otp@acme.example>`. The provider must know
   * the address or its domain as yours.
   */
  readonly from: string
  /**
   * Origin of the page that asks for the code, such as `https://acme.example` (http on this machine
   * only). It adds the header `OTP-Token`, which lets a mail client fill in the code on that site
   * and on no other.
   *
   * @defaultValue none, and then no such header
   * @see {@link https://datatracker.ietf.org/doc/draft-goto-otp-token/ draft-goto-otp-token}
   */
  readonly origin?: string
}

/** For `knownOptions`. */
export const emailOptionNames: OptionNames<EmailOptions> = { from: true, origin: true }

/** A mail to one recipient, for an adapter to put into its provider's words. */
export interface Email {
  readonly from: Mailbox
  /** One plain address. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Checks the options and returns what turns a message into a mail. A recipient that is not one plain
 * address is refused there, before anything is sent.
 */
export function createEmailComposer(
  factory: string,
  provider: string,
  options: EmailOptions,
): (message: OtpMessage) => Email {
  const from = parseSender(factory, options.from)
  const origin = options.origin === undefined ? undefined : checkOrigin(factory, options.origin)

  return ({ to, code, appName, content }) => {
    if (!isPlainAddress(to)) {
      throw new DeliveryError({ kind: 'invalid_recipient', sent: 'no', provider })
    }
    return defined({
      from,
      to,
      subject: content.subject ?? appName,
      text: content.text,
      html: content.html,
      headers: defined({
        // RFC 3834 and Exchange: no vacation replies to a code.
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'All',
        'OTP-Token':
          origin === undefined || code === undefined ? undefined : otpToken(code, origin),
      }),
    })
  }
}

/**
 * The value of `OTP-Token`: an RFC 9651 Item, a String with the parameter `origin`. `undefined` for
 * a code that such a String cannot hold.
 */
export function otpToken(code: string, origin: string): string | undefined {
  if (!/^[\x20-\x7e]+$/.test(code)) return undefined
  return `"${code.replace(/["\\]/g, '\\$&')}"; origin="${origin}"`
}

/** Reads the option `origin`: the canonical form of a potentially trustworthy origin. */
export function checkOrigin(factory: string, value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null
  // The URL parser lets quotes and braces into a host. A name before an `@` would make the host
  // after it the origin.
  const plain =
    url !== null &&
    url.username === '' &&
    url.password === '' &&
    /^([a-z0-9_-]+\.)*[a-z0-9_-]+$|^\[[0-9a-f:.]+\]$/.test(url.hostname)
  const local = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(url?.hostname ?? '')
  if (!plain || !(url.protocol === 'https:' || (local && url.protocol === 'http:'))) {
    throw wrongOption(factory, 'origin', 'must be an https address, such as https://acme.example')
  }
  return url.origin
}
