import type { LocaleTemplates } from '../templates'

/** Indonesian. */
export const id: LocaleTemplates = {
  text: '{code} adalah kode {appName} Anda. Berlaku {minutes} menit. Jangan berikan kepada siapa pun.',
  subject: '{code} adalah kode {appName} Anda',
  spoken: 'Kode {appName} Anda adalah {code}. Sekali lagi: {code}.',
  channels: {
    email: {
      text: `Kode {appName} Anda:

{code}

Kode ini berlaku {minutes} menit. Jangan berikan kepada siapa pun.

Jika Anda tidak meminta kode ini, abaikan pesan ini.`,
    },
  },
}
