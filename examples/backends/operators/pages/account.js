import { codeStep, wayNames } from './code-step.js'
import { showDocuments } from './documents.js'
import { complain, contactField, explain, mark, onPress, onSubmit, usedCode } from './forms.js'
import { keep, kept } from './kept.js'
import { call, create, element, known, link, say, showStatus, t, told } from './page.js'
import { phoneField } from './phone-field.js'

const contactForm = element('contact-form')
const contactCode = element('contact-code')
const details = element('details')
const upload = element('upload')
const passwordForm = element('password-form')
const contact = element('contact')

const mostDocumentBytes = 5 * 1024 * 1024
const documentTypes = ['application/pdf', 'image/png', 'image/jpeg']

/** The operator as the API told it last. */
let operator
/** Which contact is being verified. */
let isEmail = false

const contactType = element('contact_type')
const contactCountry = element('contact_country')
const number = phoneField(contact, contactCountry)
const asked = () => ({
  contact: number.contact(),
  contact_type: isEmail ? 'email' : contactType.value,
})

const step = codeStep({
  form: contactCode,
  send: () => call('POST', '/auth/send-otp', { ...asked(), purpose: 'operator_registration' }),
  sent: (time) =>
    t('We sent a code to {contact} by {way}. It is good for {time}.', {
      contact: asked().contact,
      way: wayNames[asked().contact_type],
      time,
    }),
  locked: t('Too many wrong codes for this contact. Contact support.'),
  way: {
    current: () => asked().contact_type,
    choose: (way) => {
      contactType.value = way
      keepAsked()
    },
  },
})

/** What was typed, for a reload. */
function keepAsked() {
  keep({
    contact: contact.value,
    contact_country: contactCountry?.value,
    contact_type: contactType.value,
    isEmail,
  })
}

let isLeaving = false
function leave(query) {
  isLeaving = true
  location.assign(link('/operator/login', query))
}

/** Whether the session is over, which any call may find out. What was typed waits for the next one. */
function isOver(answer) {
  if (answer.code !== 401) return false
  if (operator && isChanged()) keep({ draft: { id: operator.id, fields: typedDetails() } })
  leave({ why: 'ended' })
  return true
}

const typedDetails = () => Object.fromEntries(new FormData(details))
const changesOf = (typed) =>
  Object.entries(typed).filter(([name, value]) => value !== (operator[name] ?? ''))
const isChanged = () => changesOf(typedDetails()).length > 0

addEventListener('beforeunload', (event) => {
  if (operator && !isLeaving && isChanged()) event.preventDefault()
})

/** Fills in what the end of a session has interrupted, if it was this account's. */
function resumeDraft() {
  const { draft } = kept()
  keep({ draft: undefined })
  if (draft?.id !== operator.id) return
  for (const [name, value] of Object.entries(draft.fields)) {
    details.elements.namedItem(name).value = value
  }
  details.scrollIntoView({ block: 'center' })
  say(t('What you had typed is here again. Save it.'))
}

function show(shown) {
  operator = shown
  element('company').textContent = operator.company_name
  showStatus(element('account-status'), operator.status)
  element('waiting').hidden = operator.status !== 'PENDING'
  for (const field of details.querySelectorAll('input')) field.value = operator[field.name] ?? ''
  element('contacts').replaceChildren(contactRow(false), contactRow(true))
}

function contactRow(isForEmail) {
  const shown = isForEmail ? operator.contact_email : operator.contact_phone
  const value = known(shown)
  const isVerified = isForEmail ? operator.email_verified : operator.phone_verified
  const name = isForEmail ? t('E-mail address') : t('Mobile number')
  const item = create('li')
  const what = create('div')
  what.append(create('div', name, { class: 'muted' }))
  what.append(value ? create('bdi', value, { dir: 'ltr', class: 'value' }) : create('span', '—'))
  item.append(what)
  if (value && isVerified) item.append(create('strong', t('Verified'), { class: 'badge good' }))
  else {
    const action = value ? t('Verify') : t('Add')
    const button = create('button', action, { type: 'button', 'aria-label': `${action}: ${name}` })
    button.addEventListener('click', () => askContact(isForEmail, value))
    item.append(button)
  }
  return item
}

