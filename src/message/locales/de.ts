import type { LocaleTemplates } from '../templates'

/** German. */
export const de: LocaleTemplates = {
  text: '{code} ist Ihr {appName}-Code. Er ist {minutes} Min. gültig. Geben Sie ihn nicht weiter.',
  subject: '{code} ist Ihr {appName}-Code',
  spoken: 'Ihr {appName}-Code lautet {code}. Noch einmal: {code}.',
  channels: {
    email: {
      text: `Ihr {appName}-Code:

{code}

Er ist {minutes} Min. gültig. Geben Sie ihn an niemanden weiter.

Falls Sie diesen Code nicht angefordert haben, ignorieren Sie diese Nachricht.`,
    },
  },
}
