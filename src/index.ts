export type { CountryCode } from 'libphonenumber-js/max'
export type { Conversions } from './conversion'
export type { ExplainResult } from './core/explain'
export type { RedeemResult } from './core/proof'
export type { RelayResult } from './core/relay'
export type { ResendResult } from './core/resend'
export type { SendResult } from './core/send'
export type { VerifyResult } from './core/verify'
export type {
  Beginning,
  Begun,
  OtpDatabase,
  Policy,
  PolicyLimit,
  Settled,
  Submission,
  Window,
} from './database'
export type {
  Accepted,
  CodedMessage,
  DeliverOptions,
  Delivery,
  DeliveryErrorKind,
  MessageContent,
  OtpMessage,
  Price,
} from './delivery'
export {
  DeliveryError,
  type DeliveryFailure,
  isDeliveryError,
  isOtpError,
  OtpError,
  type OtpErrorCode,
} from './errors'
export type {
  ChallengeFacts,
  EventSubject,
  FaultFacts,
  OtpEvent,
  OtpEventFacts,
  OtpListener,
  ReceiptFacts,
} from './events'
export type {
  GuardLevel,
  GuardMode,
  GuardOptions,
  GuardThreshold,
  SpendCap,
  SpendOptions,
} from './guard-options'
export type {
  History,
  HistoryCount,
  HistoryCountsQuery,
  HistoryDimension,
  HistoryEvent,
  HistoryEventsQuery,
  HistoryNumber,
  HistoryResolution,
  HistoryText,
  Percentiles,
  RecordedEvent,
} from './history'
export type { CodeAlphabet } from './input/code'
export { ipBucket } from './input/ip'
export type { Problem } from './input/problem'
export { type SegmentCount, segments } from './internal/segments'
export { type LintOptions, lintTemplates, type TemplateFinding } from './message/lint'
export { negotiateLocale } from './message/locale'
export type { MessageOptions } from './message/render'
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
  OtpManagerSettings,
  OtpPlaces,
  PurposeOptions,
  Secret,
  SecretKey,
  TestRecipientsOption,
} from './options'
export { OtpManager } from './otp-manager'
export { type MessagePrice, type Priced, type Prices, priceOf } from './prices'
export type { Limit, RateLimiter, Taken } from './rate-limiter'
export {
  furtherStatus,
  type Receipt,
  type ReceiptReader,
  type ReceiptStatus,
  type WebhookRequest,
} from './receipt'
export type { HookMessage, HookOutcome, Relay } from './receiver'
export type {
  ExplainRequest,
  Origin,
  RelayRequest,
  ResendRequest,
  SendRequest,
  Target,
  VerifyRequest,
} from './requests'
export type {
  Done,
  Expired,
  Explained,
  Incorrect,
  Invalid,
  Known,
  LimitName,
  LimitState,
  Locked,
  RateLimited,
  Redeemed,
  Refusal,
  Refused,
  Relayed,
  Sent,
  Status,
  Undeliverable,
  Used,
  Verified,
} from './results'
export {
  type AttemptOutcome,
  type NewChallenge,
  type OtpStore,
  type StoredChallenge,
  usedMs,
} from './store'
export type { Trace, TraceAttributes, TraceName } from './trace'
