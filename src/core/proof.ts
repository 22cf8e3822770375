import { maskRecipient, parseRecipient } from '../input/recipient'
import { randomText } from '../internal/crypto'
import { type Expired, expired, type Invalid, invalid, type Redeemed } from '../results'
import { recipientTag } from './challenge'
import type { Core } from './context'
import { openData, sealData } from './keyring'

/** What a proof was worth. */
export type RedeemResult = Redeemed | Expired | Invalid

/**
 * A proof is a challenge whose code is 256 random bits: stored by the same store, consumed by the
 * same atomic step. `null` when the store failed, which must not take the success away.
 */
export async function createProof(
  core: Core,
  purpose: string,
  recipient: string,
  tag: string,
  lifetimeMs: number,
): Promise<string | null> {
  const { keys } = core.settings
  const proof = randomText() + randomText()
  try {
    const { id, digest } = await namesOf(core, purpose, proof)
    const data = await sealData(keys, keys.signing[0], randomText(), id, recipient)
    await core.store.put({ id, digest, attempts: 1, ttlMs: lifetimeMs, data })
    return proof
  } catch (error) {
    core.events.emit({ type: 'fault', during: 'proof', error, fingerprint: tag })
    return null
  }
}

export async function redeem(
  core: Core,
  proof: unknown,
  request: { readonly purpose: unknown; readonly to?: unknown },
): Promise<RedeemResult> {
  if (typeof proof !== 'string') return invalid('proof', 'type')
  if (!/^[A-Za-z0-9_-]{44}$/.test(proof)) return invalid('proof', 'syntax')
  const purpose = core.requests.purpose(request.purpose)
  if (!purpose.ok) return purpose
  const { keys } = core.settings
  // The purpose is part of the id: asked for another one, a proof is not found and not used up.
  const { id, digest } = await namesOf(core, purpose.value.name, proof)

  if (request.to !== undefined) {
    const expected = core.requests.recipient(request.to)
    if (!expected.ok) return expected
    const stored = await core.store.get(id)
    if (stored === null) return expired
    const opened = await openData(keys, id, stored.data)
    if (opened?.text !== expected.value.identity) return invalid('to', 'mismatch')
  }

  const attempt = await core.store.attempt(id, [digest])
  if (attempt.outcome !== 'verified') return expired
  const opened = await openData(keys, id, attempt.data)
  const recipient = opened && parseRecipient(opened.text, { countries: 'any' })
  if (!recipient?.ok) return expired
  core.events.emit({
    type: 'redeemed',
    fingerprint: await recipientTag(keys, recipient.recipient.abuseKey),
    recipient: maskRecipient(recipient.recipient),
    purpose: purpose.value.name,
  })
  return { ok: true, recipient: recipient.recipient.identity, purpose: purpose.value.name }
}

async function namesOf(core: Core, purpose: string, proof: string) {
  const { keys } = core.settings
  const [id, digest] = await Promise.all([
    keys.index('proof', purpose, proof),
    keys.index('proof digest', purpose, proof),
  ])
  return { id, digest }
}
