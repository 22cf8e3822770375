import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { AccountsTable, Tables } from './tables'

export interface Accounts {
  /** The account of a proven number. Of many who ask at once, one is told that it is new. */
  findOrCreate(phoneNumber: string): Promise<{ account: AccountsTable; isNew: boolean }>
  find(id: string): Promise<AccountsTable | undefined>
}

export function accountsIn(database: Kysely<Tables>, now: () => number): Accounts {
  const accounts = database.selectFrom('phone_login_accounts').selectAll()
  return {
    findOrCreate: async (phoneNumber) => {
      const { numInsertedOrUpdatedRows } = await database
        .insertInto('phone_login_accounts')
        .values({
          id: randomUUID(),
          phone_number: phoneNumber,
          created_at: new Date(now()).toISOString(),
        })
        .onConflict((conflict) => conflict.column('phone_number').doNothing())
        .executeTakeFirstOrThrow()
      const account = await accounts
        .where('phone_number', '=', phoneNumber)
        .executeTakeFirstOrThrow()
      return { account, isNew: numInsertedOrUpdatedRows === 1n }
    },
    find: (id) => accounts.where('id', '=', id).executeTakeFirst(),
  }
}
