/** Environment variables as the host hands them over, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A variable, or several names that mean the same. */
export type VariableName = string | readonly [string, ...string[]]

/** Every name of a variable, the first one being the one to recommend. */
export function namesOf(variable: VariableName): readonly [string, ...string[]] {
  return typeof variable === 'string' ? [variable] : variable
}

/** Whether it has a text. An empty line of a `.env` file sets nothing. */
export function isSet(env: Environment, name: string): boolean {
  const value: unknown = env[name]
  return value !== undefined && (typeof value !== 'string' || value.trim() !== '')
}

/**
 * A variable's text, or `undefined` where it is missing or empty. Throws a `TypeError` that names
 * the variable, and never holds its value.
 */
export function readText(env: Environment, variable: VariableName): string | undefined {
  const found = namesOf(variable)
    .filter((name) => isSet(env, name))
    .map((name) => ({ name, text: checkText(env, name) }))
  const [first] = found
  const other = found.find(({ text }) => text !== first?.text)
  if (other !== undefined) {
    throw new TypeError(
      `${first?.name} and ${other.name} mean the same, but differ: set one of them`,
    )
  }
  return first?.text
}

function checkText(env: Environment, name: string): string {
  const value: unknown = env[name]
  if (typeof value !== 'string') throw new TypeError(`${name} must be a text`)
  // A line break at the end of a secret from a file would silently be a part of the secret.
  if (value !== value.trim()) throw new TypeError(`${name} must not begin or end with white space`)
  return value
}

/**
 * A variable's whole number from `from` to `to`, or `undefined` where it is missing or empty. Throws
 * a `TypeError` that names the variable, and never holds its value.
 */
export function readWholeNumber(
  env: Environment,
  variable: VariableName,
  from: number,
  to: number,
): number | undefined {
  const text = readText(env, variable)
  if (text === undefined) return undefined
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= from && number <= to)) {
    throw new TypeError(`${nameInUse(env, variable)} must be a whole number from ${from} to ${to}`)
  }
  return number
}

/** The name under which a variable is set, or else the one to recommend. */
export function nameInUse(env: Environment, variable: VariableName): string {
  const names = namesOf(variable)
  return names.find((name) => isSet(env, name)) ?? names[0]
}

/**
 * Names that are set, mean nothing here, and are nearly those of `wanted` variables that are not
 * set. Whoever has the right name too keeps the other for something else.
 */
export function findMisspellings(
  env: Environment,
  known: readonly string[],
  wanted: readonly string[],
): string[] {
  const absent = wanted.filter((name) => !isSet(env, name))
  return Object.keys(env)
    .filter((name) => /^\w+$/.test(name) && !known.includes(name) && isSet(env, name))
    .flatMap((name) => {
      const meant = absent.find((candidate) => isNear(name.toUpperCase(), candidate))
      return meant === undefined ? [] : [`${name} is not known: is ${meant} meant?`]
    })
}

// Two mistakes in a short name could be another word; other beginnings are other people's names.
function isNear(name: string, known: string): boolean {
  const most = known.length < 14 ? 1 : 2
  return (
    name.slice(0, 2) === known.slice(0, 2) &&
    Math.abs(name.length - known.length) <= most &&
    editDistance(name, known) <= most
  )
}

/** Insertions, deletions, replacements and swaps of neighbours from one text to the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const at = (line: readonly number[], index: number) => line[index] ?? Number.POSITIVE_INFINITY
      const same = from[row - 1] === to[column - 1]
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (same ? 0 : 1),
          swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? from.length
}
