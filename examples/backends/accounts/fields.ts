import { z } from 'zod'
import type { ContactKind, ContactReader } from './contact'
import { plainCode } from './typed-code'

/** The message for a field of the wrong kind, or that it is missing. */
export const requiredOr = (message: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? 'Required' : message

/** An object of the request, or the whole of it. */
export const jsonObject = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object(shape, { error: 'Must be a JSON object' })

/** Text that is not empty, without spaces around it. */
export const text = () =>
  z
    .string({ error: requiredOr('Must be text') })
    .trim()
    .min(1, 'Required')

// Control characters, line separators, half characters, and marks that make text read other than
// it is. The joiners of Persian and Indic scripts are fine.
const printableText = /^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u

/** One line of printable text, or nothing. */
export const printable = (longest: number) =>
  z
    .string({ error: requiredOr('Must be text') })
    .trim()
    .max(longest, `Must be at most ${longest} characters`)
    .regex(printableText, 'Must not contain control characters')

/** One line of printable text. */
export const line = (longest: number) => printable(longest).min(1, 'Required')

/** The code that somebody typed, as plain digits. */
export const code = text()
  .overwrite(plainCode)
  .regex(/^[0-9]{4,10}$/, 'Must be the digits of the code')
  .meta({ examples: ['123456'] })

/**
 * A password that somebody chooses: 8 characters or more, and no rule on which. NIST SP 800-63B-4
 * has 8 beside a second factor, and 15 where the password is all.
 */
export const newPassword = z
  .string({ error: requiredOr('Must be text') })
  .min(1, 'Required')
  .min(8, 'Must be at least 8 characters')
  .max(128, 'Must be at most 128 characters')
  .meta({ examples: ['a long password'] })

/** A password that somebody has: anything, but no more than can be one. */
export const password = z
  .string({ error: requiredOr('Must be text') })
  .min(1, 'Required')
  .max(128, 'Must be at most 128 characters')
  .meta({ examples: ['a long password'] })

const examples: Readonly<Record<ContactKind, string>> = {
  phone: '+919876543210',
  email: 'asha@example.com',
}

/**
 * A phone number or an e-mail address, in the library's spelling.
 *
 * @param example - One that is served, for the description.
 */
export const contact = (read: ContactReader, kind: ContactKind, example = examples[kind]) =>
  z
    .string({ error: requiredOr('Must be text') })
    .meta({ examples: [example] })
    .transform(async (typed, context) => {
      const contact = await read(typed, kind)
      if (contact.ok) return contact.contact
      context.addIssue(contact.message)
      return z.NEVER
    })
