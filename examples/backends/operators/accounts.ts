import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { isDuplicate } from '../setup/database'
import type { OperatorsTable, Status, Tables, UsersTable } from './tables'

/** A company and who signs in for it. */
export type Account = Readonly<
  Omit<Selectable<OperatorsTable>, 'search_text'> &
    Omit<Selectable<UsersTable>, 'id' | 'operator_id' | 'created_at'> & { user_id: number }
>

export type NewCompany = Readonly<
  Omit<Insertable<OperatorsTable>, 'id' | 'status' | 'search_text' | 'created_at' | 'updated_at'>
>
export type NewUser = Readonly<
  Omit<Insertable<UsersTable>, 'id' | 'operator_id' | 'role' | 'session_version' | 'created_at'>
>

/** Changes of a company. What is undefined stays as it is. */
export type Details = { readonly [name in keyof NewCompany]?: NewCompany[name] | undefined }

/** What no two accounts may share. */
export interface Claims {
  readonly username?: string | null | undefined
  readonly phone?: string | null | undefined
  readonly email?: string | null | undefined
  readonly business_license?: string | null | undefined
}
const uniqueFields = ['username', 'phone', 'email', 'business_license'] as const
export type UniqueField = (typeof uniqueFields)[number]

export type Written =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly duplicate: UniqueField }

export type ContactChange = Readonly<
  Pick<UsersTable, 'notice_channel'> &
    ({ phone: string; phone_verified: 1 } | { email: string; email_verified: 1 })
>

export interface Page {
  readonly search?: string | undefined
  readonly status?: Status | undefined
  readonly skip: number
  readonly limit: number
}

export type Accounts = ReturnType<typeof createAccounts>

/** As the unique indexes have it: a contact that is only claimed, or a rejected license, is nobody's. */
function holds(account: Account, field: UniqueField): boolean {
  if (field === 'phone') return account.phone_verified === 1
  if (field === 'email') return account.email_verified === 1
  return field === 'username' || account.status !== 'REJECTED'
}

/**
 * The accounts in a database. Its unique indexes decide between two that race for a contact or a
 * license; looking is only to say which of them it was.
 */
