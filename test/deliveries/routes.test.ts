import { type Delivery, DeliveryError, type DeliveryErrorKind } from 'otpkit'
import { byCountry } from 'otpkit/deliveries/by-country'
import { byPrefix } from 'otpkit/deliveries/by-prefix'
import { fallback } from 'otpkit/deliveries/fallback'
import { withCircuitBreaker } from 'otpkit/deliveries/with-circuit-breaker'
import { withRetry } from 'otpkit/deliveries/with-retry'
import { withTimeout } from 'otpkit/deliveries/with-timeout'
import { capturedDelivery, deliveryConformance } from 'otpkit/testing'
import { describe, it } from 'vitest'

const routes: Readonly<Record<string, (delivery: Delivery) => Delivery>> = {
  fallback: (delivery) => fallback(delivery, delivery),
  byCountry: (delivery) => byCountry({ default: delivery }),
  byPrefix: (delivery) => byPrefix({ default: delivery }),
  withTimeout: (delivery) => withTimeout(delivery, '5s'),
  withRetry: (delivery) => withRetry(delivery, { sleep: async () => {} }),
  withCircuitBreaker: (delivery) => withCircuitBreaker(delivery),
}

describe.each(Object.entries(routes))('conformance of %s', (_, route) => {
  const cases = deliveryConformance(async () => {
    const captured = capturedDelivery({ name: 'mine' })
    let kind: DeliveryErrorKind | undefined
    const failing: Delivery = {
      ...captured,
      deliver: async (message, options) => {
        if (kind !== undefined) throw new DeliveryError({ kind, sent: 'no', provider: 'mine' })
        return captured.deliver(message, options)
      },
    }
    return {
      delivery: route(failing),
      delivered: () => captured.messages.length,
      refuse: () => {
        kind = 'content_rejected'
      },
      disconnect: () => {
        kind = 'unavailable'
      },
    }
  })
  for (const { name, run } of cases) it(name, run)
})
