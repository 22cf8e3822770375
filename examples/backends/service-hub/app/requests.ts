import type { z } from 'zod'
import type { ContactReader } from '../../accounts/contact'
import { code, jsonObject } from '../../accounts/fields'
import { writtenNumber } from './written-number'

/** The requests of the API. `number` is one that is served, for the description. */
export function requestSchemas(read: ContactReader, number: string) {
  const phone = writtenNumber(read, number)
  return { sendOtp: jsonObject({ phone }), verifyOtp: jsonObject({ phone, otp: code }) }
}

type Requests = ReturnType<typeof requestSchemas>
export type SendOtp = z.infer<Requests['sendOtp']>
export type VerifyOtp = z.infer<Requests['verifyOtp']>
