import { type Generated, type Kysely, sql } from 'kysely'
import { countingId, type DatabasePlace, type Migrations } from '../setup/database'

export const statuses = ['PENDING', 'ACTIVE', 'SUSPENDED', 'REJECTED'] as const
export type Status = (typeof statuses)[number]

/** The company, as it is listed. */
export interface OperatorsTable {
  id: Generated<number>
  company_name: string
  owner_name: string | null
  business_license: string | null
  address: string | null
  city: string | null
  state: string | null
  country: string | null
  postal_code: string | null
  status: Status
  /** What a search looks through, in lower case: SQLite itself folds no letters but ASCII. */
  search_text: string
  created_at: string
  updated_at: string
}

/** Who signs in for it. */
export interface UsersTable {
  id: Generated<number>
  operator_id: number
  role: 'OPERATOR'
  username: string | null
  password_hash: string
  /** A contact that is not verified is a claim: nobody signs in with it, and it is nobody's. */
  email: string | null
  email_verified: 0 | 1
  phone: string | null
  phone_verified: 0 | 1
  /** How notices go out: the channel of the newest verification. */
  notice_channel: 'whatsapp' | 'sms' | 'email' | null
  /** A session is good while it has this number: a new password ends them all. */
  session_version: number
  created_at: string
}

export interface DocumentsTable {
  /** Random, and the name of its file. */
  id: string
  operator_id: number
  name: string
  content_type: string
  bytes: number
  created_at: string
}

export interface Tables {
  operators: OperatorsTable
  users: UsersTable
  documents: DocumentsTable
}

/** The same tables in SQLite and PostgreSQL. */
export function migrations(kind: DatabasePlace['name']): Migrations {
  const id = countingId(kind)
  return {
    '0001_operators': {
      up: async (database: Kysely<unknown>) => {
        await sql`create table operators (
          id ${id},
          company_name text not null,
          owner_name text,
          business_license text,
          address text,
          city text,
          state text,
          country text,
          postal_code text,
          status text not null,
          search_text text not null,
          created_at text not null,
          updated_at text not null
        )`.execute(database)
        await sql`create table users (
          id ${id},
          operator_id integer not null unique references operators (id),
          role text not null,
          username text unique,
          password_hash text not null,
          email text,
          email_verified integer not null,
          phone text,
          phone_verified integer not null,
          notice_channel text,
          session_version integer not null,
          created_at text not null
        )`.execute(database)
        await sql`create table documents (
          id text primary key,
          operator_id integer not null references operators (id),
          name text not null,
          content_type text not null,
          bytes integer not null,
          created_at text not null
        )`.execute(database)
        // A rejected registration must not keep a license from the company that holds it.
        await sql`create unique index operators_business_license on operators (business_license)
          where status <> 'REJECTED'`.execute(database)
        await sql`create unique index users_email on users (email) where email_verified = 1`.execute(
          database,
        )
        await sql`create unique index users_phone on users (phone) where phone_verified = 1`.execute(
          database,
        )
        await sql`create index operators_status on operators (status, id)`.execute(database)
        await sql`create index documents_operator on documents (operator_id)`.execute(database)
      },
    },
  }
}
