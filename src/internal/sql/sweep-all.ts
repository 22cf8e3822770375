import type { SqlTable } from './settings'

const rowsPerBatch = 1_000

/** Removes all expired rows of both tables, so many at a time that no lock is held for long. */
export async function sweepAll(
  sweep: (table: SqlTable, rows: number) => Promise<number>,
): Promise<number> {
  let total = 0
  for (const table of ['challenges', 'charges'] as const) {
    let removed = rowsPerBatch
    while (removed === rowsPerBatch) {
      removed = await sweep(table, rowsPerBatch)
      total += removed
    }
  }
  return total
}
