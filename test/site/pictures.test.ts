import { readFileSync, statSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { imagesFolder } from '../../bench/harness/documents'
import { schemes } from '../../scripts/pictures/picture'
import { manifestPath, mostBytes, pictures } from '../../scripts/pictures/pictures'
import { chromiumPath } from '../servers/chromium'

const readme = readFileSync('README.md', 'utf8')
const manifest: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(manifestPath, 'utf8'),
)

describe.each(pictures)('the picture $name', ({ name, show }) => {
  it('is in the README, in light and dark, and not heavy', () => {
    for (const scheme of schemes) {
      const path = `${imagesFolder}/${name}-${scheme}.png`
      expect(readme).toContain(path)
      expect(statSync(path).size).toBeLessThan(mostBytes)
    }
  })

  it('says what the pages say today; otherwise take it again by `npm run pictures`', async () => {
    const browser = await chromium.launch({
      executablePath: await chromiumPath(),
      chromiumSandbox: process.getuid?.() !== 0,
      timeout: 120_000,
    })
    try {
      const { texts, close } = await show(browser, 'light')
      await close()
      expect(manifest[name]).toEqual(texts)
    } finally {
      await browser.close()
    }
  })
})

it('no picture is kept that is no longer taken', () => {
  expect(Object.keys(manifest)).toEqual(pictures.map(({ name }) => name))
})
