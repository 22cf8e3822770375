import type { DeliverOptions, Delivery, OtpMessage } from '../delivery'
import { type DeliveryError, isOtpError } from '../errors'
import { defined } from '../internal/defined'
import type { Relayed, Sent, Verified } from '../results'
import type { TraceAttributes, TraceName } from '../trace'
import type { Core } from './context'
import type { RelayResult } from './relay'
import type { ResendResult } from './resend'
import type { VerifyResult } from './verify'

type Answer = ResendResult | RelayResult | VerifyResult
type Add = (attributes: TraceAttributes) => void

const ignore: Add = () => {}

/** Does what a manager was asked for, within the trace if there is one. */
export function operation<Result extends Answer>(
  core: Core,
  name: TraceName,
  request: unknown,
  run: (core: Core, request: unknown) => Promise<Result>,
): Promise<Result> {
  if (core.settings.trace === undefined) return run(core, request)
  return traced(core, name, knownIn(core, request), async (add) => {
    try {
      const result = await run(core, request)
      add(outcomeOf(result))
      return result
    } catch (error) {
      add(faultOf(error))
      throw error
    }
  })
}

/** Surrounds each delivery with a piece of the trace; without a trace there is nothing to surround. */
export function aroundDelivery(
  core: Core,
  { channel, country }: OtpMessage,
  errorOf: (cause: unknown, delivery: Delivery) => DeliveryError,
): DeliverOptions['around'] {
  if (core.settings.trace === undefined) return undefined
  return (delivery, call) => {
    const known = { 'otpkit.channel': channel, 'otpkit.country': country }
    const attributes = defined({ ...known, 'otpkit.provider': delivery.name })
    return traced(core, 'otpkit.deliver', attributes, async (add) => {
      try {
        const accepted = await call()
        add({ 'otpkit.outcome': 'accepted', 'otpkit.provider': accepted.provider })
        return accepted
      } catch (cause) {
        const { kind, sent, provider, providerCode } = errorOf(cause, delivery)
        const failed = {
          'error.type': kind,
          'otpkit.outcome': sent === 'no' ? 'failed' : 'unknown',
          'otpkit.provider': provider,
          'otpkit.provider_code': providerCode,
        }
        add(defined(failed))
        throw cause
      }
    })
  }
}

/** Nothing that the trace does or leaves undone changes what `run` gives, and it runs once. */
function traced<Result>(
  core: Core,
  name: TraceName,
  attributes: TraceAttributes,
  run: (add: Add) => Promise<Result>,
): Promise<Result> {
  const { trace, clock } = core.settings
  let running: Promise<Result> | undefined
  const tell = (error: unknown) =>
    core.events.emit({ type: 'fault', during: 'listener', at: clock(), error })
  // What the work itself failed with comes back through the trace, and is the caller's.
  const failed = (error: unknown) =>
    once().then(
      () => tell(error),
      (own) => own === error || tell(error),
    )
  const once = (add = ignore) => {
    running ??= run((more) => {
      try {
        add(more)
      } catch (error) {
        tell(error)
      }
    })
    return running
  }
  try {
    Promise.resolve(trace?.(name, attributes, once)).catch(failed)
  } catch (error) {
    failed(error)
  }
  return once()
}

/** Of what was asked for, the words that are the options' own. */
function knownIn({ settings }: Core, request: unknown): TraceAttributes {
  const { purposes, deliveries } = settings
  try {
    const asked: { readonly purpose?: unknown; readonly channel?: unknown } = Object(request)
    const { purpose } = asked
    const [channel] = [asked.channel].flat()
    return defined({
      'otpkit.purpose': [...purposes.keys()].find((name) => name === purpose),
      'otpkit.channel': [...deliveries.keys()].find((name) => name === channel),
    })
  } catch {
    // What nobody can read is answered as invalid by the work itself.
    return {}
  }
}

function outcomeOf(result: Answer): TraceAttributes {
  if (result.ok) return successOf(result)
  const { reason } = result
  return defined({
    'otpkit.outcome': reason,
    'otpkit.limit': reason === 'rate_limited' ? result.limit : undefined,
    'otpkit.problem': reason === 'invalid' ? result.problem : undefined,
  })
}

function successOf(result: Sent | Relayed | Verified): TraceAttributes {
  if (!('delivery' in result)) return { 'otpkit.outcome': 'verified' }
  const isDuplicate = 'duplicate' in result && result.duplicate
  const outcome = isDuplicate ? 'duplicate' : result.delivery
  return { 'otpkit.outcome': outcome, 'otpkit.channel': result.channel }
}

/** A provider's failure is its delivery's error, and an outcome of the whole. */
function faultOf(error: unknown): TraceAttributes {
  const code = isOtpError(error) ? error.code : '_OTHER'
  return code === 'delivery_failed' ? { 'otpkit.outcome': code } : { 'error.type': code }
}
