import type { OtpDatabase } from '../database'
import { checkFunction } from '../internal/check-function'
import { knownOptions } from '../internal/known-options'
import { wrongOption } from '../internal/wrong-option'
import type { RateLimiter } from '../rate-limiter'
import type { OtpStore } from '../store'
import { turns } from './conformance'
import { checkSeed, seededIntegers } from './random'

/** How far away an adapter seems to be. */
export interface LaggingOptions {
  /** Any number: calls that are made alike are reordered alike under the same one. */
  readonly seed: number
  /**
   * Most turns of the event loop's microtasks that a call waits, before its step and after it.
   *
   * @defaultValue 64
   */
  readonly turns?: number
  /**
   * Asked of every call, by the name of its method, whether its connection is cut. `before` the
   * step nothing happens; `after` it all of it has, and only the answer is lost.
   *
   * @defaultValue never
   */
  readonly cut?: (method: string) => 'before' | 'after' | undefined
}

/**
 * A store, limiter or database as if it were far away: every call waits a random while before its
 * step and after it, so that calls in flight overtake each other, and some connections are cut.
 * There is no timer, so a test of it is as fast as without.
 *
 * What holds of a backend on an adapter in memory, where every call is decided at once, must hold
 * through this too.
 *
 * @throws `TypeError` for a wrong option.
 *
 * @example
 * ```ts
 * import { OtpManager } from 'otpkit'
 * import { memory } from 'otpkit/databases/memory'
 * import { capturedDelivery, lagging } from 'otpkit/testing'
 *
 * const seed = Date.now()
 * console.log(`seed ${seed}`)
 * export const otp = new OtpManager({
 *   secret: 'only-for-tests-0123456789-0123456789',
 *   database: lagging(memory(), { seed }),
 *   deliveries: { email: capturedDelivery() },
 *   purposes: ['login'],
 * })
 * ```
 */
export function lagging<Adapter extends OtpStore | RateLimiter | OtpDatabase>(
  adapter: Adapter,
  given: LaggingOptions,
): Adapter {
  if (typeof adapter !== 'object' || adapter === null) {
    throw wrongOption('lagging', 'adapter', 'must be a store, a rate limiter or a database')
  }
  const options = knownOptions('lagging', given, { seed: true, turns: true, cut: true })
  const { seed, turns: most = 64, cut } = options
  checkSeed('lagging', seed)
  if (!Number.isSafeInteger(most) || most < 0) {
    throw wrongOption('lagging', 'turns', 'must be a whole number of 0 or more')
  }
  checkFunction('lagging', 'cut', cut)
  const below = seededIntegers(seed)
  return new Proxy(
    // A copy, so that it may be spread like any adapter, and one that is frozen may be wrapped.
    { ...adapter },
    {
      get: (_, name) => {
        const member: unknown = Reflect.get(adapter, name)
        if (typeof member !== 'function') return member
        const method = String(name)
        return async (...given: readonly unknown[]) => {
          const cutAt = cut?.(method)
          await turns(below(most + 1))
          if (cutAt === 'before') throw new Error(`the connection was cut before ${method}`)
          const answer: unknown = await Reflect.apply(member, adapter, given)
          await turns(below(most + 1))
          if (cutAt === 'after') throw new Error(`the connection was cut after ${method}`)
          return answer
        }
      },
    },
  )
}
