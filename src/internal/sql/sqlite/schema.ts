import type { SqlSettings } from '../settings'

/** The statements that create what stands in an SQLite database, in order. */
export function sqliteSchema({ name, bareName }: SqlSettings): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${name('challenges')} (
  "id" TEXT NOT NULL PRIMARY KEY,
  "digest" TEXT NOT NULL,
  "attempts" INTEGER NOT NULL,
  "attempts_left" INTEGER NOT NULL,
  "expires_at" INTEGER NOT NULL,
  "data" TEXT NOT NULL,
  "used_attempts" INTEGER NOT NULL DEFAULT 0,
  "used_remaining_ms" INTEGER NOT NULL DEFAULT 0,
  "used_call" TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID`,
    `CREATE INDEX IF NOT EXISTS ${name('challenges_expires_at')}
  ON ${bareName('challenges')} ("expires_at")`,
    `CREATE TABLE IF NOT EXISTS ${name('charges')} (
  "key" TEXT NOT NULL PRIMARY KEY,
  "next_unit" INTEGER NOT NULL,
  "kept_ms" INTEGER NOT NULL,
  "expires_at" INTEGER NOT NULL,
  "entries" TEXT NOT NULL
) WITHOUT ROWID`,
    `CREATE INDEX IF NOT EXISTS ${name('charges_expires_at')}
  ON ${bareName('charges')} ("expires_at")`,
  ]
}
