import { showDocuments } from './documents.js'
import { complain, explain, onSubmit, whileBusy } from './forms.js'
import { call, create, dateOf, element, known, say, showStatus, t } from './page.js'

const dialog = element('operator')
const decision = element('decision')

const decisions = {
  activate: { name: t('Approve'), done: (company) => t('{company} is approved.', { company }) },
  suspend: { name: t('Suspend'), done: (company) => t('{company} is suspended.', { company }) },
  reject: { name: t('Reject'), done: (company) => t('{company} is rejected.', { company }) },
}

/** Which decisions a status leaves. */
const possible = {
  PENDING: ['activate', 'suspend', 'reject'],
  ACTIVE: ['suspend'],
  SUSPENDED: ['activate'],
  REJECTED: ['activate'],
}

const buttons = {
  activate: element('approve'),
  suspend: element('suspend'),
  reject: element('reject'),
}

/**
 * The dialog with everything about one operator.
 *
 * @param {{ onDecided: () => unknown, onSignedOut: () => unknown }} listeners
 * @returns a function that opens it
 */
export function setUpDetails({ onDecided, onSignedOut }) {
  let operator
  let action

  function show(shown) {
    operator = shown
    element('operator-name').textContent = operator.company_name
    showStatus(element('operator-status'), operator.status)
    element('operator-details').replaceChildren(...facts(operator))
    for (const [name, button] of Object.entries(buttons)) {
      button.hidden = !(possible[operator.status] ?? []).includes(name)
    }
    stopDeciding()
  }

  function stopDeciding() {
    decision.hidden = true
    element('decisions').hidden = false
    complain(decision, '')
  }

  async function decide(name, body) {
    const answer = await call('POST', `/operators/${operator.id}/${name}`, body)
    if (isSignedOut(answer)) return
    if (answer.code === 409) {
      const text = t('Somebody has decided in the meantime. Close this and look again.')
      return complain(decision, text)
    }
    if (!answer.ok) return explain(decision, answer)
    dialog.close()
    say(decisions[name].done(operator.company_name))
    onDecided()
  }

  function isSignedOut(answer) {
    if (answer?.code !== 401) return false
    dialog.close()
    onSignedOut()
    return true
  }

  function askReason(name) {
    action = name
    element('decision-title').textContent = decisions[name].name
    element('decide').textContent = decisions[name].name
    element('reason').value = ''
    element('decisions').hidden = true
    decision.hidden = false
    element('reason').focus()
  }

  buttons.activate.addEventListener('click', () =>
    whileBusy(decision, () => decide('activate', {}), buttons.activate),
  )
  buttons.suspend.addEventListener('click', () => askReason('suspend'))
  buttons.reject.addEventListener('click', () => askReason('reject'))
  onSubmit(decision, () => decide(action, { reason: element('reason').value.trim() }))
  element('undecided').addEventListener('click', () => {
    stopDeciding()
    buttons[action].focus()
  })
  element('close').addEventListener('click', () => dialog.close())

  return async (shown) => {
    show(shown)
    element('documents').replaceChildren()
    element('no-documents').hidden = true
    dialog.showModal()
    element('operator-name').focus()
    const refused = await showDocuments(shown.id)
    if (refused && !isSignedOut(refused)) explain(decision, refused)
  }
}

function facts(operator) {
  const verified = (isVerified) => (isVerified ? t('Verified') : t('Not verified'))
  const place = [operator.postal_code, operator.city, operator.state, operator.country]
  return [
    [t('Owner name'), operator.owner_name],
    [t('Mobile number'), operator.contact_phone, verified(operator.phone_verified)],
    [t('E-mail address'), known(operator.contact_email), verified(operator.email_verified)],
    [t('Business license number'), operator.business_license],
    [t('Address'), operator.address],
    [t('City'), place.filter(Boolean).join(', ')],
    [t('Registered'), dateOf(operator.created_at)],
    [t('Changed'), dateOf(operator.updated_at)],
  ].map(([name, value, note]) => {
    const group = create('div')
    const description = create('dd')
    description.append(create('bdi', value || '—'))
    if (value && note) description.append(create('span', ` (${note})`, { class: 'muted' }))
    group.append(create('dt', name), description)
    return group
  })
}
