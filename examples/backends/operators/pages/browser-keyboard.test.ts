import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { onExpress } from '../../http/express'
import { openBrowser } from '../../testing/browser'
import { adminToken, phone, startBackend } from '../start-backend'

const browser = openBrowser()

/** Tabs on to it, in the order of the page. Every stop on the way has to show that it is one. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let stops = 0; stops < 40; stops += 1) {
    await page.keyboard.press('Tab')
    const unmarked = await page.evaluate(() => {
      const { activeElement, body } = document
      if (activeElement === null || activeElement === body) return ''
      const { outlineStyle, boxShadow } = getComputedStyle(activeElement)
      return outlineStyle === 'none' && boxShadow === 'none' ? activeElement.outerHTML : ''
    })
    if (unmarked !== '') throw new Error(`no mark of the focus at ${unmarked}`)
    if (await isFocused(target)) return
  }
  throw new Error(`Tab does not come to ${target}`)
}

const isFocused = (target: Locator) =>
  target.evaluate((element) => element === document.activeElement)

it('can be registered, left and entered again with a keyboard alone', async () => {
  const { url, deliveries, settled } = await startBackend(onExpress)
  const { page } = await browser.newPage({ width: 1280, height: 800 })
  const { keyboard } = page
  const at = (selector: string) => page.locator(selector)
  const type = async (selector: string, text: string) => {
    await tabTo(page, at(selector))
    await keyboard.type(text)
  }
  const press = async (target: Locator) => {
    await tabTo(page, target)
    await keyboard.press('Enter')
  }

  await page.goto(`${url}/operator/register`)
  await press(at('a.skip'))
  await at('#main:focus').waitFor()
  await type('#company_name', 'Asha Travels')
  await type('#username', 'asha')
  await type('#phone', phone)
  await press(at('#verify-mobile'))
  await at('#otp:focus').waitFor()
  await settled()
  await keyboard.type(deliveries.sms.lastCode(phone))
  await keyboard.press('Enter')
  await at('#password:focus').waitFor()
  await keyboard.type('a long password')
  await press(at('button[data-shows=password]'))
  expect(await at('#password').getAttribute('type')).toBe('text')
  await press(page.getByRole('button', { name: 'Register', exact: true }))
  await at('#done-title:focus').waitFor()

  await press(page.getByRole('link', { name: 'Go to your account' }))
  await page.waitForURL(/\/operator$/)
  // Else the list of documents may find out first that the session is over.
  await at('#no-documents').waitFor()
  await press(at('#log-out'))
  await page.waitForURL(/\/operator\/login$/)
  await type('#username', 'asha')
  await type('#password', 'a long password')
  await keyboard.press('Enter')
  await page.waitForURL(/\/operator$/)
  await at('#company').getByText('Asha Travels').waitFor()
})

it('shows a dialog that a keyboard cannot leave, opens and closes', async () => {
  const { url, registered } = await startBackend(onExpress)
  await registered()
  const { page } = await browser.newPage({ width: 1280, height: 800 })
  await page.goto(`${url}/admin`)
  await page.locator('#token').fill(adminToken)
  await page.keyboard.press('Enter')
  const details = page.locator('#rows button')
  await details.waitFor()
  await tabTo(page, details)
  await page.keyboard.press('Enter')
  await page.locator('#operator-name:focus').waitFor()
  await tabTo(page, page.locator('#close'))
  for (let stops = 0; stops < 12; stops += 1) {
    await page.keyboard.press('Tab')
    const isOutside = await page.evaluate(() => {
      const { activeElement, body } = document
      return activeElement !== body && activeElement?.closest('dialog') === null
    })
    expect(isOutside).toBe(false)
  }
  await page.keyboard.press('Escape')
  await page.locator('#operator').waitFor({ state: 'hidden' })
  await page.locator('#rows button:focus').waitFor()
})
