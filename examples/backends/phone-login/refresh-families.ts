import { createHash, randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Tables } from './tables'

/** What a refresh token came to. `reusedBy` is the account whose family it ended. */
export type Rotation =
  | { readonly ok: true; readonly accountId: string; readonly token: string }
  | { readonly ok: false; readonly reusedBy?: string }

/**
 * Refresh tokens, each good once (RFC 9700, 4.14.2). A token is the name of its family and a secret
 * of its own, both random. Whoever shows a known name with another secret has an old token: either
 * they or the owner stole it, so the family ends.
 */
export interface RefreshFamilies {
  start(accountId: string): Promise<string>
  rotate(token: string): Promise<Rotation>
  end(token: string): Promise<void>
}

const lifetimeMs = 30 * 24 * 60 * 60_000

export function refreshFamiliesIn(database: Kysely<Tables>, now: () => number): RefreshFamilies {
  const table = 'phone_login_refresh_families'
  return {
    start: async (accountId) => {
      await database
        .deleteFrom(table)
        .where('account_id', '=', accountId)
        .where('expires_at', '<=', now())
        .execute()
      const token = `${randomText()}.${randomText()}`
      const values = { ...hashesOf(token), account_id: accountId, expires_at: now() + lifetimeMs }
      await database.insertInto(table).values(values).execute()
      return token
    },

    rotate: async (token) => {
      const { family_hash, token_hash } = hashesOf(token)
      const next = `${nameIn(token)}.${randomText()}`
      // One statement, so that of many who show one token at once one succeeds.
      const rotated = await database
        .updateTable(table)
        .set({ token_hash: hashesOf(next).token_hash })
        .where('family_hash', '=', family_hash)
        .where('token_hash', '=', token_hash)
        .where('expires_at', '>', now())
        .returning('account_id')
        .executeTakeFirst()
      if (rotated !== undefined) return { ok: true, accountId: rotated.account_id, token: next }

      const ended = await database
        .deleteFrom(table)
        .where('family_hash', '=', family_hash)
        .where('expires_at', '>', now())
        .returning('account_id')
        .executeTakeFirst()
      return { ok: false, ...(ended && { reusedBy: ended.account_id }) }
    },

    end: async (token) => {
      const { family_hash } = hashesOf(token)
      await database.deleteFrom(table).where('family_hash', '=', family_hash).execute()
    },
  }
}

const randomText = () => randomBytes(32).toString('base64url')

const nameIn = (token: string) => token.split('.', 1).join()

// Nobody guesses 256 random bits, so they need no slow hash.
function hashesOf(token: string): { readonly family_hash: string; readonly token_hash: string } {
  const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
  return { family_hash: hash(nameIn(token)), token_hash: hash(token) }
}
