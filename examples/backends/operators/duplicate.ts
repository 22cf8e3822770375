import { invalidFields, type Refusal } from '../http/route'
import type { UniqueField } from './accounts'

const names: Readonly<Record<UniqueField, string>> = {
  username: 'username',
  phone: 'phone number',
  email: 'e-mail address',
  business_license: 'business license',
}

/** What is taken, in the words of this API. Contacts: told to nobody who has not proven one. */
export function duplicateMessage(duplicate: UniqueField): string {
  return `This ${names[duplicate]} is already ${duplicate === 'username' ? 'taken' : 'registered'}`
}

/** At the field that holds it. */
export function duplicateAt(duplicate: UniqueField, field: string): Refusal {
  return invalidFields([{ field, message: duplicateMessage(duplicate) }])
}
