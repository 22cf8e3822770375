import { OtpError } from '../errors'
import { maskRecipient } from '../input/recipient'
import {
  type Expired,
  expired,
  type Incorrect,
  type Invalid,
  type Locked,
  type RateLimited,
  type Verified,
} from '../results'
import { digestOf, openState, tagOfId, targetId } from './challenge'
import { type Core, refundQuietly, refuse } from './context'
import { forgivenessLimit, ledgerKey, ledgerLimit, requiredLength, verifyIpLimits } from './limits'
import { createProof } from './proof'
import type { PurposeSettings } from './settings'

/** What a submitted code came to. */
export type VerifyResult = Verified | Incorrect | Expired | RateLimited | Locked | Invalid

/**
 * Charges first, compares second: parallel guesses each hold a place of their own in the ledger
 * before any of them is compared.
 */
export async function verify(
  core: Core,
  input: unknown,
  proofMs: number | undefined,
): Promise<VerifyResult> {
  const parsed = core.requests.verify(input)
  if (!parsed.ok) return parsed
  const { purpose, code, ip, recipient } = parsed.value
  const { keys } = core.settings
  const id = await targetId(keys, parsed.value)
  const tag = tagOfId(id)
  const subject = {
    fingerprint: tag,
    challengeId: id,
    purpose: purpose.name,
    ...(recipient === undefined ? {} : { recipient: maskRecipient(recipient) }),
  }

  // Before the charge, so that attempts reach the store in the order in which they were charged.
  const digests = await Promise.all(
    keys.signing.map((key) => digestOf(keys, key, id, purpose.name, code)),
  )
  const ledger = ledgerLimit(tag, 1)
  const limits = [ledger, ...(await verifyIpLimits(keys, purpose.limits, ip))]
  const taken = await core.rateLimiter.take(limits)
  if (!taken.ok) return refuse(core, subject, 'verify', limits[taken.index], taken.retryAfterMs)

  const failures = taken.used[0] ?? ledger.max
  // A code from before the failures that called for a longer one is charged and never compared.
  const compared = code.length >= requiredLength(purpose.codeLength, failures - 1)
  const attempt = await core.store.attempt(id, compared ? digests : [])

  if (attempt.outcome === 'gone') {
    // A guess at nothing must not lock anybody out; the address that made it stays charged.
    await refundQuietly(core, tag, [ledger], taken.charge)
    core.events.emit({ ...subject, type: 'expired' })
    return expired
  }
  if (attempt.outcome === 'incorrect') {
    const { attemptsLeft } = attempt
    core.events.emit({ ...subject, type: 'incorrect', attemptsLeft, failures })
    return { ok: false, reason: 'incorrect', attemptsLeft }
  }

  // An id that was derived from the recipient is proof of it; by handle the sealed data says whom.
  const proven = recipient?.identity ?? (await openState(keys, id, attempt.data))?.state.recipient
  if (proven === undefined) {
    throw new OtpError('store_unavailable', 'the store returned data that is not authentic')
  }
  await refundQuietly(core, tag, [ledger], taken.charge)
  await forgive(core, purpose, tag, attempt.attemptsUsed - 1)
  core.events.emit({ ...subject, type: 'verified', attemptsUsed: attempt.attemptsUsed })
  const verified = { ok: true, recipient: proven, challengeId: id, purpose: purpose.name } as const
  if (proofMs === undefined) return verified
  const proof = await createProof(core, purpose.name, proven, tag, proofMs)
  return proof === null ? verified : { ...verified, proof }
}

/**
 * Forgives the failures that this challenge saw before its success. Where strangers can guess at
 * the same challenge only so many in all, else every login of the victim would renew their budget.
 */
async function forgive(
  core: Core,
  purpose: PurposeSettings,
  tag: string,
  failures: number,
): Promise<void> {
  if (failures === 0) return
  try {
    if (purpose.bind === 'recipient') {
      const granted = await core.rateLimiter.take([forgivenessLimit(tag, failures)])
      if (!granted.ok) return
    }
    await core.rateLimiter.clear([ledgerKey(tag)], failures)
  } catch (error) {
    core.events.emit({ type: 'fault', during: 'refund', error, fingerprint: tag })
  }
}
