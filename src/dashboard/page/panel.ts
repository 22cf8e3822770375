import type { DashboardData } from '../data'
import { queryOf, type Shown } from './address'
import { type Content, create, element, replace } from './dom'
import { type Failed, read } from './server'

/** What came of loading a part of the page. */
export type Loaded = { readonly ok: true } | Failed

/** A part of the page that is one answer of the server's. */
export interface Panel {
  /** Tells that what is shown is about to be replaced by something else. */
  wait(): void
  load(shown: Shown, signal: AbortSignal): Promise<Loaded>
}

export function panel<Name extends keyof DashboardData>(
  name: Name,
  id: string,
  show: (data: DashboardData[Name], shown: Shown) => readonly Content[],
  query: (shown: Shown) => string = queryOf,
): Panel {
  const section = element(id, HTMLElement)
  const body = section.querySelector<HTMLElement>('.body')
  if (body === null) throw new Error(`#${id} has no body`)
  replace(body, create('p', { class: 'empty' }, 'Loading…'))
  let standing = ''

  return {
    wait: () => section.setAttribute('aria-busy', 'true'),
    async load(shown, signal) {
      const answered = await read(name, query(shown), signal)
      // Somebody asks for something else by now.
      if (signal.aborted) return { ok: true }
      section.removeAttribute('aria-busy')
      if (!answered.ok) {
        if (standing === '') replace(body, create('p', { class: 'empty' }, 'No answer.'))
        return answered
      }
      // What has not changed is left alone, for whoever is reading or selecting it.
      const next = JSON.stringify([shown, { ...answered.value, asOf: 0 }])
      if (next !== standing) {
        standing = next
        const contents = show(answered.value, shown)
        section.hidden = contents.length === 0
        replace(body, ...contents)
      }
      return { ok: true }
    },
  }
}
