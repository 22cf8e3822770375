import {
  type Attributes,
  type MeterProvider,
  metrics,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import type { OtpEvent, OtpListener } from './events'
import { knownOptions } from './internal/known-options'
import { version } from './internal/version'
import { wrongOption } from './internal/wrong-option'
import type { Trace } from './trace'

/** Options of `otelMetrics`. */
export interface OtelMetricsOptions {
  /**
   * Whose instruments count.
   *
   * @defaultValue the global one, whenever it is set
   */
  readonly meterProvider?: MeterProvider
  /**
   * Whether messages and segments are counted by country. Switch it off where `countries` is `'any'`:
   * an SDK keeps some 2,000 combinations of an instrument apart, and then none.
   *
   * @defaultValue true
   */
  readonly country?: boolean
}

/** Options of `otelTrace`. */
export interface OtelTraceOptions {
  /**
   * Whose spans they are.
   *
   * @defaultValue the global one, whenever it is set
   */
  readonly tracerProvider?: TracerProvider
}

/** Bounds of the buckets, as the semantic conventions advise for durations. */
const callSeconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
/** A person reads a message and types. */
const personSeconds = [2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600]

/**
 * A listener that counts what happens in OpenTelemetry's instruments.
 *
 * @throws `TypeError` that names a wrong option
 *
 * @example
 * ```ts
 * import type { OtpManager } from 'otpkit'
 * import { otelMetrics } from 'otpkit/opentelemetry'
 *
 * export function measure(otp: OtpManager<string, string>) {
 *   return otp.subscribe(otelMetrics())
 * }
 * ```
 */
export function otelMetrics(given: OtelMetricsOptions = {}): OtpListener {
  const options = knownOptions('otelMetrics', given, { meterProvider: true, country: true })
  const { meterProvider, country = true } = options
  requireMethod('otelMetrics', 'meterProvider', meterProvider, 'getMeter')
  if (typeof country !== 'boolean') {
    throw wrongOption('otelMetrics', 'country', 'must be true or false')
  }
  let provider: MeterProvider | undefined
  let instruments: Instruments | undefined
  return (event) => {
    // The global provider may be set after this listener, or again: a meter of an earlier one is deaf.
    const current = meterProvider ?? metrics.getMeterProvider()
    if (instruments === undefined || provider !== current) {
      instruments = createInstruments(current)
      provider = current
    }
    count(instruments, event, country)
  }
}

/**
 * Spans of each `send`, `resend`, `relay`, `verify` and delivery, for the option `trace` of a manager.
 *
 * @throws `TypeError` that names a wrong option
 *
 * @example
 * ```ts
 * import { OtpManager } from 'otpkit'
 * import { memory } from 'otpkit/databases/memory'
 * import { consoleDelivery } from 'otpkit/deliveries/console'
 * import { otelTrace } from 'otpkit/opentelemetry'
 *
 * export const otp = new OtpManager({
 *   secret: process.env.OTP_SECRET,
 *   database: memory(),
 *   deliveries: { email: consoleDelivery() },
 *   purposes: ['login'],
 *   trace: otelTrace(),
 * })
 * ```
 */
export function otelTrace(given: OtelTraceOptions = {}): Trace {
  const { tracerProvider } = knownOptions('otelTrace', given, { tracerProvider: true })
  requireMethod('otelTrace', 'tracerProvider', tracerProvider, 'getTracer')
  return (name, attributes, run) => {
    const tracer = (tracerProvider ?? trace.getTracerProvider()).getTracer('otpkit', version)
    const kind = name === 'otpkit.deliver' ? SpanKind.CLIENT : SpanKind.INTERNAL
    return tracer.startActiveSpan(name, { kind, attributes }, async (span) => {
      try {
        return await run((more) => {
          span.setAttributes(more)
          if ('error.type' in more) span.setStatus({ code: SpanStatusCode.ERROR })
        })
      } finally {
        span.end()
      }
    })
  }
}

type Instruments = ReturnType<typeof createInstruments>

function createInstruments(provider: MeterProvider) {
  const meter = provider.getMeter('otpkit', version)
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(name, { unit, description })
  const seconds = (name: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries } })
  return {
    messages: counter('otpkit.messages', '{message}', 'Messages, by what became of each'),
    segments: counter('otpkit.segments', '{segment}', 'Segments of text messages, as billed'),
    deliveries: seconds('otpkit.delivery.duration', 'Time a provider took', callSeconds),
    receipts: counter('otpkit.receipts', '{receipt}', 'Reports of providers about messages'),
    attempts: counter('otpkit.attempts', '{attempt}', 'Submitted codes, by what came of each'),
    delay: seconds('otpkit.verification.delay', 'First message to right code', personSeconds),
    refusals: counter('otpkit.refusals', '{refusal}', 'Requests that a limit refused'),
    faults: counter('otpkit.faults', '{fault}', 'What failed behind an answer'),
  }
}

function count(instruments: Instruments, event: OtpEvent, byCountry: boolean): void {
  const { messages, segments, deliveries, receipts, attempts, delay, refusals, faults } =
    instruments
  switch (event.type) {
    case 'sent': {
      const { channel, provider, delivery, durationMs } = event
      const sent = { channel, provider, country: byCountry ? event.country : undefined }
      messages.add(1, named({ ...sent, outcome: delivery }))
      if (event.segments !== undefined) segments.add(event.segments, named(sent))
      if (durationMs !== undefined)
        deliveries.record(durationMs / 1000, named({ channel, provider }))
      return
    }
    case 'delivery_failed': {
      const { channel, provider, kind, durationMs } = event
      const failed = { ...named({ channel, provider }), 'error.type': kind }
      if (durationMs !== undefined) deliveries.record(durationMs / 1000, failed)
      return
    }
    case 'unsent': {
      const country = byCountry ? event.country : undefined
      messages.add(1, named({ channel: event.channel, country, outcome: 'unsent' }))
      return
    }
    case 'receipt': {
      const { provider, status, kind } = event
      receipts.add(1, { ...named({ provider, status }), ...(kind && { 'error.type': kind }) })
      return
    }
    case 'verified':
    case 'incorrect': {
      const { channel, purpose, type: outcome, elapsedMs } = event
      attempts.add(1, named({ channel, purpose, outcome }))
      if (outcome === 'verified' && elapsedMs !== undefined) {
        delay.record(elapsedMs / 1000, named({ channel, purpose }))
      }
      return
    }
    case 'used':
    case 'expired':
      attempts.add(1, named({ purpose: event.purpose, outcome: event.type }))
      return
    case 'refused': {
      const { action, limit = 'ledger', purpose } = event
      refusals.add(1, named({ action, limit, purpose }))
      return
    }
    case 'fault':
      faults.add(1, named({ during: event.during }))
  }
}

/** Attributes under the names of this library. */
function named(values: Readonly<Record<string, string | undefined>>): Attributes {
  const attributes: Attributes = {}
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) attributes[`otpkit.${name}`] = value
  }
  return attributes
}

function requireMethod(factory: string, option: string, given: unknown, method: string): void {
  if (given === undefined) return
  const isObject = typeof given === 'object' && given !== null
  if (isObject && typeof Reflect.get(given, method) === 'function') return
  throw wrongOption(factory, option, `must be an object with ${method}`)
}
