// Draws the Mermaid diagrams of guides into their pages, as GitHub draws them in the Markdown: without
// a script in the page, in the colours of light and dark.
import { renderMermaidSVG } from 'beautiful-mermaid'
import { type Application, MarkdownEvent } from 'typedoc'

const colours = {
  bg: 'var(--color-background)',
  fg: 'var(--color-text)',
  muted: 'var(--color-text)',
  accent: 'var(--color-text)',
  font: 'inherit',
  transparent: true,
  padding: 16,
}

export function load(app: Application): void {
  // Before the page is read as Markdown, which knows no such language.
  app.renderer.on(MarkdownEvent.PARSE, drawAll, 100)
}

function drawAll(event: MarkdownEvent): void {
  event.parsedText = drawDiagrams(event.parsedText)
}

/** The Markdown with each of its diagrams drawn. */
export function drawDiagrams(markdown: string): string {
  return markdown.replace(/^```mermaid\n([\s\S]+?)^```$/gm, (_all, text: string) => draw(text))
}

function draw(text: string): string {
  // GitHub reads the title to those who do not see; this renderer does not know it.
  const [line = '', title] = /^ *accTitle: (.+)\n/m.exec(text) ?? []
  if (title === undefined) throw new Error(`A diagram without accTitle:\n${text}`)
  const svg = renderMermaidSVG(text.replace(line, ''), colours)
    .replace(/^ *@import .*$/m, '')
    .replace('<svg ', `<svg role="img" aria-label="${title.replaceAll('"', '&quot;')}" `)
  // An empty line would end the block for a reader of Markdown.
  return `<figure class="diagram">${svg.replace(/\n\s*/g, ' ')}</figure>`
}
