import type { ErrorRow } from '../delivery-suite'

/**
 * Written by hand from https://www.plivo.com/docs/messaging/api/message, and never from the adapter.
 */
export const plivoOutcomes: readonly ErrorRow[] = [
  [400, 'misconfigured', 'no'],
  [401, 'misconfigured', 'no'],
  [402, 'insufficient_funds', 'no'],
  [403, 'misconfigured', 'no'],
  [404, 'misconfigured', 'no'],
  [405, 'misconfigured', 'no'],
  [406, 'misconfigured', 'no'],
  [429, 'rate_limited', 'no'],
  [500, 'unknown', 'unknown'],
  [503, 'unknown', 'unknown'],
  [422, 'unknown', 'no'],
]
