import { OtpError } from '../errors'
import { parseRecipient } from '../input/recipient'
import { randomText } from '../internal/crypto'
import {
  type Expired,
  expired,
  type Incorrect,
  type Invalid,
  type Locked,
  type RateLimited,
  type Used,
  used,
  type Verified,
} from '../results'
import { digestOf, openState } from './challenge'
import { type Core, refuse, tell, tellOfIp } from './context'
import { reportVerified } from './conversions'
import { targetLabels } from './labels'
import { mostFailures } from './limits'
import { createProof } from './proof'

/** What a submitted code came to. */
export type VerifyResult = Verified | Incorrect | Used | Expired | RateLimited | Locked | Invalid

/**
 * Everything that decides about a guess is handed to the database, which charges and compares it in
 * one step: nobody else ever sees a charge of it that does not stay.
 */
export async function verify(core: Core, input: unknown): Promise<VerifyResult> {
  const parsed = core.requests.verify(input)
  if (!parsed.ok) return parsed
  const { purpose, code, ip, recipient, proofMs } = parsed.value
  const { keys } = core.settings
  const { handle, id, label } = targetLabels(keys, parsed.value)
  const subject = { label, id, recipient, purpose: purpose.name }

  tellOfIp(core, parsed.value, subject, 'verify')
  const charge = purpose.charges.verify(keys, { label, ip })
  const digests = keys.signing.map((key) => digestOf(key, id, purpose.name, code))
  const settled = await core.database.settle({
    policy: charge.policy,
    keys: charge.keys,
    id,
    digests,
    // A guess too short for the failures so far is not compared, and finds nothing.
    mostUsed: mostFailures(purpose.codeLength, code.length).compared,
    call: randomText(),
  })
  if (settled.attempt === undefined) return refuse(core, subject, 'verify', charge, settled.taken)
  const { taken, attempt } = settled

  if (attempt.outcome === 'gone') {
    tell(core, subject, { type: 'expired' })
    return expired
  }
  if (attempt.outcome === 'used') {
    tell(core, subject, { type: 'used' })
    return used
  }
  if (attempt.outcome === 'incorrect') {
    const { attemptsLeft } = attempt
    tell(core, subject, { type: 'incorrect', attemptsLeft, failures: taken.used[0] ?? 0 })
    return { ok: false, reason: 'incorrect', attemptsLeft }
  }

  // An id that was derived from the recipient is proof of it; by handle the sealed data says whom.
  const proven = recipient?.identity ?? (await recipientOf(core, id, attempt.data))
  if (proven === undefined) {
    throw new OtpError('store_unavailable', 'the store returned data that is not authentic')
  }
  tell(core, subject, { type: 'verified', attemptsUsed: attempt.attemptsUsed })
  reportVerified(core, subject)
  const { name } = purpose
  const verified = { ok: true, recipient: proven, challengeId: handle, purpose: name } as const
  if (proofMs === undefined) return verified
  const proof = await createProof(core, name, proven, label, proofMs)
  return proof === null ? verified : { ...verified, proof }
}

async function recipientOf({ settings }: Core, id: string, data: string) {
  const opened = await openState(settings.keys, id, data)
  const parsed = opened && parseRecipient(opened.state.recipient, { countries: 'any' })
  return parsed?.ok ? parsed.recipient.identity : undefined
}
