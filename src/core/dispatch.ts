import type { Delivery, OtpMessage, Price } from '../delivery'
import {
  DeliveryError,
  isDeliveryError,
  isUndeliverable,
  mayTryAnotherRoute,
  OtpError,
} from '../errors'
import type { Recipient } from '../input/recipient'
import { randomText } from '../internal/crypto'
import { defined } from '../internal/defined'
import { handOver } from '../internal/hand-over'
import type { Writable } from '../internal/writable'
import { redact } from '../message/otp-message'
import { withText } from '../message/relayed'
import type { RenderedMessage } from '../message/render'
import type { Relayed, Undeliverable } from '../results'
import { type Core, keepAlive, messageKeyOf, type Subject, tell, tellFault } from './context'
import type { Routes } from './read-requests'
import { aroundDelivery } from './trace'

/** A message with everything decided but the channel that takes it. */
export interface Shipment {
  readonly label: string
  readonly recipient: Recipient
  readonly purpose: string
  /** In the order in which they are tried. */
  readonly routes: Routes
  readonly locale: string | undefined
  readonly code: string | undefined
  /** Written by somebody else; else the templates say it. */
  readonly text?: string | undefined
  /** How long its code stays good. */
  readonly expiresInMs: number
  /** Nothing is sent, and it looks as if it was: `deliver: false`, or a test recipient. */
  readonly withheld?: 'withheld' | 'test' | undefined
  readonly resend: boolean
  /** The id in the store of the challenge whose code it carries; without one it is relayed. */
  readonly challengeId?: string
}

/** What came of a message. */
export type Outcome =
  | {
      readonly ok: true
      readonly channel: string
      readonly delivery: Relayed['delivery']
      readonly reference: string
      readonly provider: string
      readonly messageId?: string | undefined
      readonly messageIds?: readonly string[] | undefined
      readonly segments?: number | undefined
      readonly price?: Price | undefined
      readonly durationMs?: number
    }
  | { readonly ok: false; readonly error: DeliveryError }

/** Sends a message over the first channel that takes it. */
export function dispatch(core: Core, shipment: Shipment): Outcome | Promise<Outcome> {
  const reference = randomText()
  if (shipment.withheld) return withhold(shipment, reference)
  return tryRoutes(core, shipment, reference, shipment.routes)
}

/** Tells the listeners what came of a message. */
export function tellOutcome(core: Core, shipment: Shipment, outcome: Outcome): void {
  // The name of the message is a MAC, which nobody needs unless somebody listens.
  if (!core.events.heard) return
  const relayed = shipment.challengeId === undefined ? true : undefined
  if (!outcome.ok) {
    const [{ channel }] = shipment.routes
    const { kind } = outcome.error
    tell(core, challengeOf(shipment), defined({ type: 'unsent', channel, relayed, kind }))
    return
  }
  const { channel, delivery, reference, provider, messageId, messageIds = [] } = outcome
  const { segments, price, durationMs } = outcome
  const keyOf = (id: string) => messageKeyOf(core.settings, provider, id)
  const sent = {
    type: 'sent',
    resend: shipment.resend,
    relayed,
    delivery: shipment.withheld ?? delivery,
    reference,
    channel,
    provider,
    messageKey: messageId === undefined ? undefined : keyOf(messageId),
    messageKeys: messageIds.length > 1 ? messageIds.map(keyOf) : undefined,
    segments,
    price,
    durationMs,
  } as const
  tell(core, challengeOf(shipment), defined(sent))
}

/** The answer where no delivery took the message: a fault, unless it is about the recipient. */
export function undelivered(error: DeliveryError): Undeliverable {
  const { kind } = error
  if (isUndeliverable(kind)) return { ok: false, reason: 'undeliverable', kind }
  throw new OtpError('delivery_failed', 'no delivery took the message', { cause: error })
}

