import type { LocaleTemplates } from '../templates'

/** Turkish. Its own letters are not in GSM-7, so a segment holds 70 characters. */
export const tr: LocaleTemplates = {
  text: '{appName} kodunuz: {code}. {minutes} dk geçerlidir. Paylaşmayın.',
  autofillText: '{appName} kodunuz: {code}',
  subject: '{appName} kodunuz: {code}',
  spoken: '{appName} kodunuz: {code}. Tekrar ediyorum: {code}.',
  channels: {
    email: {
      text: `{appName} kodunuz:

{code}

{minutes} dakika geçerlidir. Kimseyle paylaşmayın.

Bu kodu siz istemediyseniz bu iletiyi dikkate almayın.`,
    },
  },
}
