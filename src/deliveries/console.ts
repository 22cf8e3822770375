import type { Delivery, OtpMessage } from '../delivery'
import { DeliveryError } from '../errors'
import { checkFunction } from '../internal/check-function'
import { randomText } from '../internal/crypto'
import { knownOptions } from '../internal/known-options'
import { nodeEnvironment } from '../internal/node-env'
import { segments } from '../internal/segments'

/** Options of `consoleDelivery`. */
export interface ConsoleDeliveryOptions {
  /**
   * Takes each message: the code on the first of its lines, then the text as it would be sent.
   *
   * @defaultValue `console.log`, between two blank lines
   */
  readonly write?: (line: string) => void
}

/**
 * Prints the code instead of sending it, and under it the message as it would be sent: its locale,
 * what an SMS would cost, and its words. For development: whoever reads the log can sign in as
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
  checkFunction('consoleDelivery', 'write', options.write)
  const write = options.write ?? ((text: string) => console.log(`\n${text}\n`))

  return {
    name: 'console',
    reaches: ['phone', 'email'],
    deliver: async (message, { signal } = {}) => {
      if (signal?.aborted === true) throw failure('no')
      try {
        // One that waits for a file may fail later.
        await write(describe(message))
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

// Short lines, so that a narrow window breaks none but those of the message; and the words of the
// message alone on theirs, so that a terminal can lay Arabic out from the right.
function describe({ to, channel, purpose, code, locale, content }: OtpMessage): string {
  const { subject, text, html, spoken } = content
  const said = channel === 'voice' ? (spoken ?? text) : text
  const facts = [
    locale,
    ...(channel === 'sms' ? [costOf(text)] : []),
    ...(channel === 'email' && html !== undefined ? ['with an HTML part'] : []),
  ]
  return [
    `otpkit: ${channel} to ${to} for ${purpose}: ${code ?? 'a text'}`,
    `  ${facts.join(', ')}`,
    ...(subject === undefined || channel !== 'email' ? [] : [indented(subject), '']),
    indented(said),
  ].join('\n')
}

function costOf(text: string): string {
  const { segments: count, encoding, units } = segments(text)
  return `${count} ${count === 1 ? 'segment' : 'segments'} (${encoding}, ${units} units)`
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
