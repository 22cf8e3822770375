/** What other libraries call it. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  attempts: ['tries', 'retries', 'guesses'],
  authToken: ['password', 'secret'],
  baseUrl: ['endpoint', 'host', 'url'],
  database: ['adapter', 'storage'],
  deliveries: ['channels', 'providers', 'transports'],
  from: ['originator', 'sender', 'senderid', 'src'],
  lifetime: ['duration', 'expiration', 'expiresin', 'expiry', 'maxage', 'ttl', 'validity'],
  max: ['count', 'limit', 'maximum', 'points'],
  per: ['duration', 'every', 'interval', 'window', 'windowms'],
  secret: ['pepper', 'key', 'salt'],
}

/** The one of the known names that is probably meant, if any is. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  // Nobody mistypes so much, and comparing takes its time.
  if (name.length > 64) return undefined
  const plain = plainOf(name)
  const meant = known.find((each) => elsewhere[each]?.includes(plain))
  if (meant !== undefined) return meant
  const byDistance = known
    .map((candidate) => ({ candidate, distance: editDistance(plain, plainOf(candidate)) }))
    .sort((one, other) => one.distance - other.distance)
  const [best] = byDistance
  // Two mistakes in a short name could be another word.
  if (best !== undefined && best.distance <= (plain.length < 5 ? 1 : 2)) return best.candidate
  return plain.length < 4 ? undefined : known.find((candidate) => isPart(plain, plainOf(candidate)))
}

function plainOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** `length` of `codeLength`, or `maxAttempts` around `attempts`. */
function isPart(name: string, known: string): boolean {
  return known.includes(name) || (known.length >= 4 && name.includes(known))
}

/** Insertions, deletions, replacements and swaps of neighbours from one text to the other. */
export function editDistance(from: string, to: string): number {
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
