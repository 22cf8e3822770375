const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes a text for HTML, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}

/** What `renderMail` makes the HTML part of a mail from. */
export interface Mail {
  readonly locale: string
  /** Which way text of this locale runs. */
  readonly rightToLeft: boolean
  readonly subject: string
  /** Paragraphs apart by a blank line; the code as a paragraph of its own is shown large. */
  readonly text: string
  readonly code: string
}

/**
 * The HTML part with the content of the text part: no images, no links, no tables. It sets no
 * colours, so that a mail client in dark mode shows its own.
 */
export function renderMail({ locale, rightToLeft, subject, text, code }: Mail): string {
  const direction = rightToLeft ? 'rtl' : 'ltr'
  const paragraphs = text
    .split(/\n{2,}/)
    .map((paragraph) =>
      paragraph === code
        ? `<p style="margin:0 0 16px">${showLarge(code)}</p>`
        : `<p style="margin:0 0 16px">${escapeHtml(paragraph).replaceAll('\n', '<br>')}</p>`,
    )
  // Some clients drop the html and body elements, so language and direction stand on the div too.
  return `<!doctype html>
<html lang="${locale}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no">
<title>${escapeHtml(subject)}</title>
<style>:root { color-scheme: light dark; supported-color-schemes: light dark; }</style>
</head>
<body style="margin:0">
<div lang="${locale}" dir="${direction}" style="padding:24px;max-width:480px;\
font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5">
${paragraphs.join('\n')}
</div>
</body>
</html>
`
}

// The groups are set apart by a margin and not by a space, so that the code is copied whole.
function showLarge(code: string): string {
  const size = [3, 4].find((length) => code.length % length === 0) ?? code.length
  const spans = Array.from({ length: code.length / size }, (_, position) => {
    const group = escapeHtml(code.slice(position * size, (position + 1) * size))
    return `<span${position === 0 ? '' : ' style="margin-left:0.35em"'}>${group}</span>`
  })
  return `<strong dir="ltr" style="font-size:32px;letter-spacing:0.05em">${spans.join('')}</strong>`
}