function askContact(isForEmail, value) {
  isEmail = isForEmail
  step.stop()
  complain(contactForm, '')
  contactField(contact, element('contact-label'), isEmail)
  number.show(!isEmail)
  contact.value = value ?? ''
  element('contact-title').textContent = isEmail
    ? t('Verify your e-mail address')
    : t('Verify your mobile number')
  element('contact-type-field').hidden = isEmail
  contactForm.hidden = false
  contact.focus()
}

function closeContact() {
  step.finish()
  contactForm.hidden = true
  element('contacts-title').focus()
}

element('contact-cancel').addEventListener('click', closeContact)
element('code-cancel').addEventListener('click', closeContact)
element('other-contact').addEventListener('click', () => {
  const typed = contact.value
  step.finish()
  askContact(isEmail, typed)
})

onSubmit(contactForm, async () => {
  keepAsked()
  if (await step.start(contactForm)) contactForm.hidden = true
})

/** The step that a reload has left. */
function resume() {
  const { code, contact: keptContact, contact_type: keptType, isEmail: isForEmail } = kept()
  const { contact_country: keptCountry } = kept()
  if (code === undefined) return
  if (keptCountry) contactCountry.value = keptCountry
  askContact(isForEmail, keptContact)
  if (!isForEmail) contactType.value = keptType
  contactForm.hidden = step.resume()
}

/** Whether the contact is verified: by the code that was used a moment ago, then. */
const isVerified = ({ email_verified, phone_verified }) =>
  isEmail ? email_verified : phone_verified

onSubmit(contactCode, async () => {
  const body = { ...asked(), otp: step.code() }
  const posted = await call('POST', '/operators/me/contacts', body)
  const answer = posted.message === usedCode ? await call('GET', '/operators/me') : posted
  if (isOver(answer)) return
  if (!answer.ok || !isVerified(answer.data)) return step.refuse(posted)
  show(answer.data)
  closeContact()
  say(isEmail ? t('Your e-mail address is verified.') : t('Your mobile number is verified.'))
})

onSubmit(details, async () => {
  const changes = Object.fromEntries(changesOf(typedDetails()))
  if (Object.keys(changes).length === 0) return say(t('Nothing has changed.'))
  const answer = await call('PATCH', '/operators/me', changes)
  if (isOver(answer)) return
  if (!answer.ok) return explain(details, answer)
  show(answer.data)
  say(t('Your company details are saved.'))
})

onSubmit(upload, async () => {
  const field = element('file')
  const [file] = field.files
  const wrong = whatIsWrongWith(file)
  if (wrong !== '') {
    mark(field, wrong)
    field.focus()
    return
  }
  const path = `/operators/me/documents?name=${encodeURIComponent(file.name)}`
  const answer = await call('POST', path, file)
  if (isOver(answer)) return
  if (!answer.ok) return explain(upload, answer, { name: 'file', body: 'file' })
  upload.reset()
  await listDocuments()
  say(t('The document is uploaded.'))
})

async function listDocuments() {
  const refused = await showDocuments('me')
  if (refused && !isOver(refused)) explain(upload, refused)
}

function whatIsWrongWith(file) {
  if (!documentTypes.includes(file.type)) return t('Must be a PDF, PNG or JPEG file')
  if (file.size > mostDocumentBytes) return t('Must be at most 5 MB')
  return ''
}

onSubmit(passwordForm, async () => {
  const body = Object.fromEntries(new FormData(passwordForm))
  const answer = await call('POST', '/auth/change-password', body)
  if (isOver(answer)) return
  if (!answer.ok) return explain(passwordForm, answer)
  passwordForm.reset()
  say(t('Your password is changed.'))
})

onPress(element('log-out'), async () => {
  const answer = await call('POST', '/auth/logout')
  if (answer.ok || answer.code === 401) leave({})
  else element('account-problem').textContent = told(answer.message)
})

element('try-again').addEventListener('click', () => location.reload())

const answer = await call('GET', '/operators/me')
element('loading').hidden = true
if (answer.ok) {
  show(answer.data)
  element('password-of').value = known(operator.contact_email) ?? operator.contact_phone ?? ''
  element('account').hidden = false
  resume()
  await listDocuments()
  resumeDraft()
} else if (!isOver(answer)) {
  element('account-problem').textContent = told(answer.message)
  element('failed').hidden = false
}
