import { describe, expect, it } from 'vitest'
import { createRenderer, type MessageOptions } from '../../src/message/render'

function mail(locale: string, code = '123456', options: Partial<MessageOptions> = {}) {
  const render = createRenderer({ appName: 'Acme', ...options })
  const { content } = render({
    channel: 'email',
    purpose: 'login',
    locale,
    code,
    expiresInMs: 300_000,
  })
  return { html: content.html ?? '', text: content.text }
}

/** What is selected and copied: the text between the tags of the body. */
function visible(html: string): string {
  const body = /<body[^>]*>([\s\S]*)<\/body>/.exec(html)?.[1] ?? ''
  return body.replace(/<br>|<\/p>/g, '\n').replace(/<[^>]*>/g, '')
}

describe('HTML of a mail', () => {
  it('says what the text part says', () => {
    const { html, text } = mail('en')
    expect(visible(html).split(/\n+/).filter(Boolean)).toEqual(text.split(/\n+/))
  })

  it.each([
    ['123456', 2],
    ['12345678', 2],
    ['1234567', 1],
    ['7XK4M9', 2],
  ])('shows %s in %d groups that are copied as one', (code, groups) => {
    const { html } = mail('en', code)
    expect(html.match(/<span/g)).toHaveLength(groups)
    expect(visible(html)).toContain(`\n${code}\n`)
  })

  it('has the code in what a list of mails previews', () => {
    for (const locale of ['en', 'fa', 'hi', 'de']) {
      const start = visible(mail(locale).html).trim().replace(/\s+/g, ' ').slice(0, 60)
      expect(start).toContain('123456')
    }
  })

  it.each([
    ['en', 'ltr'],
    ['fa', 'rtl'],
    ['ar', 'rtl'],
    ['ur', 'rtl'],
    ['bn', 'ltr'],
  ])('tells a screen reader the language and direction of %s', (locale, direction) => {
    const { html } = mail(locale)
    expect(html).toContain(`<html lang="${locale}" dir="${direction}">`)
    // For clients that keep the content of the body only.
    expect(html).toContain(`<div lang="${locale}" dir="${direction}"`)
    expect(html).toContain('<strong dir="ltr"')
  })

  it('leaves the colours to the client, for dark mode', () => {
    const { html } = mail('en')
    expect(html).toContain('<meta name="color-scheme" content="light dark">')
    expect(html).not.toMatch(/(?:^|[;"\s])(?:color|background)[\w-]*:(?! light dark)/)
  })

  it('loads nothing and links nowhere', () => {
    expect(mail('en').html).not.toMatch(/<(?:img|a|link|script|iframe)\b|url\(|https?:|src=|href=/)
  })

  it('S70 escapes every text', () => {
    const templates = {
      en: { subject: '<title> & "{appName}"', text: `<img src=x> & "it's" {appName} {code}` },
    }
    const { html } = mail('en', '123456', { appName: `AT&T "L'Eau"`, templates })
    expect(html).toContain('<title>&lt;title&gt; &amp; &quot;AT&amp;T &quot;L&#39;Eau&quot;&quot;')
    expect(html).toContain(
      '<p style="margin:0 0 16px">&lt;img src=x&gt; &amp; &quot;it&#39;s&quot; ' +
        'AT&amp;T &quot;L&#39;Eau&quot; 123456</p>',
    )
  })

  it('S70 escapes what is filled into HTML of the operator’s own', () => {
    const templates = { en: { html: '<h1 title="{appName}">{code}</h1>' } }
    expect(mail('en', '123456', { appName: `A"onclick='x'&`, templates }).html).toBe(
      '<h1 title="A&quot;onclick=&#39;x&#39;&amp;">123456</h1>',
    )
  })

  it('closes what it opens', () => {
    const open: string[] = []
    for (const [, end, name = ''] of mail('fa').html.matchAll(/<(\/?)([a-z]+)[^>]*>/g)) {
      if (name === 'meta') continue
      if (end === '/') expect(open.pop()).toBe(name)
      else open.push(name)
    }
    expect(open).toEqual([])
  })
})
