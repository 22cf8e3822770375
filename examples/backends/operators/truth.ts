// For the tests beside it: a count of what they saw themselves.

/** What tells rows of counts apart. */
export type Facts = Readonly<Record<string, string | number | undefined>>

/** Counts apart from any history. */
export function createTruth() {
  const tally = new Map<string, number>()
  return {
    add: (at: number, facts: Facts) => {
      const name = nameOf({ at, ...facts })
      tally.set(name, (tally.get(name) ?? 0) + 1)
    },
    rows: (resolutionMs: number) => {
      const rows = new Map<string, number>()
      for (const [name, count] of tally) {
        const facts: Record<string, string | number> = JSON.parse(name)
        const at = Math.floor(Number(facts.at) / resolutionMs) * resolutionMs
        const row = nameOf({ ...facts, at })
        rows.set(row, (rows.get(row) ?? 0) + count)
      }
      return Object.fromEntries([...rows].sort())
    },
    /** How many there are of which this holds. */
    count: (facts: Facts) =>
      [...tally]
        .filter(([name]) => {
          const row: Record<string, unknown> = JSON.parse(name)
          return Object.entries(facts).every(([key, value]) => row[key] === value)
        })
        .reduce((sum, [, count]) => sum + count, 0),
  }
}

/** The same text for the same facts. */
export function nameOf(facts: Facts): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(facts).sort(([one], [other]) => (one < other ? -1 : 1))),
  )
}
