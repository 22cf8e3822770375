import { negotiateLocale } from 'otpkit'

export interface Language {
  readonly tag: string
  /** In the language itself, for those who cannot read the page as it is. */
  readonly name: string
  readonly direction: 'ltr' | 'rtl'
}

const english: Language = { tag: 'en', name: 'English', direction: 'ltr' }

export const languages: readonly Language[] = [
  english,
  { tag: 'fa', name: 'فارسی', direction: 'rtl' },
  { tag: 'ar', name: 'العربية', direction: 'rtl' },
]

const tags = languages.map(({ tag }) => tag)

/** The language that a tag asks for, as `fa-IR` asks for `fa`. */
export function languageOf(requested: unknown): Language | undefined {
  const found = negotiateLocale(requested, tags, '')
  return languages.find(({ tag }) => tag === found)
}

/** The language of a browser, by its `Accept-Language`. */
export function preferredLanguage(header = ''): Language {
  for (const tag of byPreference(header)) {
    const language = languageOf(tag)
    if (language !== undefined) return language
  }
  return english
}

function byPreference(header: string): readonly string[] {
  return header
    .split(',')
    .map((range) => {
      const [tag = '', ...settings] = range.split(';').map((part) => part.trim())
      const weight = settings.find((setting) => setting.startsWith('q='))?.slice(2) ?? '1'
      return { tag, weight: Number(weight) }
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag)
}
