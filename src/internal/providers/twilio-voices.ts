/**
 * The languages that Twilio's `<Say>` speaks, by locale.
 *
 * @see {@link https://www.twilio.com/docs/voice/twiml/say/text-speech}
 */
export const twilioLanguages: Readonly<Record<string, string>> = {
  ar: 'ar-AE',
  bn: 'bn-IN',
  de: 'de-DE',
  en: 'en-US',
  'en-AU': 'en-AU',
  'en-GB': 'en-GB',
  'en-IN': 'en-IN',
  es: 'es-ES',
  'es-MX': 'es-MX',
  fr: 'fr-FR',
  'fr-CA': 'fr-CA',
  hi: 'hi-IN',
  id: 'id-ID',
  pt: 'pt-BR',
  'pt-PT': 'pt-PT',
  tr: 'tr-TR',
}

/** TwiML that reads the text aloud; without a voice the account's own for the language. */
export function twimlSay(language: string, voice: string | undefined, text: string): string {
  const attributes = `language="${escapeXml(language)}"`
  const speaker = voice === undefined ? '' : ` voice="${escapeXml(voice)}"`
  return `<Response><Say ${attributes}${speaker}>${escapeXml(text)}</Say></Response>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

// Characters that XML 1.0 cannot hold, not even escaped, become spaces.
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, ' ')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
