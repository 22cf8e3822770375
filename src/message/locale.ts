// The longest tag that anything real needs; RFC 5646 section 4.4.1 counts 35 characters.
const longestTag = 35

/**
 * Chooses the locale of a message: the requested tag, shortened from its end until something
 * available is equal to it but for case ("lookup",
 * {@link https://www.rfc-editor.org/rfc/rfc4647#section-3.4 | RFC 4647, section 3.4}). So `pt-AO`
 * becomes `pt`, and `zh-Hant-TW` becomes `zh-Hant`. Whatever is no BCP 47 tag becomes `fallback`.
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
  for (const candidate of lookupChain(requested)) {
    const found = available.find((tag) => tag.toLowerCase() === candidate.toLowerCase())
    if (found !== undefined) return found
  }
  return fallback
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
