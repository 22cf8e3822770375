import type { LocaleTemplates } from '../templates'

/** Portuguese, for both sides of the Atlantic. Its accents are not in GSM-7. */
export const pt: LocaleTemplates = {
  text: 'Código {appName}: {code}. Não divulgue. Expira em {minutes} min.',
  autofillText: 'Código {appName}: {code}',
  subject: '{code} é o seu código {appName}',
  spoken: 'O seu código {appName} é {code}. Repetindo: {code}.',
  channels: {
    email: {
      text: `O seu código {appName}:

{code}

Expira em {minutes} min. Não o divulgue a ninguém.

Se não pediu este código, ignore esta mensagem.`,
    },
  },
}
