import type { OtpManager, Problem } from 'otpkit'

export type ContactKind = 'phone' | 'email'

const expected = {
  phone: 'Must be a phone number with its country code, such as +919876543210',
  email: 'Must be an e-mail address, such as name@company.com',
}

// Problems that call for other words than what was expected.
const explained: Readonly<Record<ContactKind, Partial<Record<Problem, string>>>> = {
  phone: {
    country: 'Is in a country that is not served',
    number_type: 'Is not a number that can receive codes',
  },
  email: { domain: 'Is at a domain that cannot receive mail' },
}

/** Reads contacts as the library does. */
export type ContactReader = (
  typed: string,
  kind: ContactKind,
) => Promise<
  { readonly ok: true; readonly contact: string } | { readonly ok: false; readonly message: string }
>

/**
 * Reads contacts as the library does, and in no other way: what is compared, stored and looked up
 * here is the very spelling that a code is sent to and proves.
 */
export function contactReader(otp: Pick<OtpManager<string, string>, 'recipient'>): ContactReader {
  return async (typed, kind) => {
    const read = await otp.recipient(typed)
    if (read.ok) {
      return read.kind === kind
        ? { ok: true, contact: read.recipient }
        : { ok: false, message: expected[kind] }
    }
    const { problem } = read
    const message = problem === 'empty' ? 'Required' : explained[kind][problem]
    return { ok: false, message: message ?? expected[kind] }
  }
}
