import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { OtpListener } from 'otpkit'
import { otelMetrics } from 'otpkit/opentelemetry'
import { isSameSecret } from '../accounts/same-secret'
import type { Route } from '../http/route'
import { plainRefusal } from '../http/site'

/** What happens to codes as numbers for Prometheus. */
export interface Metrics {
  /** Counts the events of managers. */
  readonly listener: OtpListener
  /** `GET /metrics`, for who knows the token. */
  readonly route: Route
}

export function createMetrics(token: string): Metrics {
  const reader = new PrometheusExporter({ preventServerStart: true })
  const serializer = new PrometheusSerializer()
  return {
    listener: otelMetrics({ meterProvider: new MeterProvider({ readers: [reader] }) }),
    route: {
      method: 'GET',
      path: '/metrics',
      handle: async ({ header }) => {
        const [, bearer = ''] = /^Bearer +(\S+)$/i.exec(header('authorization') ?? '') ?? []
        if (!isSameSecret(bearer, token)) {
          const refusal = plainRefusal({ code: 401, message: 'Wrong token' })
          return { ...refusal, headers: { 'WWW-Authenticate': 'Bearer' } }
        }
        const { resourceMetrics } = await reader.collect()
        return {
          status: 200,
          headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
          content: serializer.serialize(resourceMetrics),
        }
      },
    },
  }
}
