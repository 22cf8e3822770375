import { type Kysely, sql } from 'kysely'
import type { Migrations } from '../setup/database'

export interface AccountsTable {
  id: string
  /** In E.164, as the library proved it. */
  phone_number: string
  created_at: string
}

/** One login: all refresh tokens that follow from it, of which one is good. */
export interface RefreshFamiliesTable {
  /** SHA-256 of the part that all tokens of the family share. */
  family_hash: string
  /** SHA-256 of the token that is good. */
  token_hash: string
  account_id: string
  /** Epoch milliseconds. */
  expires_at: number
}

export interface Tables {
  phone_login_accounts: AccountsTable
  phone_login_refresh_families: RefreshFamiliesTable
}

/** The same in SQLite and PostgreSQL. */
export const migrations: Migrations = {
  '0001_accounts': {
    up: async (database: Kysely<unknown>) => {
      await sql`create table phone_login_accounts (
        id text primary key,
        phone_number text not null unique,
        created_at text not null
      )`.execute(database)
      await sql`create table phone_login_refresh_families (
        family_hash text primary key,
        token_hash text not null,
        account_id text not null references phone_login_accounts (id) on delete cascade,
        expires_at bigint not null
      )`.execute(database)
      await sql`create index phone_login_refresh_families_account
        on phone_login_refresh_families (account_id, expires_at)`.execute(database)
    },
  },
}
