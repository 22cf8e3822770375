import type { LocaleTemplates } from '../templates'

/** Bengali. */
export const bn: LocaleTemplates = {
  text: '{code} আপনার {appName} কোড। {minutes} মিনিট বৈধ। কাউকে বলবেন না।',
  autofillText: '{code} আপনার {appName} কোড।',
  subject: '{code} আপনার {appName} কোড',
  spoken: 'আপনার {appName} কোড হলো {code}। আবার বলছি: {code}।',
  channels: {
    email: {
      text: `আপনার {appName} কোড:

{code}

এর মেয়াদ {minutes} মিনিট। এটি কারও সঙ্গে শেয়ার করবেন না।

আপনি এই কোড না চেয়ে থাকলে এই বার্তাটি উপেক্ষা করুন।`,
    },
  },
}
