import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { assetsFile, assetsText } from '../../scripts/dashboard-assets'

it('what the dashboard serves is what its page is made of: npm run build:page', async () => {
  const written = readFileSync(assetsFile, 'utf8')
  // Not compared as a whole: a hundred kilobytes say nothing to whoever reads them.
  expect(written === (await assetsText())).toBe(true)
  expect(written).toContain('Copyright (c) 2022 Leon Sorokin')
})
