import { codeStep } from './code-step.js'
import { complain, contactField, explain, filled, onSubmit, usedCode } from './forms.js'
import { call, element, link, say, t } from './page.js'

const passwordStep = element('password-step')
const contactStep = element('contact-step')
const codeForm = element('code-step')
const steps = [passwordStep, contactStep, codeForm]
const contactType = element('contact_type')
const contact = element('contact')

/** What the code is for: `login` or `password_reset`. */
let purpose = 'login'

const asked = () => ({ contact: contact.value.trim(), contact_type: contactType.value })

// The same words whether or not there is such an account.
const onItsWay = t('If this contact belongs to an account, a code is on its way.')

const step = codeStep({
  form: codeForm,
  send: () => call('POST', '/auth/send-otp', { ...asked(), purpose }),
  sent: () => onItsWay,
})

function show(shown) {
  step.stop()
  for (const each of steps) each.hidden = each !== shown
  shown.querySelector('h1').focus()
}

function askContact(newPurpose) {
  purpose = newPurpose
  const isReset = purpose === 'password_reset'
  element('contact-title').textContent = isReset
    ? t('Reset your password')
    : t('Log in with a code')
  element('new-password-field').hidden = !isReset
  element('new_password').disabled = !isReset
  element('use-code').textContent = isReset ? t('Change password') : t('Log in')
  complain(contactStep, '')
  show(contactStep)
}

const enter = () => location.assign(link('/operator'))
const isSignedIn = async () => (await call('GET', '/operators/me')).ok

element('by-code').addEventListener('click', () => askContact('login'))
element('forgot').addEventListener('click', () => askContact('password_reset'))
element('back').addEventListener('click', () => show(passwordStep))
element('other-contact').addEventListener('click', () => show(contactStep))

contactType.addEventListener('change', () => {
  contactField(contact, element('contact-label'), contactType.value === 'email')
})

onSubmit(passwordStep, async () => {
  const answer = await call('POST', '/auth/login', filled(passwordStep))
  if (answer.ok) enter()
  else explain(passwordStep, answer)
})

onSubmit(contactStep, async () => {
  if (await step.start(contactStep)) contactStep.hidden = true
})

onSubmit(codeForm, async () => {
  const proof = { ...asked(), otp: step.code() }
  if (purpose === 'login') {
    const answer = await call('POST', '/auth/login', proof)
    // Used in another tab, or a moment ago: whoever was let in by it goes on.
    if (answer.ok || (answer.message === usedCode && (await isSignedIn()))) enter()
    else explain(codeForm, answer)
    return
  }
  const newPassword = element('new_password')
  const body = { ...proof, new_password: newPassword.value }
  const answer = await call('POST', '/auth/reset-password', body)
  if (!answer.ok) return explain(codeForm, answer)
  newPassword.value = ''
  show(passwordStep)
  say(t('Your password is changed. Log in with the new one.'))
})
