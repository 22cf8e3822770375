import type { Delivery } from '../delivery'
import { DeliveryError } from '../errors'
import { randomText } from '../internal/crypto'
import { knownOptions } from '../internal/known-options'
import { nodeEnvironment } from '../internal/node-env'

/** Options of `consoleDelivery`. */
export interface ConsoleDeliveryOptions {
  /**
   * Takes each line.
   *
   * @defaultValue `console.log`
   */
  readonly write?: (line: string) => void
}

/**
 * Prints the code instead of sending it, for development. Whoever reads the log can sign in as
 * anybody, so it exists only where `NODE_ENV` is exactly `development` or `test`.
 *
 * @throws `TypeError` at construction in every other environment.
 *
 * @example
 * ```ts
 * import { consoleDelivery } from 'otpkit/deliveries/console'
 *
 * export const deliveries = { sms: consoleDelivery(), email: consoleDelivery() }
 * ```
 */
export function consoleDelivery(given: ConsoleDeliveryOptions = {}): Delivery {
  const options = knownOptions('consoleDelivery', given, { write: true })
  const environment = nodeEnvironment()
  if (environment !== 'development' && environment !== 'test') {
    throw new TypeError('otpkit: consoleDelivery needs NODE_ENV to be development or test')
  }
  const write = options.write ?? ((line: string) => console.log(line))

  return {
    name: 'console',
    reaches: ['phone', 'email'],
    deliver: async ({ to, channel, purpose, code }, { signal } = {}) => {
      if (signal?.aborted === true) throw failure('no')
      try {
        write(`otpkit: ${channel} to ${to} for ${purpose}: ${code}`)
      } catch {
        // What `write` threw may quote the line.
        throw failure('unknown')
      }
      return { provider: 'console', messageId: randomText() }
    },
  }
}

function failure(sent: 'no' | 'unknown'): DeliveryError {
  return new DeliveryError({ kind: 'unavailable', sent, provider: 'console' })
}
