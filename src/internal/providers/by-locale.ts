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
