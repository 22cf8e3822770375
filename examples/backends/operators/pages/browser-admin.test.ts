import { expect, it } from 'vitest'
import { onExpress } from '../../http/express'
import { checkAccessibility, checkFits, openBrowser, screenshot } from '../../testing/browser'
import { adminToken, startBackend } from '../start-backend'

const browser = openBrowser()

async function start(locale = 'en-GB') {
  const backend = await startBackend(onExpress)
  await backend.registeredUser()
  await backend.registeredUser({ username: 'asha', company_name: 'Asha Travels' })
  const { page } = await browser.newPage({ width: 390, height: 844, locale })
  const signIn = async (query = '') => {
    await page.goto(`${backend.url}/admin${query}`)
    await page.locator('#token').fill(adminToken)
    await page.locator('#sign-in button[type=submit]').click()
    await page.locator('#operators-title:focus').waitFor()
  }
  return { ...backend, page, signIn }
}

it.each(['en-GB', 'fa-IR'])(
  'on a phone the parts of a card begin and end together, in %s',
  async (locale) => {
    const { page, signIn } = await start(locale)
    await signIn()
    const edges = await page
      .locator('#rows tr')
      .first()
      .evaluate((row) =>
        Array.from(row.children, (cell) => {
          const { left, right } = cell.getBoundingClientRect()
          const { paddingLeft, paddingRight } = getComputedStyle(cell)
          return [left + Number.parseFloat(paddingLeft), right - Number.parseFloat(paddingRight)]
        }),
      )
    expect(edges.length).toBeGreaterThan(3)
    expect(new Set(edges.map(String)).size).toBe(1)
    await checkFits(page)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await checkAccessibility(page)
      await screenshot(page, `admin-phone-${locale}-${colorScheme}`)
    }
  },
)

it('the list is in the address, and each status says how many', async () => {
  const { page, signIn } = await start()
  await signIn('?lang=en')
  const names = page.locator('#rows th')
  await page.locator('#search').fill('asha')
  await page.locator('#filter button').click()
  await page.waitForURL(/[?&]search=asha/)
  await names.getByText('Ravi Bus Lines').waitFor({ state: 'detached' })
  await page.reload()
  await names.getByText('Asha Travels').waitFor()
  expect(await names.count()).toBe(1)
  expect(await page.locator('#search').inputValue()).toBe('asha')
  await page.locator('#status-filter').selectOption('ACTIVE')
  await page.locator('#no-operators').waitFor()
  expect(new URL(page.url()).search).toBe('?lang=en&search=asha&status=ACTIVE')
  await page.goBack()
  await names.getByText('Asha Travels').waitFor()
  await page.goBack()
  await names.getByText('Ravi Bus Lines').waitFor()
  await page
    .locator('#status-filter option[value=PENDING]')
    .getByText('(2)')
    .waitFor({ state: 'attached' })
  expect(await page.locator('#status-filter').textContent()).toContain('Active (0)')
})

it('an address with a status that there is not lists everybody', async () => {
  const { page, signIn } = await start()
  await signIn('?status=NONE&skip=-3')
  await page.locator('#rows th').getByText('Asha Travels').waitFor()
})
