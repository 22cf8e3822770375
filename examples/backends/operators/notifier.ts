import type { Log } from '../http/log'
import { describeFault } from '../http/log'
import type { Account } from './accounts'
import type { Channel } from './otp'
import type { UsersTable } from './tables'

/** Tells an operator about the account. */
export interface Notice {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Carries notices over one channel. The library's deliveries carry codes and nothing else. */
export type Carrier = (notice: Notice) => Promise<void>

export type NoticeChannel = NonNullable<UsersTable['notice_channel']>
export type Carriers = { readonly [channel in NoticeChannel]?: Carrier }

/** How somebody is told who took a code by this channel: of a call nothing is left to read. */
export const noticeChannelOf = (channel: Channel): NoticeChannel =>
  channel === 'voice' ? 'sms' : channel

/** Sends a notice to the account's verified contact, and keeps nobody waiting for it. */
export type Notify = (account: Account, subject: string, text: string) => void

/**
 * Over the channel of the newest verification where something carries it, else over another one
 * that reaches a verified contact. A notice that cannot be sent changes no answer: it is logged.
 */
export function createNotify(
  carriers: Carriers,
  log: Log,
  background: (work: Promise<void>) => void,
): Notify {
  return (account, subject, text) => {
    const { email_verified, email, phone_verified, phone, notice_channel } = account
    const contacts: Readonly<Record<NoticeChannel, string | null>> = {
      whatsapp: phone_verified ? phone : null,
      sms: phone_verified ? phone : null,
      email: email_verified ? email : null,
    }
    const order: readonly NoticeChannel[] = ['whatsapp', 'sms', 'email']
    const channel = [...(notice_channel ? [notice_channel] : []), ...order].find(
      (name) => carriers[name] !== undefined && contacts[name] !== null,
    )
    const about = { event: 'notice_not_sent', operatorId: account.id, subject }
    const carry = channel && carriers[channel]
    const to = channel && contacts[channel]
    if (!carry || !to)
      return log({ level: 'warning', ...about, reason: 'no way to a verified contact' })
    const carried = carry({ to, subject, text }).catch((error: unknown) => {
      log({ level: 'error', ...about, channel, fault: describeFault(error) })
    })
    background(carried)
  }
}

/** Tells the contacts from before that there is a new one: whoever holds a session can add it. */
export function notifyOfContact(notify: Notify, before: Account): void {
  notify(
    before,
    'A contact was added to your account',
    'A contact was added to your account, and can sign in to it. If that was not you, contact support.',
  )
}

/** Prints notices: for development. */
export const consoleCarrier: Carrier = async ({ to, subject, text }) => {
  console.log(`Notice to ${to}: ${subject}\n${text}`)
}
