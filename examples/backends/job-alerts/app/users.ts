import { type Insertable, type Kysely, type Selectable, sql } from 'kysely'
import { isDuplicate } from '../../setup/database'
import type { Tables, UsersTable } from './tables'

export type User = Readonly<Selectable<UsersTable>>

export type NewUser = Readonly<
  Pick<
    Insertable<UsersTable>,
    'username' | 'password_hash' | 'full_name' | 'mobile_number' | 'email'
  >
>

/** The last code that was sent to a contact, and the registration that it was sent for. */
export interface SentCode {
  readonly user_id: number
  readonly challenge_id: string
}

/** What a code proves. */
export type Method = 'mobile' | 'email'

const columns = { mobile: 'mobile_number', email: 'email' } as const
const times = { mobile: 'mobile_verified_at', email: 'email_verified_at' } as const

const unverifiedLifeMs = 24 * 60 * 60_000

export type Users = ReturnType<typeof usersIn>

/** Registrations and accounts: one table, in which an account is a registration that was verified. */
export function usersIn(database: Kysely<Tables>, now: () => Date) {
  const accounts = database
    .selectFrom('job_alerts_users')
    .selectAll()
    .where((is) => is.or([is(times.mobile, 'is not', null), is(times.email, 'is not', null)]))

  const byUsername = (username: string): Promise<User | undefined> =>
    accounts.where(sql`lower(username)`, '=', username.toLowerCase()).executeTakeFirst()

  const byVerified = (method: Method, contact: string): Promise<User | undefined> =>
    accounts
      .where(columns[method], '=', contact)
      .where(times[method], 'is not', null)
      .executeTakeFirst()

  return {
    byUsername,
    byVerified,

    /** Adds a registration, and forgets those of yesterday that nobody verified. */
    insert: async (user: NewUser): Promise<number> => {
      const forgotten = new Date(now().getTime() - unverifiedLifeMs).toISOString()
      await database
        .deleteFrom('job_alerts_users')
        .where('created_at', '<', forgotten)
        .where(times.mobile, 'is', null)
        .where(times.email, 'is', null)
        .execute()
      const { id } = await database
        .insertInto('job_alerts_users')
        .values({ ...user, created_at: now().toISOString() })
        .returning('id')
        .executeTakeFirstOrThrow()
      return id
    },

    /** From now on no other code that was sent to this contact verifies anything. */
    noteCode: async (contact: string, code: SentCode): Promise<void> => {
      await database
        .insertInto('job_alerts_codes')
        .values({ contact, ...code })
        .onConflict((conflict) => conflict.column('contact').doUpdateSet(code))
        .execute()
    },

    codeOf: (contact: string): Promise<SentCode | undefined> =>
      database
        .selectFrom('job_alerts_codes')
        .select(['user_id', 'challenge_id'])
        .where('contact', '=', contact)
        .executeTakeFirst(),

    /**
     * The registration that the last code to this number was sent for. Once the number is verified,
     * whatever is asked about it is answered as if it were unknown.
     */
    lastOf: (mobileNumber: string): Promise<User | undefined> =>
      database
        .selectFrom('job_alerts_codes')
        .innerJoin('job_alerts_users', 'job_alerts_users.id', 'job_alerts_codes.user_id')
        .selectAll('job_alerts_users')
        .where('contact', '=', mobileNumber)
        .where('mobile_verified_at', 'is', null)
        .executeTakeFirst(),

    /**
     * Notes a proof, unless another account has the contact or the username by now. The code stays
     * noted: the library knows for a minute that it was used.
     */
    markVerified: async (id: number, method: Method, contact: string): Promise<boolean> => {
      try {
        const { numUpdatedRows } = await database
          .updateTable('job_alerts_users')
          .set({ [times[method]]: now().toISOString() })
          .where('id', '=', id)
          .where(columns[method], '=', contact)
          .executeTakeFirst()
        return numUpdatedRows === 1n
      } catch (error) {
        if (isDuplicate(error)) return false
        throw error
      }
    },
  }
}
