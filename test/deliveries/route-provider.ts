import { type Delivery, DeliveryError, type DeliveryErrorKind, type DeliveryFailure } from 'otpkit'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type ProviderServer, startProviderServer } from './provider-server'

type Failure = Omit<DeliveryFailure, 'provider'>

/** A provider behind a real HTTP server, for the tests of one file. */
export interface RouteProvider {
  readonly delivery: Delivery
  /** Requests in this test so far. */
  requests(): number
  /** From now on it answers every request with this failure. */
  fail(failure: Failure): void
  /** From now on it takes every message. */
  recover(): void
  /** From now on it never answers; calls back for each request. */
  hang(onRequest?: () => void): void
}

/** Starts a provider, which takes every message at the start of each test. */
export function useRouteProvider(
  name: string,
  reaches: Delivery['reaches'] = ['phone'],
): RouteProvider {
  let server: ProviderServer | undefined
  let before = 0
  const running = () => {
    if (server === undefined) throw new Error('the provider has not started')
    return server
  }
  const recover = () => running().behave({ json: { id: 'message-1' } })
  beforeAll(async () => {
    server = await startProviderServer()
  })
  beforeEach(() => {
    before = running().requests.length
    recover()
  })
  afterAll(() => server?.close())

  return {
    delivery: {
      name,
      reaches,
      deliver: async (message, { signal } = {}) => {
        const body = JSON.stringify({ to: message.to, text: message.content.text })
        const request = { method: 'POST', body, ...(signal === undefined ? {} : { signal }) }
        const response = await fetch(running().url, request)
        const answer: unknown = await response.json()
        if (!response.ok) throw new DeliveryError({ ...failureIn(answer), provider: name })
        return { provider: name, messageId: 'message-1' }
      },
    },
    requests: () => running().requests.length - before,
    fail: (failure) => running().behave({ status: 400, json: failure }),
    recover,
    hang: (onRequest) =>
      running().behave(() => {
        onRequest?.()
        return 'silent'
      }),
  }
}

function failureIn(answer: unknown): Failure {
  const given = Object(answer)
  const { retryAfterMs } = given
  return {
    kind: given.kind,
    sent: given.sent,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** Every failure there is, and what the routes have to make of it. */
export interface FailureRow {
  readonly kind: DeliveryErrorKind
  readonly sent: 'no' | 'unknown'
  /** Another route may be tried. */
  readonly movesOn: boolean
  /** The same route may be tried again. */
  readonly repeats: boolean
  /** It tells against the provider's health. */
  readonly counts: boolean
}

const row = (
  kind: DeliveryErrorKind,
  sent: 'no' | 'unknown',
  ...may: ('moves on' | 'repeats' | 'counts')[]
): FailureRow => ({
  kind,
  sent,
  movesOn: may.includes('moves on'),
  repeats: may.includes('repeats'),
  counts: may.includes('counts'),
})

export const everyFailure: readonly FailureRow[] = [
  row('invalid_recipient', 'no', 'moves on'),
  row('invalid_recipient', 'unknown'),
  row('opted_out', 'no'),
  row('opted_out', 'unknown'),
  row('fraud_blocked', 'no'),
  row('fraud_blocked', 'unknown'),
  row('content_rejected', 'no', 'moves on'),
  row('content_rejected', 'unknown'),
  row('misconfigured', 'no', 'moves on', 'counts'),
  row('misconfigured', 'unknown', 'counts'),
  row('insufficient_funds', 'no', 'moves on', 'counts'),
  row('insufficient_funds', 'unknown', 'counts'),
  row('rate_limited', 'no', 'moves on', 'repeats', 'counts'),
  row('rate_limited', 'unknown', 'counts'),
  row('unavailable', 'no', 'moves on', 'repeats', 'counts'),
  row('unavailable', 'unknown', 'counts'),
  row('unknown', 'no', 'moves on', 'counts'),
  row('unknown', 'unknown', 'counts'),
]
