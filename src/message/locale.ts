// The longest tag that anything real needs; RFC 5646 section 4.4.1 counts 35 characters.
const longestTag = 35

// A list of so many is longer than any browser's.
const longestList = 512

/**
 * Chooses the locale of a message: of the requested tags, in the order of their weights, the first
 * that is available when it is shortened from its end ("lookup",
 * {@link https://www.rfc-editor.org/rfc/rfc4647#section-3.4 | RFC 4647, section 3.4}). So `pt-AO`
 * becomes `pt`, `zh-Hant-TW` becomes `zh-Hant`, and `zh-TW` does too, since it is written in that script.
 * Read is what browsers and phones send: `fa-IR,fa;q=0.9,en;q=0.8`, `pt_BR`, `zh_TW_#Hant`,
 * `en_US.UTF-8`. Whatever is no BCP 47 tag is passed over.
 *
 * @param requested - untrusted: a header, a profile field, anything
 * @param available - BCP 47 tags
 * @param fallback - returned as it is when nothing matches
 *
 * @example
 * ```ts
 * import { negotiateLocale } from 'otpkit'
 *
 * console.log(negotiateLocale('pt-AO', ['en', 'pt'], 'en')) // pt
 * ```
 */
export function negotiateLocale(
  requested: unknown,
  available: readonly string[],
  fallback: string,
): string {
  if (typeof requested !== 'string' || requested === '') return fallback
  if (available.includes(requested)) return requested
  for (const wanted of requestedTags(requested)) {
    for (const candidate of nearTags(wanted)) {
      const found = available.find((tag) => tag.toLowerCase() === candidate.toLowerCase())
      if (found !== undefined) return found
    }
  }
  return fallback
}

/** The tags of a request, canonical, the most wanted first. */
export function requestedTags(requested: string): readonly string[] {
  if (requested === '' || requested.length > longestList) return []
  return requested
    .split(',')
    .map((entry) => {
      const [tag = '', ...parameters] = entry.split(';').map((part) => part.trim())
      const [, weight = '1'] = /^q\s*=\s*([01](?:\.[0-9]*)?)$/i.exec(parameters.at(-1) ?? '') ?? []
      return { tag: canonicalTag(bcp47(tag)), weight: Number(weight) }
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .flatMap(({ tag }) => tag ?? [])
}

/** A POSIX or Java name of a locale as a tag: without encoding, modifier and extensions, the script in its place. */
function bcp47(name: string): string {
  return name
    .replace(/[.@].*$|_#(?![a-z]{4}(?![a-z])).*$/i, '')
    .replace(/^([a-z]{2,3})_([a-z]{2}|[0-9]{3})?_#([a-z]{4}).*$/i, (_, language, region, script) =>
      [language, script, region].filter(Boolean).join('-'),
    )
    .replaceAll('_', '-')
}

/** What a tag stands for, nearest first: itself, its region, its script, its language. */
function nearTags(tag: string): readonly string[] {
  const shorter = lookupChain(tag)
  const language = shorter.slice(-1)
  return [tag, ...shorter.slice(0, -1), ...lookupChain(maximized(tag)), ...language]
}

function maximized(tag: string): string {
  return new Intl.Locale(tag).maximize().baseName
}

/** The tag, canonical, and what it shortens to, longest first; empty when it is no BCP 47 tag. */
export function lookupChain(tag: string): readonly string[] {
  const canonical = canonicalTag(tag)
  if (canonical === undefined) return []
  const subtags = canonical.split('-')
  return subtags
    .map((_, position) => subtags.slice(0, subtags.length - position).join('-'))
    .filter((shorter) => !/-[a-z0-9]$/.test(shorter))
}

/** The canonical spelling (`PT-br` is `pt-BR`, the old `in` is `id`), unless it is malformed. */
export function canonicalTag(tag: string): string | undefined {
  if (tag.length > longestTag) return undefined
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch {
    return undefined
  }
}

const rightToLeftScripts = new Set<string | undefined>([
  'Arab',
  'Hebr',
  'Thaa',
  'Syrc',
  'Nkoo',
  'Adlm',
  'Rohg',
])

/** Whether text of this locale runs from right to left. The tag must be well formed. */
export function isRightToLeft(tag: string): boolean {
  return rightToLeftScripts.has(new Intl.Locale(tag).maximize().script)
}
