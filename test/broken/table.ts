import { type OtpStore, usedMs } from 'otpkit'

/** One row of the table. */
export interface Row {
  readonly digest: string
  readonly data: string
  readonly attempts: number
  readonly attemptsLeft: number
  readonly expiresAt: number
  readonly used?: true
}

/** A row as it was read. */
export interface Found extends Row {
  readonly remainingMs: number
}

/** Each call is atomic and nothing joins two of them: all that plain CRUD gives. */
export interface Table {
  read(id: string): Promise<Found | undefined>
  write(id: string, row: Row): Promise<void>
  /** Removes the row and gives what stood there, as `DELETE … RETURNING` does. */
  remove(id: string): Promise<Found | undefined>
  /** Takes one attempt while there is any, as `UPDATE … WHERE attempts_left > 0 RETURNING` does. */
  charge(id: string): Promise<Found | undefined>
}

export const gone = { outcome: 'gone' } as const

export const incorrect = ({ data, attemptsLeft, remainingMs }: Found) =>
  ({ outcome: 'incorrect', data, attemptsLeft, remainingMs }) as const

export const verified = ({ data, attempts, attemptsLeft, remainingMs }: Found) =>
  ({ outcome: 'verified', data, attemptsUsed: attempts - attemptsLeft, remainingMs }) as const

/** The row with one attempt fewer. */
export const lessOne = (row: Found): Found => ({ ...row, attemptsLeft: row.attemptsLeft - 1 })

/** What is kept of a row that was verified. */
export const consumed = (row: Found): Row => ({
  ...row,
  data: '',
  expiresAt: row.expiresAt - row.remainingMs + usedMs,
  used: true,
})

/** A sound store over a table, but for what is changed. */
export function onTable(
  change: (table: Table, sound: OtpStore) => Partial<OtpStore>,
): (clock: () => number) => OtpStore {
  return (clock) => {
    const rows = new Map<string, Row>()
    const living = (id: string) => {
      const row = rows.get(id)
      if (row === undefined || clock() >= row.expiresAt) return undefined
      return { ...row, remainingMs: row.expiresAt - clock() }
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
        const { digest, attempts, attemptsLeft, remainingMs, data } = row
        const found = { id, digest, attempts, attemptsLeft, remainingMs, data }
        return row.used ? { ...found, attemptsLeft: 0, used: true } : found
      },
      attempt: async (id, digests) => {
        const row = charge(id)
        if (row === undefined) return gone
        const matches = digests.includes(row.digest)
        if (row.used) return matches ? { outcome: 'used' } : gone
        if (!matches) return incorrect(row)
        rows.set(id, consumed(row))
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
