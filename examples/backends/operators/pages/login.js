import { codeStep, wayNames } from './code-step.js'
import { countDown } from './countdown.js'
import { complain, contactField, explain, filled, onSubmit, usedCode } from './forms.js'
import { keep, kept } from './kept.js'
import { call, element, link, say, t } from './page.js'
import { phoneField } from './phone-field.js'

const passwordStep = element('password-step')
const contactStep = element('contact-step')
const codeForm = element('code-step')
const steps = { password: passwordStep, contact: contactStep, code: codeForm }
const firstTitle = document.title
const contactType = element('contact_type')
const contact = element('contact')

/** What the code is for: `login` or `password_reset`. */
let purpose = 'login'

const contactCountry = element('contact_country')
const number = phoneField(contact, contactCountry)
const asked = () => ({ contact: number.contact(), contact_type: contactType.value })

const step = codeStep({
  form: codeForm,
  send: () => call('POST', '/auth/send-otp', { ...asked(), purpose }),
  // The same words whether or not there is such an account.
  sent: (time) =>
    t('If {contact} belongs to an account, a code is on its way by {way}. It is good for {time}.', {
      contact: asked().contact,
      way: wayNames[contactType.value],
      time,
    }),
  locked: t('Too many wrong codes. Contact support, or log in with your password.'),
  condition: t('It works only if an account has verified this contact.'),
  way: {
    current: () => contactType.value,
    choose: (way) => {
      contactType.value = way
      keepAsked()
    },
  },
})

/** Shows the step of a place in the history. Gives back its heading. */
function show(state) {
  const { name = 'password', purpose: shownPurpose = 'login' } = state ?? {}
  setPurpose(shownPurpose)
  step.stop()
  const isOpen = name === 'code' && step.resume()
  const shown = name === 'code' && !isOpen ? contactStep : steps[name]
  for (const each of Object.values(steps)) each.hidden = each !== shown
  return entitle(shown)
}

function entitle(shown) {
  const heading = shown.querySelector('h1')
  document.title =
    shown === passwordStep ? firstTitle : `${heading.textContent} · ${t('Bus operators')}`
  return heading
}

/** Goes on to a step, from which the browser's way back leads here. */
function goTo(name, newPurpose = purpose) {
  const state = { name, purpose: newPurpose }
  history.pushState(state, '')
  show(state).focus()
}

addEventListener('popstate', ({ state }) => {
  const heading = show(state)
  if (codeForm.hidden) heading.focus()
})

function setPurpose(newPurpose) {
  purpose = newPurpose
  countDown(element('use-code'), 0)
  const isReset = purpose === 'password_reset'
  element('contact-title').textContent = isReset
    ? t('Reset your password')
    : t('Log in with a code')
  element('new-password-field').hidden = !isReset
  element('new_password').disabled = !isReset
  element('use-code').textContent = isReset ? t('Change password') : t('Log in')
  complain(contactStep, '')
}

function enter() {
  step.finish()
  location.assign(link('/operator'))
}
const isSignedIn = async () => (await call('GET', '/operators/me')).ok

function showType() {
  const isEmail = contactType.value === 'email'
  contactField(contact, element('contact-label'), isEmail)
  number.show(!isEmail)
}

/** What was typed, for the way back to it. */
function keepAsked() {
  keep({
    contact: contact.value,
    contact_country: contactCountry?.value,
    contact_type: contactType.value,
  })
}

element('by-code').addEventListener('click', () => goTo('contact', 'login'))
element('forgot').addEventListener('click', () => goTo('contact', 'password_reset'))
element('back').addEventListener('click', () => goTo('password'))
element('other-contact').addEventListener('click', () => goTo('contact'))
contactType.addEventListener('change', showType)

onSubmit(passwordStep, async () => {
  const answer = await call('POST', '/auth/login', filled(passwordStep))
  if (answer.ok) enter()
  else explain(passwordStep, answer)
})

onSubmit(contactStep, async () => {
  keepAsked()
  if (!(await step.start(contactStep))) return
  history.pushState({ name: 'code', purpose }, '')
  contactStep.hidden = true
  entitle(codeForm)
})

onSubmit(codeForm, async () => {
  const proof = { ...asked(), otp: step.code() }
  if (purpose === 'login') {
    const answer = await call('POST', '/auth/login', proof)
    // Used in another tab, or a moment ago: whoever was let in by it goes on.
    if (answer.ok || (answer.message === usedCode && (await isSignedIn()))) enter()
    else step.refuse(answer)
    return
  }
  const newPassword = element('new_password')
  const body = { ...proof, new_password: newPassword.value }
  const answer = await call('POST', '/auth/reset-password', body)
  if (!answer.ok) return step.refuse(answer)
  newPassword.value = ''
  step.finish()
  goTo('password', 'login')
  say(t('Your password is changed. Log in with the new one.'))
})

const { contact: keptContact = '', contact_country: keptCountry, contact_type: keptType } = kept()
if (keptType) contactType.value = keptType
if (keptCountry) contactCountry.value = keptCountry
showType()
contact.value = keptContact
element('ended').hidden = new URLSearchParams(location.search).get('why') !== 'ended'
// As a link on another page asks for it.
if (history.state === null && location.hash === '#code') goTo('contact')
else if (history.state) show(history.state)
