import type { ErrorRow } from '../delivery-suite'

/**
 * Written by hand from https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses, and never from the adapter.
 */
export const sendgridOutcomes: readonly ErrorRow[] = [
  [400, 'misconfigured', 'no'],
  [401, 'misconfigured', 'no', 'https://app.sendgrid.com/settings/api_keys'],
  [403, 'misconfigured', 'no', 'https://app.sendgrid.com/settings/sender_auth'],
  [413, 'misconfigured', 'no'],
  [429, 'rate_limited', 'no'],
  [500, 'unknown', 'unknown'],
  [503, 'unknown', 'unknown'],
]
