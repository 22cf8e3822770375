import type { ErrorRow } from '../delivery-suite'

/**
 * Written by hand from https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms, and never from the adapter.
 */
export const vonageOutcomes: readonly ErrorRow[] = [
  ['1', 'rate_limited', 'no'],
  ['2', 'misconfigured', 'no'],
  ['3', 'misconfigured', 'no'],
  ['4', 'misconfigured', 'no'],
  ['5', 'unavailable', 'unknown'],
  ['6', 'invalid_recipient', 'no'],
  ['7', 'opted_out', 'no'],
  ['8', 'misconfigured', 'no'],
  ['9', 'insufficient_funds', 'no'],
  ['10', 'rate_limited', 'no'],
  ['11', 'misconfigured', 'no'],
  ['12', 'content_rejected', 'no'],
  ['14', 'misconfigured', 'no'],
  ['15', 'misconfigured', 'no'],
  ['22', 'misconfigured', 'no'],
  ['23', 'misconfigured', 'no'],
  ['29', 'misconfigured', 'no', 'https://dashboard.nexmo.com/test-numbers'],
  ['32', 'misconfigured', 'no'],
  ['33', 'invalid_recipient', 'no'],
  ['99', 'unknown', 'no'],
]
