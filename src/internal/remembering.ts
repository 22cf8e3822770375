/**
 * What a function makes of a text, remembered for so many texts at a time. Whoever sends others again
 * and again only makes it work as if nothing were remembered.
 */
export function remembering<Result>(
  most: number,
  work: (text: string) => Result,
): (text: string) => Result {
  const known = new Map<string, Result>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = work(text)
    if (known.size >= most) known.clear()
    known.set(text, made)
    return made
  }
}
