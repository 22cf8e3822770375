import { parseRecipient } from '../input/recipient'
import { randomText } from '../internal/crypto'
import { type Expired, expired, type Invalid, invalid, type Redeemed } from '../results'
import { type Core, tell, tellFault } from './context'

import { openData, sealData } from './keyring'
import { nameOf } from './labels'

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
  label: string,
  lifetimeMs: number,
): Promise<string | null> {
  const { keys } = core.settings
  const proof = randomText() + randomText()
  try {
    const { id, digest } = namesOf(core, purpose, proof)
    const data = await sealData(keys, keys.signing[0], randomText(), id, recipient)
    await core.database.put({ id, digest, attempts: 1, ttlMs: lifetimeMs, data })
    return proof
  } catch (error) {
    tellFault(core, label, 'proof', error)
    return null
  }
}

export async function redeem(core: Core, proof: unknown, input: unknown): Promise<RedeemResult> {
  if (typeof proof !== 'string') return invalid('proof', 'type')
  if (!/^[A-Za-z0-9_-]{44}$/.test(proof)) return invalid('proof', 'syntax')
  const parsed = core.requests.redeem(input)
  if (!parsed.ok) return parsed
  const { purpose, recipient: expected } = parsed.value
  const { keys } = core.settings
  // The purpose is part of the id: asked for another one, a proof is not found and not used up.
  const { id, digest } = namesOf(core, purpose.name, proof)

  if (expected !== undefined) {
    const stored = await core.database.get(id)
    if (stored === null || stored.used) return expired
    const opened = await openData(keys, id, stored.data)
    if (opened?.text !== expected.identity) return invalid('to', 'mismatch')
  }

  const attempt = await core.database.attempt(id, [digest])
  if (attempt.outcome !== 'verified') return expired
  const opened = await openData(keys, id, attempt.data)
  const recipient = opened && parseRecipient(opened.text, { countries: 'any' })
  if (!recipient?.ok) return expired
  const proven = recipient.recipient
  const { label } = nameOf(core.settings, proven)
  const subject = { label, recipient: proven, purpose: purpose.name }
  tell(core, subject, { type: 'redeemed' })
  return { ok: true, recipient: proven.identity, purpose: purpose.name }
}

function namesOf(core: Core, purpose: string, proof: string) {
  const { keys } = core.settings
  return {
    id: keys.index('proof', purpose, proof),
    digest: keys.index('proof digest', purpose, proof),
  }
}