export function createAccounts(database: Kysely<Tables>, now: () => Date) {
  const joined = (from: Kysely<Tables> = database) =>
    from
      .selectFrom('operators')
      .innerJoin('users', 'users.operator_id', 'operators.id')
      .selectAll('users')
      .selectAll('operators')
      .select('users.id as user_id')

  async function duplicateOf(claims: Claims, except = 0): Promise<UniqueField | undefined> {
    const { username, phone, email, business_license: license } = claims
    const others = await joined()
      .where('operators.id', '<>', except)
      .where((is) =>
        is.or([
          is('username', '=', username ?? ''),
          is.and([is('phone', '=', phone ?? ''), is('phone_verified', '=', 1)]),
          is.and([is('email', '=', email ?? ''), is('email_verified', '=', 1)]),
          is.and([is('business_license', '=', license ?? ''), is('status', '<>', 'REJECTED')]),
        ]),
      )
      .execute()
    return uniqueFields.find((field) =>
      others.some(
        (other) => other[field] !== null && other[field] === claims[field] && holds(other, field),
      ),
    )
  }

  /** Ends every session, and changes what else is told. */
  async function endSessions(
    id: number,
    from: Kysely<Tables> = database,
    change: { readonly password_hash?: string } = {},
  ): Promise<void> {
    await from
      .updateTable('users')
      .set((is) => ({ ...change, session_version: is('session_version', '+', 1) }))
      .where('operator_id', '=', id)
      .execute()
  }

  /** Writes, unless one thing would belong to two accounts then. */
  async function write(
    claims: Claims,
    except: number | undefined,
    change: (transaction: Transaction<Tables>) => Promise<Account>,
  ): Promise<Written> {
    const known = await duplicateOf(claims, except)
    if (known !== undefined) return { ok: false, duplicate: known }
    try {
      return { ok: true, account: await database.transaction().execute(change) }
    } catch (error) {
      const duplicate = isDuplicate(error) ? await duplicateOf(claims, except) : undefined
      if (duplicate === undefined) throw error
      return { ok: false, duplicate }
    }
  }

  /** The account as it has become, once a search finds it as that. */
  async function finish(transaction: Transaction<Tables>, id: number): Promise<Account> {
    const account = await joined(transaction)
      .where('operators.id', '=', id)
      .executeTakeFirstOrThrow()
    const { company_name, phone, email, city, state } = account
    const search_text = [company_name, phone, email, city, state].join('\n').toLowerCase()
    const updated_at = now().toISOString()
    await transaction
      .updateTable('operators')
      .set({ search_text, updated_at })
      .where('id', '=', id)
      .execute()
    return { ...account, updated_at }
  }

  return {
    byId: (id: number): Promise<Account | undefined> =>
      joined().where('operators.id', '=', id).executeTakeFirst(),

    /** By an id as it stands in an address. */
    byShownId: async (id: string): Promise<Account | undefined> =>
      /^[1-9][0-9]{0,8}$/.test(id)
        ? joined().where('operators.id', '=', Number(id)).executeTakeFirst()
        : undefined,

    byUserId: (userId: number): Promise<Account | undefined> =>
      joined().where('users.id', '=', userId).executeTakeFirst(),

    byUsername: (username: string): Promise<Account | undefined> =>
      joined().where('username', '=', username).executeTakeFirst(),

    /** The account that proved this phone number or address. A mere claim finds nothing. */
    byVerifiedContact: (contact: string): Promise<Account | undefined> =>
      joined()
        .where((is) =>
          is.or([
            is.and([is('phone', '=', contact), is('phone_verified', '=', 1)]),
            is.and([is('email', '=', contact), is('email_verified', '=', 1)]),
          ]),
        )
        .executeTakeFirst(),

    /** @param claims - What of it must not be another account's. Of the rest nobody is told. */
    insert: (company: NewCompany, user: NewUser, claims: Claims): Promise<Written> =>
      write(claims, undefined, async (transaction) => {
        const created_at = now().toISOString()
        const times = { created_at, updated_at: created_at }
        const { id } = await transaction
          .insertInto('operators')
          .values({ ...company, ...times, status: 'PENDING', search_text: '' })
          .returning('id')
          .executeTakeFirstOrThrow()
        await transaction
          .insertInto('users')
          .values({ ...user, operator_id: id, role: 'OPERATOR', session_version: 0, created_at })
          .execute()
        return finish(transaction, id)
      }),

    /** Changes details of the company. */
    update: (id: number, details: Details): Promise<Written> =>
      write({ business_license: details.business_license }, id, async (transaction) => {
        if (Object.keys(details).length > 0) {
          await transaction.updateTable('operators').set(details).where('id', '=', id).execute()
        }
        return finish(transaction, id)
      }),

    /** Notes that the account's own user proved this contact. */
    verifyContact: (id: number, change: ContactChange): Promise<Written> =>
      write(change, id, async (transaction) => {
        // Holds every other change of this account until a search finds this one.
        const updated_at = now().toISOString()
        await transaction
          .updateTable('operators')
          .set({ updated_at })
          .where('id', '=', id)
          .execute()
        await transaction.updateTable('users').set(change).where('operator_id', '=', id).execute()
        return finish(transaction, id)
      }),

    /**
     * Moves on from one of these states, or does nothing and answers so: also where a rejected
     * license is another account's by now. Who may not sign in any more has no session left.
     */
    setStatus: async (id: number, from: readonly Status[], status: Status): Promise<boolean> => {
      const change = { status, updated_at: now().toISOString() }
      try {
        return await database.transaction().execute(async (transaction) => {
          const { numUpdatedRows } = await transaction
            .updateTable('operators')
            .set(change)
            .where('id', '=', id)
            .where('status', 'in', from)
            .executeTakeFirst()
          if (numUpdatedRows !== 1n) return false
          if (status === 'SUSPENDED' || status === 'REJECTED') await endSessions(id, transaction)
          return true
        })
      } catch (error) {
        if (isDuplicate(error)) return false
        throw error
      }
    },

    /** Sets a password, and ends every session. */
    setPassword: (id: number, password_hash: string): Promise<void> =>
      endSessions(id, database, { password_hash }),

    endSessions: (id: number): Promise<void> => endSessions(id),

    /** One page of the accounts, oldest first, and how many there are on all of them. */
    list: async ({ search = '', status, skip, limit }: Page) => {
      const pattern = `%${search.toLowerCase().replace(/[!%_]/g, '!$&')}%`
      const found = joined()
        .where((is) => sql<boolean>`${is.ref('search_text')} like ${pattern} escape '!'`)
        .$if(status !== undefined, (query) => query.where('status', '=', status ?? 'ACTIVE'))
      const [accounts, { total }] = await Promise.all([
        found.orderBy('operators.id').offset(skip).limit(limit).execute(),
        found
          .clearSelect()
          .select((is) => is.fn.countAll<number | string>().as('total'))
          .executeTakeFirstOrThrow(),
      ])
      return { accounts, total: Number(total) }
    },

    countByStatus: async (): Promise<Readonly<Record<Status, number>>> => {
      const counts = { PENDING: 0, ACTIVE: 0, SUSPENDED: 0, REJECTED: 0 }
      const rows = await database
        .selectFrom('operators')
        .select((is) => ['status', is.fn.countAll<number | string>().as('count')])
        .groupBy('status')
        .execute()
      for (const { status, count } of rows) counts[status] = Number(count)
      return counts
    },
  }
}
