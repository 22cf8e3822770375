import type { LocaleTemplates } from '../templates'

/** Hindi. */
export const hi: LocaleTemplates = {
  text: '{code} आपका {appName} कोड है। {minutes} मिनट मान्य। साझा न करें।',
  autofillText: '{code} आपका {appName} कोड है।',
  subject: '{code} आपका {appName} कोड है',
  spoken: 'आपका {appName} कोड है {code}। फिर से: {code}।',
  channels: {
    email: {
      text: `आपका {appName} कोड:

{code}

यह {minutes} मिनट तक मान्य है। इसे किसी के साथ साझा न करें।

यदि आपने यह कोड नहीं माँगा है, तो इस संदेश को अनदेखा करें।`,
    },
  },
}
