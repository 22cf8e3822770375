import { OtpError } from '../errors'
import type { ChallengeFacts } from '../events'
import { parseRecipient, type Recipient } from '../input/recipient'
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
import { digestOf, type OpenedChallenge, openState } from './challenge'
import { type Core, refuse, tell, tellOfIp } from './context'
import { reportVerified } from './conversions'
import { digestsOfFixed } from './fixed-code'
import { targetLabels } from './labels'
import { ledger, mostFailures } from './limits'
import { createProof } from './proof'
import { withinTest } from './test-recipients'
import { countVerified } from './watch'

/** What a submitted code came to. */
export type VerifyResult = Verified | Incorrect | Used | Expired | RateLimited | Locked | Invalid

/**
 * Everything that decides about a guess is handed to the database, which charges and compares it in
 * one step: nobody else ever sees a charge of it that does not stay.
 */
export async function verify(core: Core, input: unknown): Promise<VerifyResult> {
  const parsed = core.requests.verify(input)
  if (!parsed.ok) return parsed
  const { target, purpose, code, ip, proofMs } = parsed.value
  const { recipient } = target
  const { keys } = core.settings
  const labels = targetLabels(core.settings, target)
  const { handle, id, label, fixedCode } = labels
  const subject = { label, id, recipient, purpose: purpose.name }

  tellOfIp(core, parsed.value, subject, 'verify')
  const digests =
    fixedCode === undefined
      ? keys.signing.map((key) => digestOf(key, id, purpose.name, code))
      : await digestsOfFixed(core, id, purpose.name, fixedCode, code)
  const charge = purpose.charges.verify(keys, { label, ip, guessed: digests })
  const settled = await core.database.settle({
    policy: charge.policy,
    keys: charge.keys,
    id,
    digests,
    // A guess too short for the failures so far is not compared, and finds nothing.
    mostUsed:
      fixedCode === undefined ? mostFailures(purpose.codeLength, code.length).compared : ledger.max,
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
  // The sealed data is opened for an event only if somebody listens.
  const isNeeded = recipient === undefined || core.settings.guard !== undefined
  const isAsked = core.events.heard || (attempt.outcome === 'verified' && isNeeded)
  const opened = isAsked ? await openQuietly(core, id, attempt.data) : null
  const known = recipient ?? recipientIn(opened)
  const about = { ...subject, recipient: known }
  const facts = factsIn(opened, attempt.remainingMs)

  if (attempt.outcome === 'incorrect') {
    const { attemptsLeft } = attempt
    tell(core, about, { type: 'incorrect', attemptsLeft, failures: taken.used[0] ?? 0, ...facts })
    return { ok: false, reason: 'incorrect', attemptsLeft }
  }

  // An id that was derived from the recipient is proof of it; by handle the sealed data says whom.
  if (known === undefined) {
    throw new OtpError('store_unavailable', 'the store returned data that is not authentic')
  }
  tell(core, about, { type: 'verified', attemptsUsed: attempt.attemptsUsed, ...facts })
  reportVerified(core, subject)
  countVerified(core, about, charge, taken.used, opened?.state)
  const { name } = purpose
  const proven = known.identity
  const verified = { ok: true, recipient: proven, challengeId: handle, purpose: name } as const
  if (proofMs === undefined) return verified
  const lifetimeMs = withinTest(core.settings, labels, proofMs)
  const proof = await createProof(core, name, proven, label, lifetimeMs)
  return proof === null ? verified : { ...verified, proof }
}

// An event that cannot be made must not change the answer.
function openQuietly({ settings }: Core, id: string, data: string) {
  return openState(settings.keys, id, data).catch(() => null)
}

function recipientIn(opened: OpenedChallenge | null): Recipient | undefined {
  const parsed = opened && parseRecipient(opened.state.recipient, { countries: 'any' })
  return parsed?.ok ? parsed.recipient : undefined
}

function factsIn(opened: OpenedChallenge | null, remainingMs: number): ChallengeFacts {
  if (opened === null) return {}
  const { channel, lifetimeMs } = opened.state
  return { channel, elapsedMs: Math.max(0, Math.round(lifetimeMs - remainingMs)) }
}
