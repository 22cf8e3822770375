import { escapeHtml } from '../../http/escape-html'

/** Texts of a language by their English. English needs none. */
export type Texts = Readonly<Record<string, string>>

export interface Rendering {
  readonly texts: Texts
  /** What stands in for `{name}`. HTML, as it is. */
  readonly values: Readonly<Record<string, string>>
}

/** Fills in a template: `{{A text}}` is translated and escaped, `{name}` is a value. */
export function render(template: string, { texts, values }: Rendering): string {
  // One pass, so that nothing filled in is read as a placeholder.
  return template.replace(/\{\{([^{}]+)\}\}|\{(\w+)\}/g, (_placeholder, text, name) =>
    typeof text === 'string' ? escapeHtml(texts[text] ?? text) : (values[String(name)] ?? ''),
  )
}

/** Data for a script. No text in it can close the element. */
export function dataBlock(id: string, data: unknown): string {
  const json = JSON.stringify(data).replaceAll('<', '\\u003c')
  return `<script type="application/json" id="${id}">${json}</script>`
}
