import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openBrowser } from '../../examples/backends/testing/browser'
import { drawDiagrams } from '../../scripts/site/diagrams'

const browser = openBrowser()

const diagrams = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md') && !path.startsWith('reference'))
  .flatMap((path) =>
    [...readFileSync(`docs/${path}`, 'utf8').matchAll(/^```mermaid\n[\s\S]+?^```$/gm)].map(
      ([diagram]) => ({ path, diagram, title: /accTitle: (.+)/.exec(diagram)?.[1] ?? '' }),
    ),
  )

/** What a browser draws of it in these colours. */
async function look(diagram: string, colorScheme: 'light' | 'dark') {
  const { page } = await browser.newPage({ width: 1280, height: 900, colorScheme })
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  await page.setContent(`<style>
    :root { color-scheme: light dark; --color-background: Canvas; --color-text: CanvasText }
  </style>${drawDiagrams(diagram)}`)
  const seen = await page.locator('svg').evaluate((svg) => {
    const { width, height } = svg.getBoundingClientRect()
    const texts = [...svg.querySelectorAll('text')]
    const [first] = texts
    return {
      texts: texts.map(({ textContent }) => textContent).join(' '),
      colour: first === undefined ? '' : getComputedStyle(first).fill,
      isLarge: width > 200 && height > 80,
      label: svg.getAttribute('aria-label'),
    }
  })
  return { ...seen, requests: requests.filter((url) => url !== 'about:blank') }
}

describe('the diagrams of the guides', () => {
  it('are those of the log-in, the challenge, the failover and the ledger', () => {
    expect(diagrams.map(({ path }) => path).toSorted()).toEqual(
      expect.arrayContaining(['concepts.md', 'concepts.md', 'routes.md', 'security.md']),
    )
  })

  it.each(diagrams)(
    '$path: $title is drawn, in light and dark, from nothing else',
    async (each) => {
      const [light, dark] = [await look(each.diagram, 'light'), await look(each.diagram, 'dark')]
      const words = [...each.diagram.matchAll(/(?:\["|: |\|)([a-z][\w ]+)/gi)].map(
        ([, text]) => text,
      )
      for (const { texts, isLarge, label, requests } of [light, dark]) {
        expect([isLarge, label, requests]).toEqual([true, each.title, []])
        const missing = words.filter((word) => word !== each.title && !texts.includes(word ?? ''))
        expect(missing).toEqual([])
      }
      expect([light.colour, dark.colour]).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)'])
    },
  )

  it('have a title for those who do not see them', () => {
    expect(() => drawDiagrams('```mermaid\nflowchart LR\n  a --> b\n```')).toThrow(/accTitle/)
  })
})
