import type { ErrorRow } from '../delivery-suite'

/**
 * Written by hand from https://docs.msg91.com/otp and its older list at https://api.msg91.com/apidoc, and never from the adapter.
 */
export const msg91Outcomes: readonly ErrorRow[] = [
  ['001', 'unavailable', 'unknown'],
  ['002', 'unavailable', 'unknown'],
  ['101', 'misconfigured', 'no'],
  ['102', 'misconfigured', 'no'],
  ['103', 'misconfigured', 'no'],
  ['104', 'misconfigured', 'no'],
  ['105', 'misconfigured', 'no'],
  ['106', 'misconfigured', 'no'],
  ['107', 'misconfigured', 'no'],
  ['201', 'misconfigured', 'no'],
  ['202', 'invalid_recipient', 'no'],
  ['203', 'misconfigured', 'no'],
  ['205', 'misconfigured', 'no'],
  ['207', 'misconfigured', 'no'],
  ['208', 'misconfigured', 'no'],
  ['209', 'misconfigured', 'no'],
  ['210', 'misconfigured', 'no'],
  ['211', 'content_rejected', 'no'],
  ['301', 'insufficient_funds', 'no'],
  ['302', 'misconfigured', 'no'],
  ['303', 'misconfigured', 'no'],
  ['306', 'unavailable', 'no'],
  ['307', 'misconfigured', 'no'],
  ['308', 'misconfigured', 'no'],
  ['309', 'misconfigured', 'no'],
  ['310', 'content_rejected', 'no'],
  ['418', 'misconfigured', 'no'],
  ['505', 'misconfigured', 'no'],
  ['506', 'rate_limited', 'no'],
  ['601', 'unavailable', 'unknown'],
]
