import type { LocaleTemplates } from '../templates'

/** Persian. Each line starts with a Persian word, so that phones lay it out from the right. */
export const fa: LocaleTemplates = {
  text: 'کد تایید شما: {code}\nمحرمانه، معتبر تا {minutes} دقیقه\n{appName}',
  autofillText: 'کد تایید {appName}: {code}',
  subject: 'کد تایید {appName}: {code}',
  spoken: 'کد تایید شما در {appName}: {code}. تکرار می‌کنم: {code}.',
  channels: {
    email: {
      text: `کد تایید شما در {appName}:

{code}

این کد تا {minutes} دقیقه معتبر است. آن را به هیچ‌کس ندهید.

اگر این کد را درخواست نکرده‌اید، این پیام را نادیده بگیرید.`,
    },
  },
}
