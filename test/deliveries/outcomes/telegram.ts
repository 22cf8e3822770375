import type { ErrorRow } from '../delivery-suite'

/**
 * Written by hand from https://core.telegram.org/gateway/api, and never from the adapter.
 */
export const telegramOutcomes: readonly ErrorRow[] = [
  ['ACCESS_TOKEN_INVALID', 'misconfigured', 'no', 'https://gateway.telegram.org/account/api'],
  ['ACCESS_TOKEN_REQUIRED', 'misconfigured', 'no', 'https://gateway.telegram.org/account/api'],
  ['PHONE_NUMBER_INVALID', 'invalid_recipient', 'no'],
  ['PHONE_NUMBER_NOT_FOUND', 'invalid_recipient', 'no'],
  ['PHONE_NUMBER_NOT_AVAILABLE', 'invalid_recipient', 'no'],
  ['PHONE_NUMBER_MISMATCH', 'misconfigured', 'no'],
  ['REQUEST_ID_INVALID', 'misconfigured', 'no'],
  ['REQUEST_ID_REQUIRED', 'misconfigured', 'no'],
  ['CODE_INVALID', 'content_rejected', 'no'],
  ['CODE_LENGTH_INVALID', 'content_rejected', 'no'],
  ['CODE_SOMETHING_NEW', 'content_rejected', 'no'],
  ['PAYLOAD_INVALID', 'misconfigured', 'no'],
  ['CALLBACK_URL_INVALID', 'misconfigured', 'no'],
  ['TTL_INVALID', 'misconfigured', 'no'],
  ['SENDER_NOT_VERIFIED', 'misconfigured', 'no'],
  ['UNKNOWN_METHOD', 'misconfigured', 'no'],
  ['BALANCE_NOT_ENOUGH', 'insufficient_funds', 'no', 'https://gateway.telegram.org/account'],
  ['FLOOD_WAIT', 'rate_limited', 'no'],
  ['FLOOD_WAIT_30', 'rate_limited', 'no'],
]
