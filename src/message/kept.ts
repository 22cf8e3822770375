import type { MessageContent } from '../delivery'
import type { Writable } from '../internal/writable'
import type { MessageFacts, RenderedMessage } from './render'

/** The facts of a message in a locale that there are texts for. */
export type SettledFacts = MessageFacts & { readonly locale: string }

/** Some text, and the characters of the code that stand behind it. */
interface Part {
  readonly text: string
  readonly from: number
  readonly to: number
}

// Their characters take one septet, one code unit and no escape: nothing but the length of such a
// code changes what is written around it.
const plainCode = /^[0-9A-Z]{1,16}$/

// Noncharacters, one for each place in a code. No option may hold them.
const firstMark = 0xfdd0
const marks = /[\ufdd0-\ufdef]+/g

/**
 * Renders messages that differ in nothing but the code once, and then writes the code where it
 * belongs. There are as many of them as channels, purposes, locales, minutes and lengths of codes.
 */
export function keptMessages(
  render: (facts: SettledFacts) => RenderedMessage,
  minutesOf: (facts: MessageFacts) => string,
): (facts: MessageFacts, locale: string) => RenderedMessage {
  const kept = new Map<string, ReturnType<typeof keep>>()
  return (facts, locale) => {
    const { channel, purpose, code } = facts
    if (!plainCode.test(code)) return render({ ...facts, locale })
    const name = `${channel}\n${purpose}\n${locale}\n${minutesOf(facts)}\n${code.length}`
    const write = kept.get(name) ?? keep(render, { ...facts, locale })
    kept.set(name, write)
    return write(code)
  }
}

function keep(render: (facts: SettledFacts) => RenderedMessage, facts: SettledFacts) {
  const marked = Array.from(facts.code, (_, at) => String.fromCharCode(firstMark + at)).join('')
  const content = render({ ...facts, code: marked }).content
  const partsIn = (value: string | undefined) => (value === undefined ? undefined : partsOf(value))
  const text = partsOf(content.text)
  const subject = partsIn(content.subject)
  const html = partsIn(content.html)
  const spoken = partsIn(content.spoken)
  // Counted with a code in it: the marks are not in the alphabet of SMS.
  const { locale, segments } = render(facts)
  return (code: string): RenderedMessage => {
    const content: Writable<MessageContent> = { text: withCode(text, code) }
    if (subject !== undefined) content.subject = withCode(subject, code)
    if (html !== undefined) content.html = withCode(html, code)
    if (spoken !== undefined) content.spoken = withCode(spoken, code)
    return segments === undefined ? { locale, content } : { locale, content, segments }
  }
}

function partsOf(marked: string): readonly Part[] {
  const parts: Part[] = []
  let end = 0
  for (const { 0: run, index } of marked.matchAll(marks)) {
    const text = marked.slice(end, index)
    end = index + run.length
    // A run is a piece of the code, or several next to one another.
    let begin = 0
    for (let at = 1; at <= run.length; at += 1) {
      if (run.charCodeAt(at) === run.charCodeAt(at - 1) + 1) continue
      const from = run.charCodeAt(begin) - firstMark
      parts.push({ text: begin === 0 ? text : '', from, to: from + at - begin })
      begin = at
    }
  }
  return [...parts, { text: marked.slice(end), from: 0, to: 0 }]
}

function withCode(parts: readonly Part[], code: string): string {
  let whole = ''
  for (const { text, from, to } of parts) whole += text + code.slice(from, to)
  return whole
}
