// The list of an operator's documents, on its own account and for the administration.
import { call, create, dateOf, element, language } from './page.js'

/** Shows the documents of an operator, `me` or an id. Gives back the answer if it was refused. */
export async function showDocuments(id) {
  const list = element('documents')
  const answer = await call('GET', `/operators/${id}/documents`)
  if (!answer.ok) return answer
  list.replaceChildren(...answer.data.map((stored) => row(id, stored)))
  element('no-documents').hidden = answer.data.length > 0
  return undefined
}

function row(id, stored) {
  const href = `/operators/${id}/documents/${encodeURIComponent(stored.id)}`
  const name = create('a', stored.name, { href, download: stored.name, dir: 'auto' })
  const about = create('span', '', { class: 'muted' })
  about.append(create('bdi', sizeOf(stored.bytes)), ' · ', create('bdi', dateOf(stored.created_at)))
  const item = create('li')
  item.append(name, about)
  return item
}

function sizeOf(bytes) {
  const isLarge = bytes >= 1_000_000
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: isLarge ? 'megabyte' : 'kilobyte',
    maximumFractionDigits: isLarge ? 1 : 0,
  }).format(isLarge ? bytes / 1_000_000 : Math.ceil(bytes / 1000))
}
