import { z } from 'zod'
import { invalidFields, type Refusal } from './answer'
import type { ContactKind, ContactReader } from './contact'
import { plainCode } from './typed-code'

const requiredOr = (message: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? 'Required' : message

// The first message of a field is the one that is told.
const text = () =>
  z
    .string({ error: requiredOr('Must be text') })
    .trim()
    .min(1, 'Required')

const otp = text()
  .overwrite(plainCode)
  .regex(/^[0-9]{4,10}$/, 'Must be the digits of the code')

// The document calls the purpose of a registration by both names.
const purpose = z
  .enum(['login', 'password_reset', 'operator_registration', 'registration'], {
    error: requiredOr('Must be login, password_reset or operator_registration'),
  })
  .transform((name) => (name === 'registration' ? 'operator_registration' : name))

// Control characters, line separators, half characters, and marks that make text read other than
// it is. The joiners of Persian and Indic scripts are fine.
const printable = /^[^\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u

const line = (longest: number) =>
  text()
    .max(longest, `Must be at most ${longest} characters`)
    .regex(printable, 'Must not contain control characters')

/** The requests of the API. Contacts in them are the reader's to judge; the rest is shape. */
export function requestSchemas(readContact: ContactReader) {
  const contact = (kind: ContactKind) =>
    z.string({ error: requiredOr('Must be text') }).transform((typed, context) => {
      const read = readContact(typed, kind)
      if (read.ok) return read.contact
      context.addIssue(read.message)
      return z.NEVER
    })
  const phone = contact('phone')
  const email = contact('email')

  /** The contact that a request is about, and what else it holds. */
  const about = <Shape extends z.ZodRawShape>(shape: Shape) =>
    z.discriminatedUnion(
      'contact_type',
      [
        z.object({ contact_type: z.enum(['whatsapp', 'sms']), contact: phone, ...shape }),
        z.object({ contact_type: z.literal('email'), contact: email, ...shape }),
      ],
      {
        error: (issue) =>
          issue.code === 'invalid_union'
            ? 'Must be whatsapp, sms or email'
            : 'Must be a JSON object',
      },
    )

  const registrationData = z.object(
    {
      company_name: line(120),
      contact_phone: phone,
      business_license: text()
        .regex(/^[A-Za-z0-9]{5,20}$/, 'Must be 5 to 20 letters and digits, such as BL123456789')
        .overwrite((license) => license.toUpperCase()),
      address: line(300),
      city: line(80),
      state: line(80),
      country: line(80),
      postal_code: text().regex(
        /^[A-Za-z0-9][A-Za-z0-9 -]{1,11}$/,
        'Must be 2 to 12 letters, digits and hyphens',
      ),
    },
    { error: requiredOr('Must be an object') },
  )

  return {
    sendOtp: about({ purpose }),
    verifyOtp: about({ purpose, otp }),
    registerOperator: about({ otp, registration_data: registrationData }).refine(
      (request) =>
        request.contact_type === 'email' ||
        request.contact === request.registration_data.contact_phone,
      {
        path: ['registration_data', 'contact_phone'],
        error: 'Must be the phone number that the code was sent to',
      },
    ),
  }
}

type RegistrationRequest = z.infer<ReturnType<typeof requestSchemas>['registerOperator']>
export type RegistrationData = RegistrationRequest['registration_data']

/** The body as the schema reads it, or every field that is wrong. */
export function readRequest<T>(
  schema: z.ZodType<T>,
  body: unknown,
): { readonly ok: true; readonly request: T } | { readonly ok: false; readonly refusal: Refusal } {
  const parsed = schema.safeParse(body)
  if (parsed.success) return { ok: true, request: parsed.data }
  const messages = new Map<string, string>()
  for (const { path, message } of parsed.error.issues) {
    const field = path.join('.') || 'body'
    if (!messages.has(field)) messages.set(field, message)
  }
  const errors = Array.from(messages, ([field, message]) => ({ field, message }))
  return { ok: false, refusal: invalidFields(errors) }
}
