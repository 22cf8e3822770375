import type { LocaleTemplates } from '../templates'

/** French. */
export const fr: LocaleTemplates = {
  text: '{code} est votre code {appName}. Il expire dans {minutes} min. Ne le partagez pas.',
  subject: '{code} est votre code {appName}',
  spoken: 'Votre code {appName} est {code}. Je répète : {code}.',
  channels: {
    email: {
      text: `Votre code {appName} :

{code}

Il expire dans {minutes} min. Ne le partagez avec personne.

Si vous n’avez pas demandé ce code, ignorez ce message.`,
    },
  },
}
