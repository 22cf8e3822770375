import type { OtpStore } from 'otpkit'

/** One row of the table. */
export interface Row {
  readonly digest: string
  readonly data: string
  readonly attempts: number
  readonly attemptsLeft: number
  readonly expiresAt: number
}

/** Each call is atomic and nothing joins two of them: all that plain CRUD gives. */
export interface Table {
  read(id: string): Promise<Row | undefined>
  write(id: string, row: Row): Promise<void>
  /** Removes the row and gives what stood there, as `DELETE … RETURNING` does. */
  remove(id: string): Promise<Row | undefined>
  /** Takes one attempt while there is any, as `UPDATE … WHERE attempts_left > 0 RETURNING` does. */
  charge(id: string): Promise<Row | undefined>
}

export const gone = { outcome: 'gone' } as const

export const incorrect = ({ attemptsLeft }: Row) =>
  ({ outcome: 'incorrect', attemptsLeft }) as const

export const verified = ({ data, attempts, attemptsLeft }: Row) =>
  ({ outcome: 'verified', data, attemptsUsed: attempts - attemptsLeft }) as const

/** The row with one attempt fewer. */
export const lessOne = (row: Row): Row => ({ ...row, attemptsLeft: row.attemptsLeft - 1 })

/** A sound store over a table, but for what is changed. */
export function onTable(
  change: (table: Table, sound: OtpStore) => Partial<OtpStore>,
): (clock: () => number) => OtpStore {
  return (clock) => {
    const rows = new Map<string, Row>()
    const living = (id: string) => {
      const row = rows.get(id)
      return row !== undefined && clock() < row.expiresAt ? row : undefined
    }
    const charge = (id: string) => {
      const row = living(id)
      if (row === undefined || row.attemptsLeft === 0) return undefined
      rows.set(id, lessOne(row))
      return lessOne(row)
    }
    const sound: OtpStore = {
      put: async ({ id, digest, attempts, ttlMs, data }) => {
        const expiresAt = clock() + ttlMs
        rows.set(id, { digest, data, attempts, attemptsLeft: attempts, expiresAt })
      },
      get: async (id) => {
        const row = living(id)
        if (row === undefined) return null
        const { digest, attemptsLeft, expiresAt, data } = row
        return { id, digest, attemptsLeft, remainingMs: expiresAt - clock(), data }
      },
      attempt: async (id, digests) => {
        const row = charge(id)
        if (row === undefined) return gone
        if (!digests.includes(row.digest)) return incorrect(row)
        rows.delete(id)
        return verified(row)
      },
      delete: async (id, digest) => {
        if (living(id)?.digest === digest) rows.delete(id)
      },
    }
    const table: Table = {
      read: async (id) => living(id),
      write: async (id, row) => {
        rows.set(id, row)
      },
      remove: async (id) => {
        const row = living(id)
        rows.delete(id)
        return row
      },
      charge: async (id) => charge(id),
    }
    return { ...sound, ...change(table, sound) }
  }
}
