import { canonicalTag } from './locale'
import type { MessageFacts, MessageOptions, RenderedMessage } from './render'
import { builtInTemplates } from './templates'

/** The longest that a code gets: 10 characters, and two more after failures. */
export const longestCode = '000000000000'

/** An SMS as it would be sent. */
export interface SmsSample {
  readonly locale: string
  /** The purpose, or an empty text for all that have no templates of their own. */
  readonly purpose: string
  readonly text: string
}

/** One SMS per locale and per purpose that has templates of its own, with two-digit minutes. */
export function smsSamples(
  render: (facts: MessageFacts) => RenderedMessage,
  { templates = {} }: MessageOptions,
  code: string,
): readonly SmsSample[] {
  const purposes = Object.values(templates).flatMap(({ purposes = {} }) => Object.keys(purposes))
  const locales = [...builtInTemplates.keys(), ...Object.keys(templates).map(canonicalTag)]
  return [...new Set(locales)].flatMap((tag) =>
    [...new Set(['', ...purposes])].map((purpose) => {
      const facts = { channel: 'sms', purpose, code, expiresInMs: 600_000 }
      const { locale, content } = render(tag === undefined ? facts : { ...facts, locale: tag })
      return { locale, purpose, text: content.text }
    }),
  )
}

/** Whether SMS Retriever, which takes 140 bytes, would pass this message over. */
export function isTooLongForRetriever({ text }: SmsSample): boolean {
  return new TextEncoder().encode(text).length > 140
}
