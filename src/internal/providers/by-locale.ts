import { isObjectOfOptions } from '../known-options'
import { wrongOption } from '../wrong-option'

/** Checks an option that holds something per locale, each entry by its own name. */
export function checkByLocale<Entry>(
  factory: string,
  option: string,
  entries: Readonly<Record<string, Entry>>,
  check: (option: string, entry: Entry) => void,
): void {
  if (!isObjectOfOptions(entries)) {
    throw wrongOption(factory, option, 'must be an object with locales such as pt as its keys')
  }
  for (const [locale, entry] of Object.entries(entries)) {
    const meant = canonical(locale)
    if (meant !== locale) {
      const guess = meant === undefined ? '' : `: did you mean \`${option}.${meant}\`?`
      throw wrongOption(
        factory,
        option,
        `must have locales such as pt or pt-BR as its keys${guess}`,
      )
    }
    check(`${option}.${locale}`, entry)
  }
}

/** The tag as messages have it, or nothing for what is none. */
function canonical(locale: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(locale.replaceAll('_', '-'))[0]
  } catch {
    return undefined
  }
}

/**
 * What belongs to a locale, or to what it shortens to: for `pt-AO` the entry `pt-AO`, then `pt`.
 * Keys are BCP 47 tags in the usual case.
 */
export function byLocale<Value>(
  entries: Readonly<Record<string, Value>>,
  locale: string,
): Value | undefined {
  const subtags = locale.split('-')
  for (let length = subtags.length; length > 0; length -= 1) {
    const tag = subtags.slice(0, length).join('-')
    if (Object.hasOwn(entries, tag)) return entries[tag]
  }
  return undefined
}
