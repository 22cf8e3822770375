import type { ErrorRow } from '../delivery-suite'

/**
 * Written by hand from https://developer.vonage.com/en/api-errors/messages, and never from the adapter.
 */
export const vonageMessagesOutcomes: readonly ErrorRow[] = [
  [1000, 'rate_limited', 'no'],
  [1010, 'misconfigured', 'no'],
  [1020, 'misconfigured', 'no'],
  [1021, 'misconfigured', 'no'],
  [1022, 'content_rejected', 'no'],
  [1030, 'unavailable', 'unknown'],
  [1040, 'content_rejected', 'no'],
  [1050, 'opted_out', 'no'],
  [1060, 'misconfigured', 'no'],
  [1070, 'insufficient_funds', 'no'],
  [1080, 'misconfigured', 'no'],
  [1090, 'content_rejected', 'no'],
  [1100, 'unavailable', 'unknown'],
  [1120, 'misconfigured', 'no'],
  [1130, 'misconfigured', 'no'],
  [1160, 'misconfigured', 'no'],
  [1170, 'invalid_recipient', 'no'],
  [1210, 'content_rejected', 'no'],
  [1240, 'opted_out', 'no'],
  [1241, 'opted_out', 'no'],
  [1420, 'misconfigured', 'no'],
  [1430, 'content_rejected', 'no'],
  [1460, 'fraud_blocked', 'no'],
  [1470, 'fraud_blocked', 'no'],
  [1471, 'fraud_blocked', 'no'],
  [1472, 'fraud_blocked', 'no'],
  [1476, 'content_rejected', 'no'],
  [1480, 'content_rejected', 'no'],
  [1481, 'content_rejected', 'no'],
  [1482, 'content_rejected', 'no'],
  [1483, 'content_rejected', 'no'],
  [1999, 'unknown', 'no'],
]
