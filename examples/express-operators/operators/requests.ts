import { z } from 'zod'
import { invalidFields, type Refusal } from './answer'
import { isPhoneNumber, plainDigits, plainEmail } from './contact'

const requiredOr = (message: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? 'Required' : message

// The first message of a field is the one that is told.
const text = () =>
  z
    .string({ error: requiredOr('Must be text') })
    .trim()
    .min(1, 'Required')

const phone = text().overwrite(plainDigits).refine(isPhoneNumber, {
  error: 'Must be a phone number with its country code, such as +919876543210',
})

// What an address may be in detail is the library's to say.
const email = text()
  .overwrite(plainEmail)
  .max(254, 'Must be at most 254 characters')
  .regex(/^[\x21-\x7e]+@[\x21-\x7e]+$/, 'Must be an e-mail address, such as name@company.com')

const otp = text()
  .overwrite(plainDigits)
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

/** The contact that a request is about, and what else it holds. */
function about<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.discriminatedUnion(
    'contact_type',
    [
      z.object({ contact_type: z.enum(['whatsapp', 'sms']), contact: phone, ...shape }),
      z.object({ contact_type: z.literal('email'), contact: email, ...shape }),
    ],
    {
      error: (issue) =>
        issue.code === 'invalid_union' ? 'Must be whatsapp, sms or email' : 'Must be a JSON object',
    },
  )
}

export const sendOtpRequest = about({ purpose })
export const verifyOtpRequest = about({ purpose, otp })
export const registerRequest = about({ otp, registration_data: registrationData }).refine(
  (request) =>
    request.contact_type === 'email' || request.contact === request.registration_data.contact_phone,
  {
    path: ['registration_data', 'contact_phone'],
    error: 'Must be the phone number that the code was sent to',
  },
)

export type RegistrationData = z.infer<typeof registrationData>

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
