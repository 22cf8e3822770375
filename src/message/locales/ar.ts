import type { LocaleTemplates } from '../templates'

/** Arabic. Minutes are abbreviated, since the noun would change with their number. */
export const ar: LocaleTemplates = {
  text: 'رمز تحقق {appName}: {code}\nصالح لمدة {minutes} د\nلا تعطه لأحد',
  autofillText: 'رمز تحقق {appName}: {code}',
  subject: 'رمز تحقق {appName}: {code}',
  spoken: 'رمز تحقق {appName} هو {code}. أكرر: {code}.',
  channels: {
    email: {
      text: `رمز التحقق الخاص بك في {appName}:

{code}

مدة صلاحيته بالدقائق: {minutes}. لا تشاركه مع أي شخص.

إذا لم تطلب هذا الرمز، فتجاهل هذه الرسالة.`,
    },
  },
}
