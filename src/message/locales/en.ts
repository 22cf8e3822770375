import type { LocaleTemplates } from '../templates'

/** English. */
export const en: LocaleTemplates = {
  text: '{code} is your {appName} code. It expires in {minutes} min. Do not share it.',
  subject: '{code} is your {appName} code',
  spoken: 'Your {appName} code is {code}. Again: {code}.',
  channels: {
    email: {
      text: `Your {appName} code:

{code}

It expires in {minutes} min. Do not share it with anyone.

If you did not ask for this code, you can ignore this message.`,
    },
  },
}
