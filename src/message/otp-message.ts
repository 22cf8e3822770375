import type { OtpMessage } from '../delivery'

const inspect = Symbol.for('nodejs.util.inspect.custom')

/** A message that logs without its secrets: as JSON, and in Node's console. */
export function createMessage(fields: OtpMessage): OtpMessage {
  const { channel, purpose, locale, reference } = fields
  const shown = () => ({ channel, purpose, locale, reference, redacted: true })
  return Object.defineProperties(
    { ...fields },
    { toJSON: { value: shown }, [inspect]: { value: shown } },
  )
}
