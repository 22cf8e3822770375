import { create } from './dom'

/** A bar of this length, from 0 to 1; the number that it shows stands beside it. */
export function bar(length: number): HTMLElement {
  const fill = create('span', { class: 'fill' })
  // Through the object model, which the policy of the page lets in; a style attribute it does not.
  fill.style.inlineSize = `${Math.max(0, Math.min(1, length)) * 100}%`
  return create('span', { class: 'bar-of', 'aria-hidden': 'true' }, fill)
}
