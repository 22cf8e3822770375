import { segments } from '../internal/segments'
import type { RenderedMessage } from './render'

/**
 * A text that somebody else wrote in place of what the templates say. Nothing is added to it; the
 * subject of a mail is still theirs where it can name the code.
 */
export function withText(
  { locale, content }: RenderedMessage,
  channel: string,
  text: string,
  code: string | undefined,
): RenderedMessage {
  if (channel === 'sms') return { locale, content: { text }, segments: segments(text) }
  if (code === undefined) return { locale, content: { text } }
  if (channel === 'voice') {
    // A voice would read the code as one number.
    const spoken = text.replaceAll(code, [...code].join(', '))
    return { locale, content: { text, spoken } }
  }
  const { subject } = content
  return { locale, content: subject === undefined ? { text } : { text, subject } }
}
