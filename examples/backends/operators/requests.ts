import { z } from 'zod'
import type { ContactReader } from '../accounts/contact'
import {
  code,
  contact,
  jsonObject,
  line,
  newPassword,
  password,
  printable,
  requiredOr,
  text,
} from '../accounts/fields'
import { type Channel, purposes } from './otp'
import { statuses } from './tables'

export type Requests = ReturnType<typeof createRequests>

/**
 * The requests of the API. Contacts in them are the reader's to judge; the rest is shape.
 *
 * @param channels - Those that are configured.
 * @param number - One that is served, for the description.
 */
export function createRequests(
  readContact: ContactReader,
  channels: readonly Channel[],
  number: string,
) {
  const phone = contact(readContact, 'phone', number)
  const email = contact(readContact, 'email')
  const phoneChannels = channels.filter((channel) => channel !== 'email')

  /** For the description: bodies with which a first try comes as far as it can without a code. */
  const [phoneChannel] = phoneChannels
  const to =
    phoneChannel === undefined
      ? { contact_type: 'email', contact: 'asha@example.com' }
      : { contact_type: phoneChannel, contact: number }
  const otp = '123456'
  const like = <Schema extends z.ZodType>(schema: Schema, example: object): Schema =>
    schema.meta({ examples: [example] })

  const contactTypeOrObject = (issue: { readonly code?: string }) =>
    issue.code === 'invalid_union'
      ? `Must be one of ${channels.join(', ')}`
      : 'Must be a JSON object'

  /** The contact that a request is about, and what else it holds. */
  const about = <Shape extends z.ZodRawShape>(shape: Shape) => {
    const byPhone = z.object({ contact_type: z.enum(phoneChannels), contact: phone, ...shape })
    const byEmail = z.object({ contact_type: z.literal('email'), contact: email, ...shape })
    return z.discriminatedUnion(
      'contact_type',
      phoneChannels.length === 0
        ? [byEmail]
        : channels.includes('email')
          ? [byPhone, byEmail]
          : [byPhone],
      { error: contactTypeOrObject },
    )
  }

  // The document calls the purpose of a registration by both names.
  const purpose = z
    .enum([...purposes, 'registration'], { error: requiredOr(`Must be ${purposes.join(', ')}`) })
    .transform((name) => (name === 'registration' ? 'operator_registration' : name))

  const license = text()
    .regex(/^[A-Za-z0-9]{5,20}$/, 'Must be 5 to 20 letters and digits, such as BL123456789')
    .overwrite((typed) => typed.toUpperCase())
  const details = {
    company_name: line(120),
    business_license: license,
    address: line(300),
    city: line(80),
    state: line(80),
    country: line(80),
    postal_code: text().regex(
      /^[A-Za-z0-9][A-Za-z0-9 -]{1,11}$/,
      'Must be 2 to 12 letters, digits and hyphens',
    ),
  }
  const registrationData = z.object(
    { ...details, contact_phone: phone },
    { error: requiredOr('Must be an object') },
  )

  const username = text()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{2,31}$/,
      'Must be 3 to 32 letters, digits, dots, hyphens and underscores',
    )
    .overwrite((typed) => typed.toLowerCase())

  const query = (most: number) => ({
    search: printable(100).optional(),
    status: z.enum(statuses, { error: `Must be ${statuses.join(', ')}` }).optional(),
    skip: count(0, 1_000_000).default(0),
    limit: count(1, 100).default(most),
  })

  return {
    sendOtp: like(about({ purpose }), { ...to, purpose: 'operator_registration' }),
    verifyOtp: like(
      about({
        purpose: z.enum(['registration', 'operator_registration'], {
          error: requiredOr(
            'Must be registration: a code for anything else goes with its own step',
          ),
        }),
        otp: code,
      }),
      { ...to, purpose: 'registration', otp },
    ),
    register: like(
      about({ otp: code, registration_data: registrationData }).refine(
        (request) =>
          request.contact_type === 'email' ||
          request.contact === request.registration_data.contact_phone,
        {
          path: ['registration_data', 'contact_phone'],
          error: 'Must be the phone number that the code was sent to',
        },
      ),
      { ...to, otp, registration_data: { ...exampleDetails, contact_phone: number } },
    ),
    login: like(
      z.discriminatedUnion(
        'contact_type',
        [
          about({ otp: code }),
          z.object({ contact_type: z.undefined().optional(), username: line(254), password }),
        ],
        { error: contactTypeOrObject },
      ),
      { username: 'ravi', password: examplePassword },
    ),
    resetPassword: like(about({ otp: code, new_password: newPassword }), {
      ...to,
      otp,
      new_password: examplePassword,
    }),
    changePassword: jsonObject({ current_password: password, new_password: newPassword }),
    addContact: like(about({ otp: code }), { ...to, otp }),
    updateDetails: like(jsonObject({ ...details, owner_name: line(120) }).partial(), {
      city: 'Pune',
    }),
    decide: like(jsonObject({ reason: line(500) }), { reason: 'The licence cannot be read' }),
    approve: like(jsonObject({ reason: line(500).optional() }).optional(), {}),
    support: like(
      about({
        purpose,
        before: z.iso
          .datetime({ offset: true, error: 'Must be an instant such as 2026-11-27T12:00:00Z' })
          .optional(),
      }),
      { ...to, purpose: 'operator_registration' },
    ),
    adminSession: like(jsonObject({ token: password }), { token: 'as the start printed it' }),
    listPublic: z.object(query(50)),
    list: z.object(query(100)),
    uploadName: z.object({ name: line(200).meta({ examples: ['licence.pdf'] }) }),

    users: {
      register: like(
        jsonObject({
          username,
          password: newPassword,
          company_name: line(120),
          owner_name: line(120).optional(),
          email: email.optional(),
          phone: phone.optional(),
          otp: code.optional(),
        }).refine((request) => request.otp === undefined || request.phone !== undefined, {
          path: ['phone'],
          error: 'Required',
        }),
        {
          username: 'ravi',
          password: examplePassword,
          company_name: 'Ravi Bus Lines',
          owner_name: 'Ravi',
          phone: number,
        },
      ),
      sendOtp: like(
        jsonObject({
          mobile: phone,
          purpose: z
            .enum(['verification', 'login'], { error: 'Must be verification or login' })
            .default('verification'),
          channel: z
            .enum(phoneChannels, { error: `Must be one of ${phoneChannels.join(', ')}` })
            .optional(),
        }),
        { mobile: number, purpose: 'verification' },
      ),
      verifyOtp: jsonObject({ mobile: phone, otp: code }),
      login: like(jsonObject({ username: line(254), password }), {
        username: 'ravi',
        password: examplePassword,
      }),
      loginWithMobile: jsonObject({ mobile: phone, otp: code }),
    },
  }
}

const examplePassword = 'a long password'
const exampleDetails = {
  company_name: 'Asha Travels',
  business_license: 'BL123456789',
  address: '123 Station Road',
  city: 'Mumbai',
  state: 'Maharashtra',
  country: 'India',
  postal_code: '400001',
}

/** A whole number in the address of a request. */
function count(least: number, most: number) {
  const message = `Must be a whole number from ${least} to ${most}`
  return z
    .string({ error: message })
    .regex(/^[0-9]{1,7}$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message)
}
