import { maskRecipient } from '../input/recipient'
import { type Done, type Expired, expired, type Invalid, type Status } from '../results'
import { countedAs } from './challenge'
import { limitsOf } from './charges'
import { type Core, tell } from './context'
import { findChallenge } from './find-challenge'
import { targetLabels } from './labels'
import type { Charge } from './logs'

/** The public state of a challenge. */
export async function status(core: Core, input: unknown): Promise<Status | Expired | Invalid> {
  const found = await find(core, input)
  if (!found.ok) return found
  const { challenge, labels, purpose, recipient, opened } = found
  const { state } = opened
  const facts = {
    label: labels.label,
    ip: '',
    countedAs: countedAs(state, challenge.digest),
  }
  const charge = purpose.charges.resend(core.settings.keys, facts)
  const { retryAfterMs } = await core.database.take(looks(charge))
  return {
    ok: true,
    challengeId: labels.handle,
    purpose: state.purpose,
    channel: state.channel,
    codeLength: state.codeLength,
    recipient: maskRecipient(recipient),
    expiresInMs: challenge.remainingMs,
    resendInMs: retryAfterMs,
    attemptsLeft: challenge.attemptsLeft,
  }
}

/** Ends a challenge. */
export async function cancel(core: Core, input: unknown): Promise<Done | Expired | Invalid> {
  const found = await find(core, input)
  if (!found.ok) return found
  const { challenge, labels, purpose, recipient } = found
  await core.database.delete(challenge.id, challenge.digest)
  const subject = { label: labels.label, id: labels.id, recipient, purpose: purpose.name }
  tell(core, subject, { type: 'canceled' })
  return { ok: true }
}

async function find(core: Core, input: unknown) {
  const parsed = core.requests.target(input)
  if (!parsed.ok) return parsed
  const labels = targetLabels(core.settings, parsed.value)
  const found = await findChallenge(core, labels.id)
  return found === null ? expired : ({ ok: true, labels, ...found } as const)
}

/** The recipient's own limits on messages, as they are without any suspicion, charged nothing. */
function looks({ policy, ...charge }: Charge) {
  const [first] = policy.limits
  const always = policy.limits.filter(({ from }) => from === undefined)
  const own = always.filter(({ key }) => charge.own.includes(charge.keys[key] ?? ''))
  const limits = own.map((limit) => ({ ...limit, cost: 0 }) as const)
  return limitsOf({ ...charge, policy: { limits: [{ ...first, cost: 0 }, ...limits] } }).slice(1)
}
