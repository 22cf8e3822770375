// `npm run pictures` writes the pictures of the README, and what they say: a test compares that with
// what the pages say today.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { imagesFolder } from '../../bench/harness/documents'
import { chromiumPath } from '../../test/servers/chromium'
import { dashboard } from './dashboard'
import { firstCode } from './first-code'
import { type Picture, schemes } from './picture'

export const pictures: readonly Picture[] = [firstCode, dashboard]

/** The words of every picture, by its name. */
export const manifestPath = `${imagesFolder}/pictures.json`

/** GitHub shows a README at once; so nothing in it may be heavy. */
export const mostBytes = 200_000

if (process.argv[1] === fileURLToPath(import.meta.url)) await writePictures()

async function writePictures(): Promise<void> {
  const browser = await chromium.launch({
    executablePath: await chromiumPath(),
    chromiumSandbox: process.getuid?.() !== 0,
  })
  try {
    const texts: [string, readonly string[]][] = []
    for (const picture of pictures) texts.push([picture.name, await write(browser, picture)])
    await writeFile(manifestPath, `${JSON.stringify(Object.fromEntries(texts), null, 2)}\n`)
  } finally {
    await browser.close()
  }
}

/** Writes a picture in all colours, which say the same. */
async function write(browser: Browser, picture: Picture): Promise<readonly string[]> {
  let said: readonly string[] = []
  for (const scheme of schemes) {
    const { page, texts, close } = await picture.show(browser, scheme)
    const path = `${imagesFolder}/${picture.name}-${scheme}.png`
    const { length } = await page.screenshot({ path })
    await page.close()
    await close()
    if (length > mostBytes) throw new Error(`${path} has ${length} bytes`)
    console.log(`${path}: ${length} bytes`)
    said = texts
  }
  return said
}
