import { codeStep, wayNames } from './code-step.js'
import { complain, explain, filled, mark, onSubmit, usedCode, whileBusy } from './forms.js'
import { keep, kept } from './kept.js'
import { call, element, say, showLoggedIn, t } from './page.js'
import { phoneField } from './phone-field.js'

const register = element('register')
const verify = element('verify')
const verifyLater = element('verify-later')
const phone = element('phone')
const verifyMobile = element('verify-mobile')

/** The code that proved this number. It goes along with the registration. */
let verified
/** Set once the account exists. */
let account

/** The way that was chosen. At first it is the first that works. */
let chosenWay

const phoneCountry = element('phone_country')
const number = phoneField(phone, phoneCountry)
const mobile = () => account?.phone ?? number.contact()

/** The way that the last code took. */
const takenWay = () => kept().way ?? 'sms'

const step = codeStep({
  form: verify,
  panel: element('verify-panel'),
  send: async () => {
    const body = { mobile: mobile(), ...(chosenWay && { channel: chosenWay }) }
    const answer = await call('POST', '/api/users/send-otp/', body)
    if (answer.ok) keep({ way: answer.data.channel })
    return answer
  },
  sent: (time) =>
    t('We sent a code to {contact} by {way}. It is good for {time}.', {
      contact: mobile(),
      way: wayNames[takenWay()],
      time,
    }),
  locked: t(
    'Too many wrong codes for this number. Go on without verifying it, or contact support.',
  ),
  way: {
    current: takenWay,
    choose: (way) => {
      chosenWay = way
    },
  },
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
for (const part of [phone, phoneCountry]) {
  part?.addEventListener('input', () => {
    verified = undefined
    chosenWay = undefined
    element('has-account').hidden = true
    showVerified()
    step.finish()
  })
}

phone.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || verified !== undefined) return
  // Enter would ask for everything else of the form.
  event.preventDefault()
  verifyMobile.click()
})

element('change-number').addEventListener('click', () => {
  step.finish()
  phone.select()
})

register.addEventListener('input', () => {
  const { password, ...fields } = Object.fromEntries(new FormData(register))
  keep({ fields })
})

onSubmit(verify, async () => {
  const asked = mobile()
  const otp = step.code()
  const answer = await call('POST', '/api/users/verify-otp/', { mobile: asked, otp })
  // Used is only ever said of the right one: before a reload, or in another tab.
  const isVerified = answer.ok || (answer.message === usedCode && !account)
  if (!isVerified) return step.refuse(answer)
  step.finish()
  say(t('Your mobile number is verified.'))
  if (account) {
    showDone({ ...account, phone_verified: true })
    return
  }
  // Typed over in the meantime.
  if (asked !== mobile()) return
  verified = otp
  showVerified()
  element('password').focus()
})

onSubmit(register, async () => {
  const { phone_country, ...typed } = filled(register)
  const body = {
    ...typed,
    ...(typed.phone && { phone: mobile() }),
    ...(verified && { otp: verified }),
  }
  const answer = await call('POST', '/api/users/register-operator/', body)
  if (answer.ok) {
    step.finish()
    keep({ fields: undefined })
    history.replaceState({ isDone: true }, '')
    return showDone(answer.data)
  }
  const isAboutCode =
    ['Invalid or expired OTP', usedCode].includes(answer.message) ||
    answer.errors.some(({ field }) => field === 'otp')
  if (!isAboutCode) {
    const isTaken = ({ message }) => message === 'This phone number is already registered'
    element('has-account').hidden = !answer.errors.some(isTaken)
    return explain(register, answer)
  }
  verified = undefined
  showVerified()
  const text = t(
    'The verification is no longer good. Verify the number again, or register without.',
  )
  mark(phone, text)
  phone.focus()
})

onSubmit(verifyLater, async () => {
  placePanel()
  await step.start(verifyLater)
})

/** Where the account is, the number is no longer a field of the form. */
function placePanel() {
  element('done-verify').append(element('verify-panel'))
  element('change-number').hidden = true
}

function showDone(user) {
  account = user
  const { username, operator, phone_verified: isVerified } = user
  register.hidden = true
  element('done').hidden = false
  showLoggedIn()
  document.title = `${element('done-title').textContent} · ${t('Bus operators')}`
  element('done-text').textContent = t(
    '{company} is registered, and you are logged in as {username}. We tell you when it is approved.',
    { company: operator.company_name, username },
  )
  element('done-phone').textContent = user.phone ?? ''
  element('done-verified').hidden = !isVerified
  element('done-verify').hidden = isVerified || !user.phone
  element('done-title').focus()
}

/** What a reload has left. The account itself is asked for: the session may be over. */
async function resume() {
  if (history.state?.isDone) {
    const answer = await call('GET', '/api/users/me/')
    if (answer.ok) {
      showDone(answer.data)
      if (answer.data.phone_verified) return
      placePanel()
      step.resume()
      return
    }
  }
  const { fields = {} } = kept()
  for (const [name, value] of Object.entries(fields)) {
    const field = register.elements.namedItem(name)
    if (field) field.value = value
  }
  number.show()
  if (phone.value !== '') step.resume()
}

await resume()
