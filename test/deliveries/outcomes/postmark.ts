import type { ErrorRow } from '../delivery-suite'

/**
 * Written by hand from https://postmarkapp.com/developer/api/overview#error-codes, and never from the adapter.
 */
export const postmarkOutcomes: readonly ErrorRow[] = [
  [10, 'misconfigured', 'no'],
  [100, 'unavailable', 'no'],
  [300, 'misconfigured', 'no'],
  [400, 'misconfigured', 'no', 'https://account.postmarkapp.com/signature_domains'],
  [401, 'misconfigured', 'no', 'https://account.postmarkapp.com/signature_domains'],
  [402, 'misconfigured', 'no'],
  [403, 'misconfigured', 'no'],
  [405, 'insufficient_funds', 'no'],
  [406, 'opted_out', 'no'],
  [409, 'misconfigured', 'no'],
  [412, 'misconfigured', 'no'],
  [413, 'misconfigured', 'no'],
  [429, 'rate_limited', 'no'],
  [9999, 'unknown', 'no'],
]
