import type { ErrorRow } from '../delivery-suite'

/**
 * Written by hand from https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors, and never from the adapter.
 */
export const snsOutcomes: readonly ErrorRow[] = [
  ['AuthorizationError', 'misconfigured', 'no'],
  ['InvalidSecurity', 'misconfigured', 'no'],
  ['InvalidClientTokenId', 'misconfigured', 'no'],
  ['SignatureDoesNotMatch', 'misconfigured', 'no'],
  ['ExpiredToken', 'misconfigured', 'no'],
  ['InvalidParameter', 'misconfigured', 'no'],
  ['ParameterValueInvalid', 'misconfigured', 'no'],
  ['ValidationException', 'misconfigured', 'no'],
  ['UserError', 'misconfigured', 'no'],
  ['OptedOut', 'opted_out', 'no'],
  ['Throttled', 'rate_limited', 'no'],
  ['Throttling', 'rate_limited', 'no'],
  ['ThrottlingException', 'rate_limited', 'no'],
  ['KMSAccessDenied', 'misconfigured', 'no'],
  ['KMSThrottling', 'misconfigured', 'no'],
  ['NotFound', 'misconfigured', 'no'],
  ['EndpointDisabled', 'misconfigured', 'no'],
  ['PlatformApplicationDisabled', 'misconfigured', 'no'],
  ['RequestExpired', 'misconfigured', 'no'],
  ['InternalFailure', 'unknown', 'unknown'],
  ['ServiceUnavailable', 'unknown', 'unknown'],
  ['InternalError', 'unknown', 'unknown'],
  ['ErrorOfTomorrow', 'unknown', 'no'],
]
