import { type Generated, type Kysely, sql } from 'kysely'
import { countingId, type DatabasePlace, type Migrations } from '../../setup/database'

export interface UsersTable {
  id: Generated<number>
  username: string
  password_hash: string
  full_name: string | null
  /** A contact is a claim until the time of its verification stands beside it. */
  mobile_number: string
  mobile_verified_at: string | null
  email: string | null
  email_verified_at: string | null
  created_at: string
}

/** The last code that was sent to a contact, and the registration that it was sent for. */
export interface CodesTable {
  contact: string
  user_id: number
  challenge_id: string
}

export interface Tables {
  job_alerts_users: UsersTable
  job_alerts_codes: CodesTable
}

/** The same tables in SQLite and PostgreSQL. */
export function migrations(kind: DatabasePlace['name']): Migrations {
  const id = countingId(kind)
  return {
    '0001_users': {
      up: async (database: Kysely<unknown>) => {
        await sql`create table job_alerts_users (
          id ${id},
          username text not null,
          password_hash text not null,
          full_name text,
          mobile_number text not null,
          mobile_verified_at text,
          email text,
          email_verified_at text,
          created_at text not null
        )`.execute(database)
        // Names and contacts belong to those who verified, and to nobody who only claims them.
        await sql`create unique index job_alerts_users_username
          on job_alerts_users (lower(username))
          where mobile_verified_at is not null or email_verified_at is not null`.execute(database)
        await sql`create unique index job_alerts_users_mobile
          on job_alerts_users (mobile_number)
          where mobile_verified_at is not null`.execute(database)
        await sql`create unique index job_alerts_users_email
          on job_alerts_users (email)
          where email_verified_at is not null`.execute(database)
        await sql`create index job_alerts_users_unverified
          on job_alerts_users (created_at)
          where mobile_verified_at is null and email_verified_at is null`.execute(database)
        await sql`create table job_alerts_codes (
          contact text primary key,
          user_id integer not null references job_alerts_users (id) on delete cascade,
          challenge_id text not null
        )`.execute(database)
        await sql`create index job_alerts_codes_user on job_alerts_codes (user_id)`.execute(
          database,
        )
      },
    },
  }
}
