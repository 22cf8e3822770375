export type { CountryCode } from 'libphonenumber-js/max'
export type { CodeAlphabet } from './code'
export type { Delivery, DeliveryReceipt, MessageContent, OtpMessage } from './delivery'
export {
  DeliveryError,
  type DeliveryErrorKind,
  type DeliveryFailure,
  isDeliveryError,
  isOtpError,
  OtpError,
  type OtpErrorCode,
} from './errors'
export type { EventSubject, OtpEvent, OtpListener } from './events'
export { ipBucket } from './ip'
export { type LintOptions, lintTemplates, type TemplateFinding } from './message/lint'
export { negotiateLocale } from './message/locale'
export type { MessageOptions } from './message/render'
export { type SegmentCount, segments } from './message/segments'
export type {
  LocaleTemplates,
  MessageTemplate,
  PurposeTemplates,
  Templates,
} from './message/templates'
export type {
  Duration,
  LimitOption,
  LimitOptions,
  OtpManagerOptions,
  PurposeOptions,
  Secret,
  SecretKey,
} from './options'
export { OtpManager } from './otp-manager'
export type { Problem } from './problem'
export type { RedeemResult } from './proof'
export type { Limit, RateLimiter, Taken } from './rate-limiter'
export {
  furtherStatus,
  type Receipt,
  type ReceiptReader,
  type ReceiptStatus,
  type WebhookRequest,
} from './receipt'
export type { Origin, ResendRequest, SendRequest, Target, VerifyRequest } from './requests'
export type {
  Done,
  Expired,
  Incorrect,
  Invalid,
  Known,
  LimitName,
  Locked,
  RateLimited,
  Redeemed,
  Refused,
  Sent,
  Status,
  Undeliverable,
  Verified,
} from './results'
export type { ResendResult, SendResult } from './send'
export type { AttemptOutcome, NewChallenge, OtpStore, StoredChallenge } from './store'
export type { VerifyResult } from './verify'
