import { refusalFor } from './body'
import type { Call, Reply } from './route'
import type { Site } from './site'

/** What is asked for where there is nothing. */
export type Lost = Pick<Call, 'requestId' | 'query' | 'header'>

/** No such path: for people a page, if the site has one, and JSON for everything else. */
export function notFound(site: Site, lost: Lost): Reply {
  const { notFoundPage, refuse } = site
  if (notFoundPage !== undefined && prefersHtml(lost.header('accept') ?? '')) {
    return { ...notFoundPage(lost), status: 404 }
  }
  return refuse(refusalFor(404), lost.requestId)
}

/** Browsers name HTML when they open a page. What a script fetches takes anything. */
export function prefersHtml(accept: string): boolean {
  const weights = new Map(
    accept.split(',').map((range) => {
      const [type = '', ...settings] = range.split(';').map((part) => part.trim().toLowerCase())
      const weight = settings.find((setting) => setting.startsWith('q='))?.slice(2) ?? '1'
      return [type, Number(weight) || 0]
    }),
  )
  const html = weights.get('text/html') ?? 0
  return html > 0 && html >= (weights.get('application/json') ?? 0)
}
