// Forms: what is wrong stands next to its field, and the first wrong field gets the focus.
import { countDown, isCounting } from './countdown.js'
import { element, fromNow, say, t, told } from './page.js'

const wrongCode = 'Invalid or expired OTP'
export const usedCode = 'This code was used already. Go on, or ask for a new one'
/** What this page says better than the API, by what the API calls the field. */
const ownWords = { contact_type: t('This way is not available here. Please choose another.') }

const notTheCode = t(
  'This code is wrong or no longer good. After a few tries only a new one works.',
)

/** What a field itself makes of what the API says of it. */
const explanations = new WeakMap()
export const explains = (field, wordsFor) => explanations.set(field, wordsFor)

/** Whether it says that a code is wrong, too old, or used up. */
export const isAboutCode = ({ message, errors }) =>
  message === wrongCode || errors.some((each) => each.message === wrongCode)

/** Marks a field as wrong, or with no text as right. */
export function mark(field, text) {
  const wrong = element(`${field.id}-wrong`)
  wrong.textContent = text
  if (text) field.setAttribute('aria-invalid', 'true')
  else field.removeAttribute('aria-invalid')
}

function fieldsOf(form) {
  return [...form.elements].filter((field) => field.matches('input, select, textarea'))
}

const isSeen = (field) => field.closest('[hidden]') === null

/** The message over the buttons of a form, or none. */
export function complain(form, text) {
  const problem = element(`${form.id}-problem`)
  problem.textContent = text
  if (text) problem.scrollIntoView({ block: 'nearest' })
}

function clear(form) {
  say('')
  complain(form, '')
  element('announcement').textContent = ''
  for (const field of fieldsOf(form)) mark(field, '')
}

/**
 * Shows what the API refused: at the fields, and the rest over the buttons.
 *
 * @param names - what the form calls a field, where the API has another name
 */
export function explain(form, answer, names = {}) {
  const { code, message, errors, retryAfter } = answer
  const otp = form.elements.namedItem('otp')
  const wrongs = []
  const rest = []
  const markWrong = (input, text) => {
    mark(input, text)
    wrongs.push({ input, text })
  }
  for (const { field, message: wrong } of errors) {
    const name = field.split('.').at(-1)
    const input = form.elements.namedItem(names[name] ?? name)
    if (input && isSeen(input)) {
      const own = explanations.get(input)?.(wrong) ?? ownWords[name]
      markWrong(input, wrong === wrongCode ? notTheCode : (own ?? told(wrong)))
    } else rest.push(told(wrong))
  }
  if (otp && (message === wrongCode || message === usedCode)) {
    markWrong(otp, message === wrongCode ? notTheCode : told(message))
  } else if (code === 429 && retryAfter > 0) {
    rest.push(t('Too many tries. Please try again {when}.', { when: fromNow(retryAfter) }))
    holdBack(form, retryAfter)
  } else if (errors.length === 0) rest.push(told(message))
  conclude(form, wrongs, rest)
}

/** Counts down in the button that was pressed. With something else typed it may work sooner. */
function holdBack(form, seconds) {
  const button = pressedIn.get(form)
  if (button === undefined) return
  countDown(button, Date.now() + seconds * 1000)
  document.addEventListener('input', () => countDown(button, 0), { once: true })
}

/** Says what the marks at the fields leave to be said, and goes to the first of them. */
function conclude(form, wrongs, rest = []) {
  const several = wrongs.length > 1 ? t('Please correct the marked fields.') : ''
  complain(form, rest.join(' ') || several)
  // A single one stands at its field, and is read out even if the focus is there already.
  element('announcement').textContent = wrongs.length === 1 ? wrongs[0].text : ''
  // Marks of before may stand at others, above them.
  const wrongNow = wrongs.map(({ input }) => input)
  fieldsOf(form)
    .find((field) => wrongNow.includes(field))
    ?.focus()
}

/** Whether nothing is missing. What is gets marked. */
export function isComplete(form) {
  const missing = fieldsOf(form).filter(
    (field) => field.required && isSeen(field) && field.value.trim() === '',
  )
  for (const field of missing) mark(field, t('Required'))
  if (missing.length === 0) return true
  conclude(
    form,
    missing.map((input) => ({ input, text: t('Required') })),
  )
  return false
}

/** The button of a form that was pressed last. */
const pressedIn = new WeakMap()

/** Runs something once at a time, which the button that was pressed shows, and which is read out. */
export async function whileBusy(form, act, pressed) {
  if (form.getAttribute('aria-busy') === 'true') return
  const waiting = t('One moment…')
  const announcement = element('announcement')
  form.setAttribute('aria-busy', 'true')
  pressed.setAttribute('data-waits', '')
  pressedIn.set(form, pressed)
  announcement.textContent = waiting
  try {
    await act()
  } finally {
    if (announcement.textContent === waiting) announcement.textContent = ''
    pressed.removeAttribute('data-waits')
    form.removeAttribute('aria-busy')
  }
}

/** What a button does that submits no form. */
export function onPress(button, act) {
  button.addEventListener('click', () => whileBusy(button, act, button))
}

/** The button that submits a form, wherever it stands. */
function submitterOf(form) {
  return [...form.elements].find((each) => each.matches('button[type="submit"]'))
}

/** What a form does once its fields are filled in. */
export function onSubmit(form, act) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const pressed = event.submitter ?? submitterOf(form)
    if (form.getAttribute('aria-busy') === 'true' || isCounting(pressed)) return
    clear(form)
    if (isComplete(form)) whileBusy(form, act, pressed)
  })
}

/** What was typed, without the fields that are empty. */
export function filled(form) {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''))
}

/** A text field for one kind of contact. */
export function contactField(input, label, isEmail) {
  input.type = isEmail ? 'email' : 'tel'
  input.autocomplete = isEmail ? 'email' : 'tel'
  label.textContent = isEmail ? t('E-mail address') : t('Mobile number')
  mark(input, '')
}

for (const field of document.querySelectorAll('input, select, textarea')) {
  const wrong = document.createElement('p')
  wrong.id = `${field.id}-wrong`
  wrong.className = 'wrong'
  const holder = field.closest('.beside') ?? field
  holder.after(wrong)
  const described = field.getAttribute('aria-describedby')
  field.setAttribute('aria-describedby', described ? `${wrong.id} ${described}` : wrong.id)
  field.addEventListener('input', () => mark(field, ''))
}

for (const button of document.querySelectorAll('[data-shows]')) {
  const field = element(button.dataset.shows)
  const show = (isShown) => {
    field.type = isShown ? 'text' : 'password'
    button.textContent = isShown ? t('Hide') : t('Show')
    button.setAttribute('aria-label', `${button.textContent}: ${field.labels[0].textContent}`)
  }
  show(false)
  button.addEventListener('click', () => show(field.type === 'password'))
  // Password managers look for a password field.
  field.form.addEventListener('submit', () => show(false))
}

// Now they do something.
for (const button of document.querySelectorAll('button')) button.disabled = false
document.documentElement.dataset.ready = ''
