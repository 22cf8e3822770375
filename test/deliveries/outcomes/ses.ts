import type { ErrorRow } from '../delivery-suite'

/**
 * Written by hand from https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors, and never from the adapter.
 */
export const sesOutcomes: readonly ErrorRow[] = [
  ['BadRequestException', 'misconfigured', 'no'],
  ['MessageRejected', 'content_rejected', 'no'],
  [
    'MailFromDomainNotVerifiedException',
    'misconfigured',
    'no',
    'https://console.aws.amazon.com/ses/home#/verified-identities',
  ],
  ['NotFoundException', 'misconfigured', 'no'],
  ['AccountSuspendedException', 'misconfigured', 'no'],
  ['SendingPausedException', 'misconfigured', 'no'],
  ['LimitExceededException', 'rate_limited', 'no'],
  ['TooManyRequestsException', 'rate_limited', 'no'],
  ['InternalServiceException', 'unknown', 'no'],
]
