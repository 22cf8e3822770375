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

/** Makes a message log without its secrets: as JSON, and in Node's console. */
export function redact(message: OtpMessage): OtpMessage {
  Object.setPrototypeOf(message, redacted)
  return message
}