/** Does work behind the answer; what it throws is told. */
export function behindAnswer(core: Core, label: string, work: () => Promise<unknown>): void {
  keepAlive(
    core,
    label,
    // In a task of its own: not even the beginning of a delivery may be seen in the answer's time.
    nextTask()
      .then(work)
      .then(
        () => undefined,
        (error: unknown) => tellFault(core, label, 'background', error),
      ),
  )
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

function subjectOf({ label, recipient, purpose }: Shipment): Subject {
  return { label, recipient, purpose }
}

function challengeOf(shipment: Shipment): Subject {
  const { challengeId: id } = shipment
  return id === undefined ? subjectOf(shipment) : { id, ...subjectOf(shipment) }
}

/** What an accepted message looks like, for a recipient who must not be told apart. */
function withhold({ routes, withheld }: Shipment, reference: string): Outcome {
  const [{ channel, delivery }] = routes
  const { name: provider } = delivery
  const taken = { ok: true, channel, delivery: 'accepted', reference, provider } as const
  return withheld === 'test' ? taken : { ...taken, messageId: randomText() }
}

async function tryRoutes(
  core: Core,
  shipment: Shipment,
  reference: string,
  routes: Routes,
): Promise<Outcome> {
  const { channel, delivery } = routes[0]
  const composed = compose(core, shipment, channel, reference)
  const lap = laps(core.settings.clock)
  const tellFailure = (cause: unknown) => {
    const error = cleanError(cause, delivery, composed)
    const { kind, sent, provider, providerCode, consolePage } = error
    const durationMs = lap()
    const failed = { channel, kind, sent, provider, providerCode, consolePage, durationMs }
    tell(core, challengeOf(shipment), defined({ type: 'delivery_failed', ...failed }))
    return error
  }
  try {
    const around = aroundDelivery(core, composed, (cause, of) => cleanError(cause, of, composed))
    const onFailure = tellFailure
    const options = around === undefined ? { onFailure } : { onFailure, around }
    const accepted = await handOver(delivery, composed, options)
    const { provider, messageId, messageIds, segments, price } = accepted
    return {
      ok: true,
      channel,
      delivery: 'accepted',
      reference,
      provider,
      messageId,
      messageIds,
      segments,
      price,
      durationMs: lap(),
    }
  } catch (cause) {
    const error = tellFailure(cause)
    const { sent, provider } = error
    // It may still arrive: the challenge must live, and a second message would be one too many.
    if (sent === 'unknown') return { ok: true, channel, delivery: 'unknown', reference, provider }
    const [, next, ...more] = routes
    return next === undefined || !mayTryAnotherRoute(error)
      ? { ok: false, error }
      : tryRoutes(core, shipment, reference, [next, ...more])
  }
}

/** Milliseconds since it was asked before: of several deliveries in turn each has its own. */
function laps(clock: () => number): () => number {
  let startedAt = clock()
  return () => {
    const from = startedAt
    startedAt = clock()
    // A host's clock may be set back.
    return Math.max(0, startedAt - from)
  }
}

function compose(core: Core, shipment: Shipment, channel: string, reference: string): OtpMessage {
  const { recipient, purpose, code, expiresInMs } = shipment
  const { locale, content, segments } = write(core, shipment, channel)
  if (segments !== undefined && segments.segments > 1) {
    tell(core, subjectOf(shipment), {
      type: 'long_message',
      channel,
      locale,
      encoding: segments.encoding,
      segments: segments.segments,
    })
  }
  const message: Writable<OtpMessage> = {
    to: recipient.envelope,
    channel,
    purpose,
    locale,
    appName: core.settings.appName,
    expiresInMs,
    reference,
    content,
  }
  if (recipient.country !== undefined) message.country = recipient.country
  if (code !== undefined) message.code = code
  return redact(message)
}

function write(core: Core, shipment: Shipment, channel: string): RenderedMessage {
  const { purpose, locale, code, text, expiresInMs } = shipment
  const written = core.settings.render({ channel, purpose, locale, code: code ?? '', expiresInMs })
  return text === undefined ? written : withText(written, channel, text, code)
}

// Built anew from its plain fields: what else hangs on a foreign error may quote the message.
function cleanError(error: unknown, delivery: Delivery, message: OtpMessage): DeliveryError {
  if (!isDeliveryError(error)) {
    return new DeliveryError({ kind: 'unknown', sent: 'unknown', provider: delivery.name })
  }
  const { kind, sent, provider, retryAfterMs, consolePage } = error
  const providerCode = quotes(error.providerCode, message) ? undefined : error.providerCode
  return new DeliveryError(
    defined({ kind, sent, provider, providerCode, retryAfterMs, consolePage }),
  )
}

/** Whether this holds the code, or could hold the one in a text that nobody named. */
function quotes(providerCode: string | undefined, { code, content }: OtpMessage): boolean {
  if (providerCode === undefined) return false
  return code === undefined ? content.text.includes(providerCode) : providerCode.includes(code)
}
