// For the tests beside it: the repositories on either database.
import { join } from 'node:path'
import { testClock } from 'otpkit/testing'
import { onTestFinished } from 'vitest'
import { type DatabasePlace, openDatabase } from '../setup/database'
import { ownPostgres } from '../testing/own-postgres'
import { temporaryFolder } from '../testing/temporary-folder'
import { createAccounts, type NewCompany, type NewUser, type Written } from './accounts'
import { createDocuments } from './documents'
import { email, phone } from './start-backend'
import { migrations, type Tables } from './tables'

export const places: [string, () => Promise<DatabasePlace>][] = [
  ['SQLite', async () => ({ name: 'SQLite', file: join(temporaryFolder(), 'operators.db') })],
  ['PostgreSQL', async () => ({ name: 'PostgreSQL', url: await ownPostgres() })],
]

export const company: NewCompany = {
  company_name: 'Test Bus Company',
  owner_name: null,
  business_license: null,
  address: null,
  city: null,
  state: null,
  country: null,
  postal_code: null,
}
/** A user who gave no contact. */
export const nobody: NewUser = {
  username: null,
  password_hash: 'scrypt$',
  email: null,
  email_verified: 0,
  phone: null,
  phone_verified: 0,
  notice_channel: null,
}
/** What becomes of a user with the proof of a contact. */
export const proven = {
  phone: { phone, phone_verified: 1, notice_channel: 'sms' },
  email: { email, email_verified: 1, notice_channel: 'email' },
} as const

export function idOf(written: Written): number {
  if (!written.ok) throw new Error(`${written.duplicate} is another account's`)
  return written.account.id
}

/** Empty tables in this place, until the test ends. */
export async function openAccounts(place: () => Promise<DatabasePlace>) {
  const at = await place()
  const database = await openDatabase<Tables>(at, 'operators', migrations(at.name), () => {})
  onTestFinished(() => database.destroy())
  const clock = testClock()
  const now = () => new Date(clock.now())
  const folder = join(temporaryFolder(), 'documents')
  const accounts = createAccounts(database, now)
  const documents = createDocuments(database, folder, now)
  const insert = (details: Partial<NewCompany> = {}, contacts: Partial<NewUser> = {}) => {
    const all = { ...company, ...details }
    const user = { ...nobody, ...contacts }
    return accounts.insert(all, user, { ...user, business_license: all.business_license })
  }
  const found = async (search: string) =>
    (await accounts.list({ search, skip: 0, limit: 100 })).accounts.map(({ id }) => id)
  const count = async () =>
    Promise.all(
      (['operators', 'users'] as const).map(async (table) => {
        const rows = await database.selectFrom(table).select('id').execute()
        return rows.length
      }),
    )
  return { clock, folder, accounts, documents, insert, found, count }
}
