/** Where to go, and what one needs there. */
export interface Place {
  readonly name: string
  readonly address: string
  readonly hints?: readonly string[]
}

/** What a start prints: first where to go, and last what else there is to know. */
export function welcome(title: string, places: readonly Place[], notes: readonly string[]): string {
  const width = Math.max(...places.map(({ name }) => name.length))
  const lines = places.flatMap(({ name, address, hints = [] }) =>
    [address, ...hints].map((text, line) => `  ${(line === 0 ? name : '').padEnd(width)}  ${text}`),
  )
  return ['', title, '', ...lines, '', ...notes, ''].join('\n')
}
