import { randomText } from '../internal/crypto'
import { defined } from '../internal/defined'
import type { Invalid, Refused, Relayed } from '../results'
import type { NewChallenge } from '../store'
import { isUsed, markKey } from './charges'
import { refundUnsent } from './conclude'
import { type Core, refuse, tellOfIp } from './context'
import {
  behindAnswer,
  dispatch,
  type Outcome,
  type Shipment,
  tellOutcome,
  undelivered,
} from './dispatch'
import { nameOf, randomLabels } from './labels'
import { askedIn } from './logs'
import { chargeFacts, type Payment } from './message'
import { costOf } from './message-cost'
import type { ParsedRelay } from './read-requests'
import type { Named } from './test-recipients'
import { judgedFacts, watchTaken } from './watch'

/** What handing over a message came to. */
export type RelayResult = Relayed | Refused | Invalid

/** A relayed message that was charged. */
interface Charged {
  readonly shipment: Shipment
  readonly payment: Payment
  /** The key of what says that it was sent, or is about to be. */
  readonly mark: string
}

/**
 * A relay: read the request; charge the message as one of a `send`, and with it a mark of what it is
 * known by, in one step that puts nothing; and deliver it. Where the mark was there before, the same
 * message was sent already or is under way, whatever else refuses.
 */
export async function relay(core: Core, input: unknown): Promise<RelayResult> {
  const parsed = core.requests.relay(input)
  if (!parsed.ok) return parsed
  const request = parsed.value
  const { purpose, recipient, routes, ip, knownBy } = request
  const { keys } = core.settings
  const named = nameOf(core.settings, recipient)
  const { label } = named
  const subject = { label, recipient, purpose: purpose.name }
  const { channel } = routes[0]
  tellOfIp(core, request, subject, 'send')

  const mark = markKey(keys.index('relay', recipient.identity, ...knownBy))
  const asked = { recipient, ip, trust: 'none' } as const
  const cost = costOf(core.settings, named, request)
  const judged = judgedFacts(core, asked)
  const facts = { ...chargeFacts(named, recipient, ip), mark, ...judged, cost }
  const charge = purpose.charges.relay(keys, facts)
  const challenge = neverPut(randomLabels(keys, label).id, purpose.lifetimeMs)
  const { taken } = await core.database.begin({ ...askedIn(charge), challenge })
  const relayed = { ok: true, channel, recipient: recipient.identity, delivery: 'unknown' } as const
  if (!taken.ok && isUsed(charge, mark, taken.used)) return { ...relayed, duplicate: true }
  const over = { ...subject, channel }
  watchTaken(core, over, asked, charge, judged.judged, taken)
  if (!taken.ok) return refuse(core, over, 'send', charge, taken)

  const payment = { ...charge, ...taken }
  const message = { shipment: shipmentOf(named, request), payment, mark }
  if (core.settings.background !== undefined) {
    behindAnswer(core, label, () => deliver(core, message))
    return { ...relayed, duplicate: false }
  }
  const outcome = await deliver(core, message)
  if (!outcome.ok) return undelivered(outcome.error)
  const { channel: taking, delivery, provider, messageId } = outcome
  return defined({ ...relayed, channel: taking, duplicate: false, delivery, provider, messageId })
}

/** What nobody took gives its mark back too, so that the host's next try is sent. */
async function deliver(core: Core, { shipment, payment, mark }: Charged): Promise<Outcome> {
  const outcome = await dispatch(core, shipment)
  if (!outcome.ok) await refundUnsent(core, shipment.label, payment, [mark])
  tellOutcome(core, shipment, outcome)
  return outcome
}

function shipmentOf({ label, fixedCode }: Named, request: ParsedRelay): Shipment {
  const { recipient, purpose, routes, locale, code, text } = request
  return {
    label,
    recipient,
    purpose: purpose.name,
    routes,
    locale,
    code,
    text,
    expiresInMs: purpose.lifetimeMs,
    ...(fixedCode !== undefined && { withheld: 'test' }),
    resend: false,
  }
}

/** A step asks for a challenge. This one stands nowhere, and its policy has no room for it. */
function neverPut(id: string, ttlMs: number): NewChallenge {
  return { id, digest: randomText(), attempts: 1, ttlMs, data: '' }
}
