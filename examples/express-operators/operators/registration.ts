import { OtpError } from 'otpkit'
import type { Answer, Refusal } from './answer'
import { contactReader } from './contact'
import { type KeptProofs, proofLifetimeMs } from './kept-proofs'
import type { OperatorDetails, OperatorRepository, uniqueFields } from './operator-repository'
import type { Otp } from './otp'
import { otpRefusal } from './otp-refusal'
import { type RegistrationData, readRequest, requestSchemas } from './requests'
import { createTemporaryPassword, hashPassword } from './temporary-password'

export interface RegistrationParts {
  readonly otp: Otp
  readonly proofs: KeptProofs
  readonly operators: OperatorRepository
}

/** The API, free of any web framework: each takes a parsed body, and the address it came from. */
export interface Registration {
  sendOtp(body: unknown, ip: string | null): Promise<Answer>
  verifyOtp(body: unknown, ip: string | null): Promise<Answer>
  registerOperator(body: unknown, ip: string | null): Promise<Answer>
}

const registrationPurpose = 'operator_registration'

export function createRegistration({ otp, proofs, operators }: RegistrationParts): Registration {
  const schemas = requestSchemas(contactReader(otp))

  /**
   * Uses up the code, or else a proof that its verification left. The library goes first: the limit
   * of the address and the lock of the contact then hold for guesses at a kept proof as well.
   */
  async function prove(contact: string, code: string, ip: string | null) {
    const verified = await otp.verify({ to: contact, purpose: registrationPurpose, code, ip })
    if (verified.ok) return verified
    if (verified.reason !== 'incorrect' && verified.reason !== 'expired') return verified
    const proof = await proofs.take(contact, code)
    if (proof === null) return verified
    return otp.redeem(proof, { purpose: registrationPurpose, to: contact })
  }

  return {
    sendOtp: async (body, ip) => {
      const read = readRequest(schemas.sendOtp, body)
      if (!read.ok) return read.refusal
      const { contact, contact_type: channel, purpose } = read.request
      // A login or reset goes to operators alone; everybody gets the same answer.
      const deliver =
        purpose === registrationPurpose || (await operators.hasVerifiedContact(contact))
      const sent = await otp.send({ to: contact, channel, purpose, ip, deliver })
      if (!sent.ok) return otpRefusal(sent)
      const { code, expiresInMs } = sent
      // Only `exposeCode` fills it in, which exists in development alone.
      if (code === undefined) return { code: 200, data: null }
      return { code: 200, data: { otp: code, expires_in_seconds: Math.floor(expiresInMs / 1000) } }
    },

    verifyOtp: async (body, ip) => {
      const read = readRequest(schemas.verifyOtp, body)
      if (!read.ok) return read.refusal
      const { contact, purpose, otp: code } = read.request
      if (purpose !== registrationPurpose) {
        const verified = await otp.verify({ to: contact, purpose, code, ip })
        return verified.ok ? { code: 200, data: { verified: true } } : otpRefusal(verified)
      }
      const verified = await otp.verify({ to: contact, purpose, code, ip, proof: proofLifetimeMs })
      if (!verified.ok) return otpRefusal(verified)
      const { recipient, proof } = verified
      if (proof === undefined) throw new OtpError('store_unavailable', 'no proof could be stored')
      await proofs.keep(recipient, code, proof)
      return { code: 200, data: { verified: true } }
    },

    registerOperator: async (body, ip) => {
      // Complete before the code is touched, so that a slip in the form costs nothing.
      const read = readRequest(schemas.registerOperator, body)
      if (!read.ok) return read.refusal
      const { contact, contact_type, otp: code, registration_data } = read.request
      const proven = await prove(contact, code, ip)
      if (!proven.ok) return otpRefusal(proven)

      const verifiedContact = proven.recipient
      const details = detailsOf(contact_type === 'email', verifiedContact, registration_data)
      const temporaryPassword = createTemporaryPassword()
      const passwordHash = await hashPassword(temporaryPassword)
      const inserted = await operators.insert({ details, verifiedContact, passwordHash })
      if (!inserted.ok) return duplicateOf(inserted.duplicate)
      return {
        code: 201,
        data: {
          operator: inserted.operator,
          login_credentials: {
            email: details.contact_email,
            mobile: details.contact_phone,
            temporary_password: temporaryPassword,
            message:
              'Please change your password after first login. You can use email or mobile for OTP login.',
          },
        },
      }
    },
  }
}

/** The proven contact in its field, and in the other one what the form says or a placeholder. */
function detailsOf(byEmail: boolean, contact: string, data: RegistrationData): OperatorDetails {
  const { company_name, contact_phone, ...rest } = data
  return byEmail
    ? { company_name, contact_email: contact, contact_phone, ...rest }
    : {
        company_name,
        contact_email: `operator_${contact}@temp.com`,
        contact_phone: contact,
        ...rest,
      }
}

/** Said to nobody but the proven owner of a contact, at the price of the code. */
function duplicateOf(field: (typeof uniqueFields)[number]): Refusal {
  const name = {
    contact_phone: 'phone number',
    contact_email: 'e-mail address',
    business_license: 'business license',
  }[field]
  const message = `This ${name} is already registered`
  return {
    code: 400,
    message: `Duplicate operator: ${message}. The code is used up, ask for a new one to try again`,
    errors: [
      { field: field === 'contact_email' ? 'contact' : `registration_data.${field}`, message },
    ],
  }
}
