import { expect, test } from 'vitest'
import { dataBlock, render } from './render'

const texts = { 'A & B': '<a> "b" {name} {{A & B}}' }

test('translates and escapes texts', () => {
  expect(render('<p>{{A & B}}</p>', { texts: { 'A & B': `<i> & "'` }, values: {} })).toBe(
    '<p>&lt;i&gt; &amp; &quot;&#39;</p>',
  )
})

test('leaves a text without a translation in English', () => {
  expect(render('{{A < B}}', { texts: {}, values: {} })).toBe('A &lt; B')
})

test('reads no placeholder in what it filled in', () => {
  expect(render('{{A & B}} {name}', { texts, values: { name: '{{A & B}}{name}' } })).toBe(
    '&lt;a&gt; &quot;b&quot; {name} {{A &amp; B}} {{A & B}}{name}',
  )
})

test('leaves no way out of a data block', () => {
  const data = { key: '</script><script>alert(1)</script><!--' }
  const block = dataBlock('texts', data)
  const [, json = ''] =
    /^<script type="application\/json" id="texts">(.*)<\/script>$/.exec(block) ?? []
  expect(json).not.toContain('<')
  expect(JSON.parse(json)).toEqual(data)
})
