/** What stands in an element: text stays text, whatever is written in it. */
export type Content = Node | string | undefined

/** A new element. Nothing of it is ever read as markup. */
export function create<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...contents: readonly Content[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(attribute, value)
  }
  made.append(...contents.filter((content) => content !== undefined))
  return made
}

/** The element of the page with this id, which is of this kind. */
export function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} #${id}`)
  return found
}

/** Text of any direction, which changes nothing around it. */
export function isolated(text: string): HTMLElement {
  return create('bdi', {}, text)
}

/** For screen readers alone. */
export function unseen(text: string): HTMLElement {
  return create('span', { class: 'unseen' }, text)
}

const keyOf = (node: Element | null) => node?.getAttribute('data-key')

/**
 * Puts new contents in place of the old ones, without disturbing whoever is reading them: what was
 * open, scrolled or in focus is so again, where it has a `data-key`.
 */
export function replace(holder: HTMLElement, ...contents: readonly Content[]): void {
  const isOpen = new Set(Array.from(holder.querySelectorAll('details[open]'), keyOf))
  const scrolled = new Map(
    Array.from(holder.querySelectorAll('[data-key]'), (node) => [keyOf(node), node.scrollLeft]),
  )
  const focused = holder.contains(document.activeElement)
    ? keyOf(document.activeElement)
    : undefined
  holder.replaceChildren(...contents.filter((content) => content !== undefined))
  for (const node of holder.querySelectorAll('[data-key]')) {
    const key = keyOf(node)
    if (node instanceof HTMLDetailsElement && isOpen.has(key)) node.open = true
    node.scrollLeft = scrolled.get(key) ?? 0
    if (key === focused && node instanceof HTMLElement) node.focus({ preventScroll: true })
  }
}
