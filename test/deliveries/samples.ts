import type { OtpMessage } from 'otpkit'
import { expect } from 'vitest'
import { testMessage } from './delivery-suite'

/** A message to an e-mail address, in English. */
export function emailMessage(changes: Partial<OtpMessage> = {}): OtpMessage {
  return testMessage({
    to: 'person@example.com',
    channel: 'email',
    content: {
      text: '047382 is your Acme & Co code.',
      subject: '047382 is your Acme & Co code',
      html: '<p><b>047382</b> is your Acme &amp; Co code.</p>',
    },
    ...changes,
  })
}

/** The headers of a code, as every mail has them when `origin` is `https://acme.example`. */
export const codeHeaders = {
  'Auto-Submitted': 'auto-generated',
  'X-Auto-Response-Suppress': 'All',
  'OTP-Token': '"047382"; origin="https://acme.example"',
}

/**
 * Holds that one wrong option, or a member of it, is a `TypeError` at construction that names the
 * factory and the option and not the value.
 */
export function expectWrongOption(
  factory: (options: never) => unknown,
  valid: object,
  name: string,
  value: unknown,
): void {
  let error: unknown
  try {
    Reflect.apply(factory, undefined, [{ ...valid, [name]: value }])
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(TypeError)
  const named = new RegExp(`^TypeError: otpkit: ${factory.name}: option \`${name}(\\.\\w+)*\` `)
  expect(String(error)).toMatch(named)
  if (String(value).length > 1) expect(String(error)).not.toContain(String(value))
}
