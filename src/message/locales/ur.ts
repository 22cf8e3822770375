import type { LocaleTemplates } from '../templates'

/** Urdu. Each line starts with an Urdu word, so that phones lay it out from the right. */
export const ur: LocaleTemplates = {
  text: 'آپ کا {appName} کوڈ: {code}\nمیعاد {minutes} منٹ\nکسی کو نہ بتائیں',
  autofillText: 'آپ کا {appName} کوڈ: {code}',
  subject: 'آپ کا {appName} کوڈ: {code}',
  spoken: 'آپ کا {appName} کوڈ ہے {code}۔ دوبارہ سنیں: {code}۔',
  channels: {
    email: {
      text: `آپ کا {appName} کوڈ:

{code}

یہ کوڈ {minutes} منٹ تک کارآمد ہے۔ اسے کسی کے ساتھ شیئر نہ کریں۔

اگر آپ نے یہ کوڈ طلب نہیں کیا تو اس پیغام کو نظر انداز کر دیں۔`,
    },
  },
}
