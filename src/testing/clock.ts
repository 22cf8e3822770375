import { wrongOption } from '../internal/wrong-option'

/** A clock that stands still until it is told otherwise. */
export interface TestClock {
  /** The present instant in milliseconds. Works detached: `clock: clock.now`. */
  now(): number
  /** Moves the present on by so many milliseconds, 0 or more. */
  advance(milliseconds: number): void
}

/**
 * A clock for tests, so that none of them sleeps: stores and limiters take its `now` as their
 * `clock`, and `advance` is exact to the millisecond.
 *
 * @param startMs - The first instant, in epoch milliseconds; the same for every run unless given.
 * @throws `TypeError` for no instant, and from `advance` when time would stand still for ever or run backwards.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'otpkit/stores/memory'
 * import { testClock } from 'otpkit/testing'
 *
 * const clock = testClock()
 * const store = memoryStore({ clock: clock.now })
 * await store.put({ id: 'an-id', digest: 'a-digest', attempts: 3, ttlMs: 60_000, data: '' })
 * clock.advance(60_000)
 * console.log(await store.get('an-id')) // null
 * ```
 */
export function testClock(startMs = 1_700_000_000_000): TestClock {
  if (!Number.isFinite(startMs)) throw wrongOption('testClock', 'startMs', 'must be milliseconds')
  let presentMs = startMs
  return {
    now: () => presentMs,
    advance: (milliseconds) => {
      if (!(milliseconds >= 0 && Number.isFinite(milliseconds))) {
        throw new TypeError('advance takes a number of milliseconds, 0 or more')
      }
      presentMs += milliseconds
    },
  }
}
