import { ar } from './locales/ar'
import { bn } from './locales/bn'
import { de } from './locales/de'
import { en } from './locales/en'
import { es } from './locales/es'
import { fa } from './locales/fa'
import { fr } from './locales/fr'
import { hi } from './locales/hi'
import { id } from './locales/id'
import { pt } from './locales/pt'
import { tr } from './locales/tr'
import { ur } from './locales/ur'

/**
 * Texts of a message. The variables `{code}`, `{appName}` and `{minutes}` (rounded down, at least
 * 1) are all there is to fill in. Whatever is left out is taken from the next wider template.
 */
export interface MessageTemplate {
  /** The whole of an SMS or a WhatsApp text, the text part of a mail. Must hold `{code}`. */
  readonly text?: string
  /**
   * Stands in for `text` above an autofill line, which leaves less room in an SMS. Must hold
   * `{code}`.
   *
   * @defaultValue `text`
   */
  readonly autofillText?: string
  /** Subject of a mail: one line. */
  readonly subject?: string
  /**
   * HTML of a mail, where variables are filled in escaped. Must hold `{code}`.
   *
   * @defaultValue made from `text`: a blank line starts a paragraph, and `{code}` as a paragraph of
   * its own is shown large
   */
  readonly html?: string
  /** What a voice call says; `{code}` is read character by character. No markup. */
  readonly spoken?: string
}

/** Texts of one purpose; `channels` has those of one channel within it. */
export interface PurposeTemplates extends MessageTemplate {
  /** Texts for one channel, by its name, such as `email`. */
  readonly channels?: Readonly<Record<string, MessageTemplate>>
}

/** Texts of one locale; `channels` and `purposes` have those of one channel or purpose within it. */
export interface LocaleTemplates extends PurposeTemplates {
  /** Texts for one purpose, by its name, such as `password_reset`. */
  readonly purposes?: Readonly<Record<string, PurposeTemplates>>
}

/** Texts by locale: BCP 47 tags such as `en` and `pt-BR`. */
export type Templates = Readonly<Record<string, LocaleTemplates>>

/** What is built in. Every `text` is one SMS segment with an application name of 20 characters. */
export const builtInTemplates: ReadonlyMap<string, LocaleTemplates> = new Map(
  Object.entries({ ar, bn, de, en, es, fa, fr, hi, id, pt, tr, ur }),
)

/** Texts without words of any language, for what an operator's own locale leaves out. */
export const neutralTemplate: MessageTemplate = {
  text: '{appName}: {code}',
  subject: '{appName}: {code}',
  spoken: '{appName}: {code}. {code}.',
}

/** The templates of a locale that apply to a purpose and a channel, narrowest first. */
export function narrowestFirst(
  locale: LocaleTemplates,
  purpose: string,
  channel: string,
): readonly MessageTemplate[] {
  const forPurpose = own(locale.purposes, purpose)
  return [
    own(forPurpose?.channels, channel),
    forPurpose,
    own(locale.channels, channel),
    locale,
  ].filter((template) => template !== undefined)
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}
