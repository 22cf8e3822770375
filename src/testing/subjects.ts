import type { OtpDatabase } from '../database'
import type { Delivery, OtpMessage } from '../delivery'
import type { History } from '../history'
import type { RateLimiter } from '../rate-limiter'
import type { OtpStore } from '../store'

/** What a case gets to test a store with: a store of its own, empty, and that store's clock. */
export interface StoreUnderTest {
  readonly store: OtpStore
  /** Moves the store's clock on, exactly to the millisecond; it stands still otherwise. */
  advance(milliseconds: number): Promise<void> | void
  /** Called when the case has ended, however it ended. */
  close?(): Promise<void> | void
}

/** What a case gets to test a limiter with: a limiter of its own, empty, and that limiter's clock. */
export interface RateLimiterUnderTest {
  readonly rateLimiter: RateLimiter
  /** Moves the limiter's clock on, exactly to the millisecond; it stands still otherwise. */
  advance(milliseconds: number): Promise<void> | void
  /** Called when the case has ended, however it ended. */
  close?(): Promise<void> | void
}

/** What a case gets to test a database with: one of its own, empty, and that database's clock. */
export interface DatabaseUnderTest {
  readonly database: OtpDatabase
  /** Moves the database's clock on, exactly to the millisecond; it stands still otherwise. */
  advance(milliseconds: number): Promise<void> | void
  /** Called when the case has ended, however it ended. */
  close?(): Promise<void> | void
}

/**
 * What a case gets to test a delivery with: the delivery, and a stand-in for its provider, such as
 * an HTTP or SMTP server on this machine, that the delivery talks to over a real connection.
 */
export interface DeliveryUnderTest {
  readonly delivery: Delivery
  /** Where this provider needs another message than the kit's, such as a channel or a country. */
  readonly message?: Partial<OtpMessage>
  /** How many messages the provider has taken so far. */
  delivered(): Promise<number> | number
  /**
   * From now on the provider refuses every message with an error of its own, which quotes all that
   * it was sent, code and recipient included, as real providers do.
   */
  refuse(): Promise<void> | void
  /** From now on nobody listens at the provider's address. */
  disconnect(): Promise<void> | void
  /** Called when the case has ended, however it ended. */
  close?(): Promise<void> | void
}

/**
 * What a case gets to test a history with: two histories over one empty place, as two processes have
 * them. Where a place is that of one process alone, they are the same.
 */
export interface HistoryUnderTest {
  readonly history: History
  readonly other: History
  /** The present of both, in epoch milliseconds; it stands still otherwise. */
  now(): number
  /** Called when the case has ended, however it ended. */
  close?(): Promise<void> | void
}
