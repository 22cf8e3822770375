/** A bus operator as the API shows it. */
export interface Operator {
  readonly id: number
  readonly company_name: string
  readonly contact_email: string
  readonly contact_phone: string
  readonly business_license: string
  readonly address: string
  readonly city: string
  readonly state: string
  readonly country: string
  readonly postal_code: string
  readonly status: 'PENDING'
  readonly created_at: string
  readonly updated_at: string
}

export type OperatorDetails = Omit<Operator, 'id' | 'status' | 'created_at' | 'updated_at'>

/** What no two operators may share. */
export const uniqueFields = ['contact_phone', 'contact_email', 'business_license'] as const

export interface NewOperator {
  readonly details: OperatorDetails
  /** The phone number or address that a code proved. The other one of the two is only a claim. */
  readonly verifiedContact: string
  readonly passwordHash: string
}

export type Inserted =
  | { readonly ok: true; readonly operator: Operator }
  | { readonly ok: false; readonly duplicate: (typeof uniqueFields)[number] }

export interface OperatorRepository {
  /** Checks for duplicates and inserts in one step: of two that race, one is a duplicate. */
  insert(operator: NewOperator): Promise<Inserted>
  /** Whether an operator proved this contact. One that was merely claimed must not sign in. */
  hasVerifiedContact(contact: string): Promise<boolean>
}

/** Operators in the memory of this process, gone when it ends. */
export function memoryOperators(): OperatorRepository {
  const records: (NewOperator & { readonly operator: Operator })[] = []

  return {
    // No await in here: nothing comes between the check and the insertion.
    insert: async (added) => {
      const { details } = added
      const duplicate = uniqueFields.find((field) =>
        records.some(({ operator }) => operator[field] === details[field]),
      )
      if (duplicate !== undefined) return { ok: false, duplicate }
      const now = new Date().toISOString()
      const operator: Operator = {
        id: records.length + 1,
        ...details,
        status: 'PENDING',
        created_at: now,
        updated_at: now,
      }
      records.push({ ...added, operator })
      return { ok: true, operator }
    },

    hasVerifiedContact: async (contact) =>
      records.some(({ verifiedContact }) => verifiedContact === contact),
  }
}
