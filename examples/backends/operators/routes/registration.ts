import { z } from 'zod'
import { createTemporaryPassword, hashPassword } from '../../accounts/password'
import type { Refusal, Route } from '../../http/route'
import type { UniqueField } from '../accounts'
import { aboutUsedCode, nothing, openRoute } from '../define-route'
import { duplicateMessage } from '../duplicate'
import { noticeChannelOf } from '../notifier'
import type { Parts } from '../parts'
import { contactEmail, enveloped, operatorView, showOperator } from '../views'

const credentials = z.object({
  email: z.string().nullable(),
  mobile: z.string().nullable(),
  temporary_password: z.string(),
  message: z.string(),
})

/** Registration with a code, or with one that was verified before. */
export function registrationRoutes({
  prove,
  accounts,
  attempts,
  requests,
  notify,
}: Parts): readonly Route[] {
  return [
    openRoute({
      method: 'POST',
      path: '/operators/register',
      summary: 'Register an operator',
      tag: 'Registration',
      body: requests.register,
      query: nothing,
      answers: {
        201: {
          means: 'Registered, and waiting for approval. The password is shown this once',
          body: enveloped(z.object({ operator: operatorView, login_credentials: credentials })),
        },
        ...aboutUsedCode,
      },
      // The body is complete before the code is touched, so that a slip in the form costs nothing.
      handle: async ({ body, ip }) => {
        const { contact, contact_type, otp: code, registration_data } = body
        const attempt = await attempts('registration', contact, ip)
        if (!attempt.ok) return attempt.refusal
        const proven = await prove.useOrRedeem({ contact, code, ip, field: 'contact' })
        if (!proven.ok) return proven.refusal

        const { contact_phone, ...company } = registration_data
        const byEmail = contact_type === 'email'
        const email = byEmail ? proven.contact : null
        const phone = byEmail ? contact_phone : proven.contact
        const temporaryPassword = createTemporaryPassword()
        const written = await accounts.insert(
          company,
          {
            username: null,
            password_hash: await hashPassword(temporaryPassword),
            email,
            email_verified: byEmail ? 1 : 0,
            phone,
            phone_verified: byEmail ? 0 : 1,
            notice_channel: noticeChannelOf(contact_type),
          },
          // Only what was proven is asked about: of another contact nobody learns whose it is.
          {
            ...(byEmail ? { email } : { phone }),
            business_license: company.business_license,
          },
        )
        if (!written.ok) return usedUp(written.duplicate)
        const { account } = written
        notify(
          account,
          'Your registration was received',
          `${account.company_name} is registered, and waits for approval.`,
        )
        return {
          code: 201,
          data: {
            operator: showOperator(account),
            login_credentials: {
              email: contactEmail(account),
              mobile: account.phone,
              temporary_password: temporaryPassword,
              message:
                'Please change your password after first login. You can use email or mobile for OTP login.',
            },
          },
        }
      },
    }),
  ]
}

const fields: Readonly<Record<UniqueField, string>> = {
  username: 'username',
  phone: 'contact',
  email: 'contact',
  business_license: 'registration_data.business_license',
}

/** Said to nobody but the proven owner of a contact, at the price of the code. */
function usedUp(duplicate: UniqueField): Refusal {
  const message = duplicateMessage(duplicate)
  return {
    code: 400,
    message: `Duplicate operator: ${message}. The code is used up, ask for a new one to try again`,
    errors: [{ field: fields[duplicate], message }],
  }
}
