import type { LocaleTemplates } from '../templates'

/** Spanish. The accents are not in GSM-7, so a segment holds 70 characters. */
export const es: LocaleTemplates = {
  text: 'Código {appName}: {code}. No lo compartas. Válido {minutes} min.',
  autofillText: 'Código {appName}: {code}',
  subject: '{code} es tu código de {appName}',
  spoken: 'Tu código de {appName} es {code}. Repito: {code}.',
  channels: {
    email: {
      text: `Tu código de {appName}:

{code}

Vence en {minutes} min. No lo compartas con nadie.

Si no pediste este código, puedes ignorar este mensaje.`,
    },
  },
}
