import type { ErrorRow } from '../delivery-suite'

/**
 * Written by hand from https://kavenegar.com/rest.html, and never from the adapter.
 */
export const kavenegarOutcomes: readonly ErrorRow[] = [
  [400, 'misconfigured', 'no'],
  [401, 'misconfigured', 'no'],
  [402, 'unavailable', 'unknown'],
  [403, 'misconfigured', 'no', 'https://panel.kavenegar.com/client/setting/account'],
  [404, 'misconfigured', 'no'],
  [405, 'misconfigured', 'no'],
  [406, 'misconfigured', 'no'],
  [407, 'misconfigured', 'no', 'https://panel.kavenegar.com/client/setting/account'],
  [409, 'unavailable', 'no'],
  [411, 'invalid_recipient', 'no'],
  [412, 'misconfigured', 'no'],
  [413, 'content_rejected', 'no'],
  [414, 'misconfigured', 'no'],
  [415, 'misconfigured', 'no'],
  [416, 'misconfigured', 'no', 'https://panel.kavenegar.com/client/setting/account'],
  [417, 'misconfigured', 'no'],
  [418, 'insufficient_funds', 'no'],
  [419, 'misconfigured', 'no'],
  [420, 'content_rejected', 'no'],
  [422, 'content_rejected', 'no'],
  [424, 'content_rejected', 'no', 'https://panel.kavenegar.com/client/Verification'],
  [426, 'misconfigured', 'no'],
  [427, 'misconfigured', 'no'],
  [428, 'content_rejected', 'no'],
  [429, 'misconfigured', 'no', 'https://panel.kavenegar.com/client/setting/account'],
  [431, 'content_rejected', 'no'],
  [432, 'content_rejected', 'no'],
  [451, 'rate_limited', 'no'],
  [501, 'misconfigured', 'no'],
  [604, 'misconfigured', 'no'],
  [607, 'misconfigured', 'no'],
  [999, 'unknown', 'no'],
]
