import { codeStep } from './code-step.js'
import { complain, explain, filled, mark, onSubmit, usedCode, whileBusy } from './forms.js'
import { call, element, say, t } from './page.js'

const register = element('register')
const verify = element('verify')
const verifyLater = element('verify-later')
const phone = element('phone')
const verifyMobile = element('verify-mobile')

/** The code that proved this number. It goes along with the registration. */
let verified
/** Set once the account exists. */
let account

const mobile = () => account?.phone ?? phone.value.trim()

const step = codeStep({
  form: verify,
  panel: element('verify-panel'),
  send: () => call('POST', '/api/users/send-otp/', { mobile: mobile() }),
  sent: () =>
    t('We sent a code to {contact}. It is good for a few minutes.', { contact: mobile() }),
})

function showVerified() {
  verifyMobile.hidden = verified !== undefined
  element('mobile-verified').hidden = verified === undefined
}

verifyMobile.addEventListener('click', () => {
  if (phone.value.trim() === '') {
    mark(phone, t('Required'))
    phone.focus()
    return
  }
  complain(register, '')
  whileBusy(register, () => step.start(register, { mobile: 'phone' }), verifyMobile)
})

// Another number is not proven by the code for this one.
phone.addEventListener('input', () => {
  verified = undefined
  showVerified()
  step.stop()
})

onSubmit(verify, async () => {
  const number = mobile()
  const otp = step.code()
  const answer = await call('POST', '/api/users/verify-otp/', { mobile: number, otp })
  if (!answer.ok) return explain(verify, answer)
  step.stop()
  say(t('Your mobile number is verified.'))
  if (account) {
    showDone({ ...account, phone_verified: true })
    return
  }
  // Typed over in the meantime.
  if (number !== mobile()) return
  verified = otp
  showVerified()
  element('password').focus()
})

onSubmit(register, async () => {
  const body = { ...filled(register), ...(verified && { otp: verified }) }
  const answer = await call('POST', '/api/users/register-operator/', body)
  if (answer.ok) return showDone(answer.data)
  const isAboutCode =
    ['Invalid or expired OTP', usedCode].includes(answer.message) ||
    answer.errors.some(({ field }) => field === 'otp')
  if (!isAboutCode) return explain(register, answer)
  verified = undefined
  showVerified()
  const text = t(
    'The verification is no longer good. Verify the number again, or register without.',
  )
  mark(phone, text)
  phone.focus()
})

onSubmit(verifyLater, async () => {
  element('done-verify').append(element('verify-panel'))
  await step.start(verifyLater)
})

function showDone(user) {
  account = user
  const { username, operator, phone_verified: isVerified } = user
  register.hidden = true
  element('done').hidden = false
  element('done-text').textContent = t(
    '{company} is registered, and you are logged in as {username}. We tell you when it is approved.',
    { company: operator.company_name, username },
  )
  element('done-phone').textContent = user.phone ?? ''
  element('done-verified').hidden = !isVerified
  element('done-verify').hidden = isVerified || !user.phone
  element('done-title').focus()
}
