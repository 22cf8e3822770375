import type { ErrorRow } from '../delivery-suite'

/**
 * Written by hand from https://resend.com/docs/api-reference/errors, and never from the adapter.
 */
export const resendOutcomes: readonly ErrorRow[] = [
  ['missing_api_key', 'misconfigured', 'no', 'https://resend.com/api-keys'],
  ['invalid_api_key', 'misconfigured', 'no', 'https://resend.com/api-keys'],
  ['restricted_api_key', 'misconfigured', 'no', 'https://resend.com/api-keys'],
  ['invalid_access', 'misconfigured', 'no', 'https://resend.com/api-keys'],
  ['invalid_from_address', 'misconfigured', 'no', 'https://resend.com/domains'],
  ['validation_error', 'misconfigured', 'no', 'https://resend.com/domains'],
  ['missing_required_field', 'misconfigured', 'no'],
  ['invalid_parameter', 'misconfigured', 'no'],
  ['invalid_region', 'misconfigured', 'no'],
  ['invalid_attachment', 'misconfigured', 'no'],
  ['method_not_allowed', 'misconfigured', 'no'],
  ['not_found', 'misconfigured', 'no'],
  ['invalid_idempotency_key', 'misconfigured', 'no'],
  ['rate_limit_exceeded', 'rate_limited', 'no'],
  ['daily_quota_exceeded', 'insufficient_funds', 'no'],
  ['monthly_quota_exceeded', 'insufficient_funds', 'no'],
  ['security_error', 'content_rejected', 'no'],
  ['invalid_idempotent_request', 'unknown', 'unknown'],
  ['concurrent_idempotent_requests', 'unavailable', 'unknown'],
  ['application_error', 'unavailable', 'unknown'],
  ['internal_server_error', 'unavailable', 'unknown'],
  ['an_error_of_tomorrow', 'unknown', 'no'],
]
