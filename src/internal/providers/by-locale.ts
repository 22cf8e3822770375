import { wrongOption } from '../wrong-option'

/** Checks an option that holds something per locale, each entry by its own name. */
export function checkByLocale(
  factory: string,
  option: string,
  entries: unknown,
  check: (option: string, entry: unknown) => void,
): void {
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
    throw wrongOption(factory, option, 'must be an object with locales such as pt as its keys')
  }
  for (const [locale, entry] of Object.entries(entries)) check(`${option}.${locale}`, entry)
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
