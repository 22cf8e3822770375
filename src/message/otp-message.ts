import type { OtpMessage } from '../delivery'

const redacted = {
  toJSON(this: OtpMessage) {
    const { channel, purpose, locale, reference } = this
    return { channel, purpose, locale, reference, redacted: true }
  },
  [Symbol.for('nodejs.util.inspect.custom')](this: OtpMessage) {
    return redacted.toJSON.call(this)
  },
}

/** A message that logs without its secrets: as JSON, and in Node's console. */
export function createMessage(fields: OtpMessage): OtpMessage {
  const message = { ...fields }
  Object.setPrototypeOf(message, redacted)
  return message
}
