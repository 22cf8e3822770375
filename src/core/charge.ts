import { maskRecipient, type Recipient } from '../input/recipient'
import type { Locked, RateLimited } from '../results'
import { type Core, refundQuietly, refuse } from './context'
import {
  growthFailures,
  ledgerLimit,
  lockFailures,
  type NamedLimit,
  recipientLimits,
  refundLimit,
  sharedLimits,
} from './limits'
import type { Routes } from './read-requests'
import type { PurposeSettings } from './settings'

/** Everything about a message that is known before its challenge is. */
export interface Order {
  readonly purpose: PurposeSettings
  readonly recipient: Recipient
  /** The recipient's tag. */
  readonly tag: string
  /** In the order in which they are tried. */
  readonly routes: Routes
  readonly locale: string | undefined
  readonly ip: string
  /** `deliver: false`. */
  readonly silent: boolean
  readonly resend: boolean
}

/** A message that may be sent, as far as the limits go. */
export interface MessageCharge {
  readonly ok: true
  /** Every limit that was charged. */
  readonly limits: readonly NamedLimit[]
  /** Those of them that are the recipient's own. */
  readonly own: readonly NamedLimit[]
  /** The limiter's name for the charge. */
  readonly id: string
  /** Unforgiven failures of the recipient. */
  readonly failures: number
  readonly retryAfterMs: number
}

export function subjectOf({ recipient, tag, purpose }: Order) {
  return {
    fingerprint: tag,
    recipient: maskRecipient(recipient),
    purpose: purpose.name,
  }
}

/**
 * Charges all limits of one message in one step. The narrower limits of a recipient under suspicion
 * are known only with the ledger, so there the charge is taken back and made again under them.
 */
export async function chargeMessage(
  core: Core,
  order: Order,
  more: readonly NamedLimit[],
): Promise<MessageCharge | RateLimited | Locked> {
  const { keys } = core.settings
  const { purpose, recipient, tag, ip } = order
  const shared = await sharedLimits(keys, purpose.limits, recipient, ip)

  const take = async (suspicion: number) => {
    const own = [...recipientLimits(purpose.limits, tag, suspicion), ...more]
    const limits = [...own, ...shared]
    const all = [ledgerLimit(tag, 0), ...limits]
    const taken = await core.rateLimiter.take(all)
    if (!taken.ok) {
      return refuse(core, subjectOf(order), 'send', all[taken.index], taken.retryAfterMs)
    }
    const { charge: id, retryAfterMs } = taken
    return { ok: true, limits, own, id, failures: taken.used[0] ?? 0, retryAfterMs } as const
  }

  const first = await take(0)
  if (!first.ok || first.failures < growthFailures) return first
  await refundQuietly(core, tag, first.limits, first.id)
  if (first.failures >= lockFailures) {
    return refuse(core, subjectOf(order), 'send', undefined, first.retryAfterMs)
  }
  return take(first.failures)
}

/**
 * Gives the recipient's own limits back for a message that no provider took; only so often, so that
 * a number which always fails cannot be tried without end.
 */
export async function refundUnsent(core: Core, tag: string, charge: MessageCharge): Promise<void> {
  try {
    const granted = await core.rateLimiter.take([refundLimit(tag)])
    if (granted.ok) await core.rateLimiter.refund(charge.own, charge.id)
  } catch (error) {
    core.events.emit({ type: 'fault', during: 'refund', error, fingerprint: tag })
  }
}
