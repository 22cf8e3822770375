import { setUpDetails } from './admin-details.js'
import { complain, explain, onPress, onSubmit } from './forms.js'
import { call, create, dateOf, element, language, say, showStatus, t } from './page.js'

const signIn = element('sign-in')
const filter = element('filter')
const filterNames = ['search', 'status']
const pageSize = 20

/** How many operators come before those that are shown. */
let skipped = 0

/** The list is in the address, for reloads, bookmarks and whoever is sent it. */
function readAddress() {
  const query = new URLSearchParams(location.search)
  for (const name of filterNames) filter.elements.namedItem(name).value = query.get(name) ?? ''
  // Nothing that is no status: the list would stay empty without a reason.
  const status = filter.elements.namedItem('status')
  if (status.selectedIndex < 0) status.value = ''
  skipped = Math.max(0, Math.trunc(Number(query.get('skip'))) || 0)
}

function writeAddress() {
  const address = new URL(location.href)
  const shown = { ...Object.fromEntries(new FormData(filter)), skip: skipped || '' }
  for (const [name, value] of Object.entries(shown)) {
    if (value === '') address.searchParams.delete(name)
    else address.searchParams.set(name, value)
  }
  if (address.href !== location.href) history.pushState(null, '', address)
}

addEventListener('popstate', () => {
  readAddress()
  load()
})

const showDetails = setUpDetails({ onDecided: () => turnTo(skipped), onSignedOut: askToken })

function askToken() {
  element('operators').hidden = true
  signIn.hidden = false
  element('token').focus()
}

/** Shows the operators that match. Gives back whether it could. */
async function load() {
  const query = new URLSearchParams({ skip: skipped, limit: pageSize })
  for (const [name, value] of new FormData(filter)) if (value !== '') query.set(name, value)
  complain(filter, '')
  const answer = await call('GET', `/operators/?${query}`)
  // An operator's session is not enough either.
  if ([401, 403].includes(answer.code)) askToken()
  else if (answer.ok) {
    show(answer.data, answer.total)
    countStatuses()
  } else explain(filter, answer)
  return answer.ok
}

function show(operators, total) {
  signIn.hidden = true
  element('operators').hidden = false
  element('rows').replaceChildren(...operators.map(row))
  element('no-operators').hidden = operators.length > 0
  const number = new Intl.NumberFormat(language)
  const last = skipped + operators.length
  const range = t('{first} to {last} of {total}', {
    first: number.format(Math.min(skipped + 1, last)),
    last: number.format(last),
    total: number.format(total),
  })
  element('range').textContent = total > 0 ? range : ''
  element('previous').disabled = skipped === 0
  element('next').disabled = last >= total
}

/** How many operators have each status, in the filter. It works without. */
async function countStatuses() {
  const { ok, data } = await call('GET', '/admin/operator-counts')
  if (!ok) return
  const number = new Intl.NumberFormat(language)
  for (const option of element('status-filter').options) {
    if (option.value === '') continue
    option.dataset.name ??= option.textContent
    const count = data.operators[option.value] ?? 0
    option.textContent = `${option.dataset.name} (${number.format(count)})`
  }
}

function row(operator) {
  const line = create('tr')
  const name = create('th', '', { scope: 'row' })
  name.append(create('bdi', operator.company_name))
  const contact = operator.contact_phone ?? operator.contact_email ?? '—'
  const badge = create('span')
  showStatus(badge, operator.status)
  const button = create('button', t('Details'), {
    type: 'button',
    'aria-label': t('Details of {company}', { company: operator.company_name }),
  })
  button.addEventListener('click', () => showDetails(operator))
  line.append(
    name,
    cell(t('Contact'), create('bdi', contact, { dir: 'ltr' })),
    cell(t('City'), create('bdi', operator.city ?? '—')),
    cell(t('Registered'), create('span', dateOf(operator.created_at), { class: 'whole' })),
    cell(t('Status'), badge),
    cell('', button),
  )
  return line
}

/** The name of the column shows where the table is a list of cards. */
function cell(column, content) {
  const created = create('td', '', { 'data-column': column })
  created.append(content)
  return created
}

async function turnTo(skip) {
  skipped = Math.max(0, skip)
  writeAddress()
  if (await load()) element('operators-title').focus()
}

onPress(element('previous'), () => turnTo(skipped - pageSize))
onPress(element('next'), () => turnTo(skipped + pageSize))

async function search() {
  skipped = 0
  writeAddress()
  if (await load()) say(element('range').textContent || element('no-operators').textContent)
}

onSubmit(filter, search)
element('status-filter').addEventListener('change', search)

onSubmit(signIn, async () => {
  const token = element('token')
  const answer = await call('POST', '/admin/session', { token: token.value })
  if (!answer.ok) return explain(signIn, answer)
  token.value = ''
  if (await load()) element('operators-title').focus()
})

onPress(element('sign-out'), async () => {
  const answer = await call('DELETE', '/admin/session')
  if (!answer.ok && answer.code !== 401) return explain(filter, answer)
  element('rows').replaceChildren()
  askToken()
})

readAddress()
// The page knows already who is not signed in.
if (signIn.hidden) await load()
else element('token').focus()
