export {
  type CapturedDelivery,
  type CapturedDeliveryOptions,
  capturedDelivery,
} from './captured-delivery'
export { type TestClock, testClock } from './clock'
export type { ConformanceCase } from './conformance'
export { deliveryConformance } from './delivery-conformance'
export {
  type RateLimiterConformanceOptions,
  rateLimiterConformance,
} from './rate-limiter-conformance'
export { storeConformance } from './store-conformance'
export type { DeliveryUnderTest, RateLimiterUnderTest, StoreUnderTest } from './subjects'
