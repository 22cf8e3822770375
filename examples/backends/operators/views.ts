import { z } from 'zod'
import type { Account } from './accounts'
import type { Document } from './documents'
import { statuses } from './tables'

/** Registered by phone there is no address yet. The document shows this one in its place. */
const placeholder = (phone: string) => `operator_${phone}@temp.com`

/** The phone number inside such an address: people sign in with what they were shown. */
export const phoneInPlaceholder = (typed: string) =>
  /^operator_(\+[0-9]{5,15})@temp\.com$/.exec(typed)?.[1]

export const contactEmail = ({ email, phone }: Pick<Account, 'email' | 'phone'>) =>
  email ?? (phone === null ? null : placeholder(phone))

const nullable = z.string().nullable()
const instant = z.string().meta({ format: 'date-time' })

export const operatorView = z.object({
  id: z.number().int(),
  company_name: z.string(),
  owner_name: nullable,
  contact_email: nullable,
  contact_phone: nullable,
  email_verified: z.boolean(),
  phone_verified: z.boolean(),
  business_license: nullable,
  address: nullable,
  city: nullable,
  state: nullable,
  country: nullable,
  postal_code: nullable,
  status: z.enum(statuses),
  created_at: instant,
  updated_at: instant,
})

export const publicView = operatorView.pick({
  id: true,
  company_name: true,
  contact_email: true,
  contact_phone: true,
  status: true,
  city: true,
  state: true,
  created_at: true,
})

export const userView = z.object({
  id: z.number().int(),
  username: nullable,
  role: z.literal('OPERATOR'),
  email: nullable,
  phone: nullable,
  phone_verified: z.boolean(),
  operator: operatorView.pick({ id: true, company_name: true, owner_name: true, status: true }),
})

export const documentView = z.object({
  id: z.string(),
  name: z.string(),
  content_type: z.string(),
  bytes: z.number().int(),
  created_at: instant,
})

/** Each shows what its schema names, and drops the rest: a password hash cannot slip through. */
export const showOperator = (account: Account) =>
  operatorView.parse({
    ...account,
    contact_email: contactEmail(account),
    contact_phone: account.phone,
    email_verified: account.email_verified === 1,
    phone_verified: account.phone_verified === 1,
  })

export const showPublic = (account: Account) => publicView.parse(showOperator(account))

export const showUser = (account: Account) =>
  userView.parse({
    ...account,
    id: account.user_id,
    phone_verified: account.phone_verified === 1,
    operator: account,
  })

export const showDocument = (document: Document) => documentView.parse(document)

/** The envelope around the data of an answer. */
export const enveloped = (data: z.ZodType) =>
  z.object({
    status: z.literal('success'),
    code: z.number().int(),
    data,
    meta: z.object({ requestId: z.string(), timestamp: instant }),
  })
