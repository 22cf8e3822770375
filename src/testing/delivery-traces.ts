/** What must not be found, in the spellings that requests and answers write it in. */
export function spellings(secret: string): string[] {
  const plain = secret.replace(/^\+/, '')
  return [plain, encodeURIComponent(plain), [...plain].join(' ')]
}

// An error may hold a socket and through it half of the runtime; what a log could print is nearer.
const furthest = 100_000

/**
 * Every text that can be reached from a value: members whether enumerable or not, by name or by
 * symbol, causes, entries of maps and sets, bytes, and what it makes of itself as text or JSON.
 */
export function textsWithin(value: unknown): string[] {
  const texts: string[] = []
  const seen = new Set<unknown>()
  const pending: unknown[] = [value]
  for (const item of pending) {
    if (seen.size > furthest) break
    if (seen.has(item)) continue
    seen.add(item)
    if (ArrayBuffer.isView(item)) {
      texts.push(new TextDecoder('latin1').decode(item))
    } else if ((typeof item === 'object' && item !== null) || typeof item === 'function') {
      if (item instanceof Map || item instanceof Set) pending.push(...[...item].flat())
      for (const key of Reflect.ownKeys(item)) pending.push(key, memberOf(item, key))
    } else {
      texts.push(String(item))
    }
  }
  return [...texts, ...ownTexts(value)]
}

// A member may be a getter that throws; what cannot be read cannot be logged either.
function memberOf(holder: object, key: string | symbol): unknown {
  try {
    return Reflect.get(holder, key)
  } catch {
    return undefined
  }
}

function ownTexts(value: unknown): string[] {
  try {
    return [String(value), JSON.stringify(value) ?? '']
  } catch {
    return []
  }
}
