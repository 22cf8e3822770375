export {
  type CapturedDelivery,
  type CapturedDeliveryOptions,
  capturedDelivery,
} from './captured-delivery'
export { type TestClock, testClock } from './clock'
export type { ConformanceCase } from './conformance'
export { databaseConformance } from './database-conformance'
export { deliveryConformance } from './delivery-conformance'
export { historyConformance } from './history-conformance'
export { type LaggingOptions, lagging } from './lagging'
export {
  type RateLimiterConformanceOptions,
  rateLimiterConformance,
} from './rate-limiter-conformance'
export { storeConformance } from './store-conformance'
export type {
  DatabaseUnderTest,
  DeliveryUnderTest,
  HistoryUnderTest,
  RateLimiterUnderTest,
  StoreUnderTest,
} from './subjects'
