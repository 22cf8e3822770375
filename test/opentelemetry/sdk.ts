import { context, SpanStatusCode } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'

/** One series of an instrument, a histogram by its count and sum. */
export interface Series {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly value: number | { readonly count: number | undefined; readonly sum: number | undefined }
}

/** A real SDK whose numbers stay in memory. */
export function createMeters() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })

  async function read() {
    exporter.reset()
    await provider.forceFlush()
    return exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .filter(({ scope }) => scope.name === 'otpkit')
      .flatMap(({ metrics }) => metrics)
  }

  /** Every series, sorted by name and attributes as they were counted. */
  async function series(name?: string): Promise<Series[]> {
    return (await read())
      .filter(({ descriptor }) => name === undefined || descriptor.name === name)
      .flatMap((metric): Series[] => {
        const { name: of } = metric.descriptor
        if (metric.dataPointType === DataPointType.HISTOGRAM) {
          return metric.dataPoints.map(({ attributes, value: { count, sum } }) => {
            return { name: of, attributes, value: { count, sum } }
          })
        }
        if (metric.dataPointType !== DataPointType.SUM) throw new Error(`${of} is no sum`)
        return metric.dataPoints.map(({ attributes, value }) => ({ name: of, attributes, value }))
      })
  }

  return { provider, read, series }
}

/** A real SDK whose spans stay in memory. */
export function createSpans() {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const spans = () => exporter.getFinishedSpans()
  /** What tests look at, in the order in which spans ended. */
  const told = () =>
    spans().map((span) => ({
      name: span.name,
      parent: parentOf(span, spans()),
      ...(span.status.code === SpanStatusCode.ERROR && { status: 'error' }),
      ...Object.fromEntries(
        Object.entries(span.attributes).map(([name, value]) => [
          name.replace('otpkit.', ''),
          value,
        ]),
      ),
    }))
  return { provider, spans, told, reset: () => exporter.reset() }
}

function parentOf(span: ReadableSpan, spans: readonly ReadableSpan[]): string | undefined {
  const id = span.parentSpanContext?.spanId
  return id === undefined
    ? undefined
    : spans.find((other) => other.spanContext().spanId === id)?.name
}

/** What makes a span the parent of those that begin while it runs; one for a file of tests. */
export function useContexts(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
}
