/**
 * The known name that a wrong one probably stands for: the same but for case, `-` and `_`, or a few
 * slips of the keyboard away; `undefined` where none is near enough.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name)
  const most = Math.min(2, Math.floor(wanted.length / 3))
  const [best] = known
    .map((candidate) => ({ candidate, slips: slips(wanted, plain(candidate)) }))
    .filter((each) => each.slips <= most)
    .sort((one, other) => one.slips - other.slips)
  return best?.candidate
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '')
}

/** Characters to add, drop, replace or swap with their neighbour. */
function slips(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1]
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      next.push(
        Math.min(
          at(last, column) + 1,
          at(next, column - 1) + 1,
          at(last, column - 1) + (same ? 0 : 1),
          swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    before = last
    last = next
  }
  return at(last, to.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
