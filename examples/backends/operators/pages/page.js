// What every page shares: its texts, calls of the API, and what is said to whom uses the page.

/** @param {string} id */
export const element = (id) => document.getElementById(id)

export const language = document.documentElement.lang
const texts = new Map(Object.entries(JSON.parse(element('texts').textContent)))

/** A text in the language of the page, with its `{values}` filled in. */
export function t(text, values = {}) {
  return (texts.get(text) ?? text).replace(/\{(\w+)\}/g, (_, name) => isolated(values[name]))
}

// Else the plus sign of a number would move to its other end.
function isolated(value) {
  return document.dir === 'rtl' ? `\u2068${value}\u2069` : value
}

/** A message of the API. One that is not known stays English. */
export function told(message) {
  if (texts.has(message)) return texts.get(message)
  const numbers = message.match(/\d+/g) ?? []
  const text = texts.get(message.replace(/\d+/g, '{n}'))
  return text?.replaceAll('{n}', () => numbers.shift()) ?? message
}

/** A path of this site, in the language that was chosen. */
export function link(path, query = {}) {
  const chosen = new URLSearchParams(location.search).get('lang')
  const all = new URLSearchParams({ ...(chosen !== null && { lang: chosen }), ...query })
  return all.size === 0 ? path : `${path}?${all}`
}

const answerMs = 15_000
const uploadMs = 120_000

/**
 * Calls the API. A File is sent as it is, everything else as JSON. It never throws, and gives up on
 * a server that does not answer.
 *
 * @returns {Promise<{ ok: boolean, code: number, data?: any, message: string,
 *   errors: { field: string, message: string }[], retryAfter: number, total: number }>}
 */
export async function call(method, path, body) {
  const isFile = body instanceof File
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), isFile ? uploadMs : answerMs)
  try {
    const response = await fetch(path, {
      method,
      signal: patience.signal,
      ...(body !== undefined && {
        headers: { 'Content-Type': isFile ? body.type : 'application/json' },
        body: isFile ? body : JSON.stringify(body),
      }),
    })
    const answer = await response.json()
    const { message = '', errors = [] } = answer
    return {
      ok: response.ok,
      code: response.status,
      // Some routes answer in an envelope, others without.
      data: answer.status === 'success' && 'data' in answer ? answer.data : answer,
      message,
      errors,
      retryAfter: Number(response.headers.get('Retry-After')),
      total: Number(response.headers.get('X-Total-Count')),
    }
  } catch {
    const message = patience.signal.aborted
      ? t('The server does not answer. Try again.')
      : t('The server cannot be reached. Try again.')
    return { ok: false, code: 0, message, errors: [], retryAfter: 0, total: 0 }
  } finally {
    clearTimeout(timer)
  }
}

/** How long from now, in words: "in 2 minutes". */
export function fromNow(seconds) {
  const words = new Intl.RelativeTimeFormat(language)
  if (seconds < 90) return words.format(Math.ceil(seconds), 'second')
  if (seconds < 90 * 60) return words.format(Math.ceil(seconds / 60), 'minute')
  return words.format(Math.ceil(seconds / 3600), 'hour')
}

/** How long, in words: "5 minutes". */
export function inWords(seconds) {
  const minutes = Math.max(1, Math.floor(seconds / 60))
  const words = { style: 'unit', unit: 'minute', unitDisplay: 'long' }
  return new Intl.NumberFormat(language, words).format(minutes)
}

/** The date of an instant that the API told. */
export function dateOf(instant) {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(instant))
}

let hiding
/** Says what has happened: seen for a while, and read out. */
export function say(text) {
  const status = element('status')
  status.textContent = text
  clearTimeout(hiding)
  hiding = setTimeout(() => {
    status.textContent = ''
  }, 5_000)
}

const statuses = {
  PENDING: { text: t('Waiting for approval'), look: 'waiting' },
  ACTIVE: { text: t('Active'), look: 'good' },
  SUSPENDED: { text: t('Suspended'), look: 'bad' },
  REJECTED: { text: t('Rejected'), look: 'bad' },
}

/** Shows the status of an operator in a badge. */
export function showStatus(badge, status) {
  const { text, look } = statuses[status] ?? { text: status, look: 'waiting' }
  badge.textContent = text
  badge.className = `badge ${look}`
}

/** A contact, unless it is the address that the API shows where there is none yet. */
export function known(contact) {
  return /^operator_\S+@temp\.com$/.test(contact) ? undefined : contact
}

/** An element with a text and attributes. Texts are never HTML. */
export function create(name, text = '', attributes = {}) {
  const created = document.createElement(name)
  created.textContent = text
  for (const [attribute, value] of Object.entries(attributes)) {
    created.setAttribute(attribute, value)
  }
  return created
}

/** Links in the bar are those of somebody who is logged in, or of nobody. */
export function showLoggedIn() {
  document.body.dataset.who = 'somebody'
}

for (const shown of document.querySelectorAll('nav.links a')) {
  if (shown.pathname === location.pathname) shown.setAttribute('aria-current', 'page')
}
