import { describe, expect, test } from 'vitest'
import { apiMessages } from './api-messages'
import { readPageFile, scripts } from './assets'
import { pages, partials, readTexts } from './pages'

const templates = [
  'layout.html',
  'not-found.html',
  ...partials,
  ...pages.map(({ template }) => template),
]

/** `{{A text}}` */
const inTemplates = templates.flatMap((name) =>
  Array.from(readPageFile(name).matchAll(/\{\{([^{}]+)\}\}/g), ([, text = '']) => text),
)

/** `t('A text')` */
const inScripts = scripts.flatMap((name) =>
  Array.from(readPageFile(name).matchAll(/\bt\(\s*'([^']+)'/g), ([, text = '']) => text),
)

const titles = pages.map(({ title }) => title)
const used = new Set([...inTemplates, ...inScripts, ...titles, ...apiMessages])
const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

test('texts are found in templates and in scripts', () => {
  expect(inTemplates).toContain('Company name')
  expect(inScripts).toContain('Too many tries. Please try again {when}.')
})

test('scripts name their texts, so that this test can find them', () => {
  for (const name of scripts) {
    const named = readPageFile(name).replace(/\bt\(\s*'[^']+'/g, '')
    const unnamed = Array.from(named.matchAll(/(?<!function )\bt\(.*$/gm), ([call]) => call)
    expect(unnamed, name).toEqual([])
  }
})

describe.each(['fa', 'ar'])('%s', (language) => {
  const texts = readTexts(language)

  test('has every text', () => {
    expect([...used].filter((text) => !texts[text])).toEqual([])
  })

  test('has no text that nothing uses', () => {
    expect(Object.keys(texts).filter((text) => !used.has(text))).toEqual([])
  })

  test('keeps the placeholders of each text', () => {
    for (const [text, translated] of Object.entries(texts)) {
      expect(placeholders(translated), text).toEqual(placeholders(text))
    }
  })
})
