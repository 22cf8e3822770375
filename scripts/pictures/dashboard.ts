// The dashboard over a day whose last hour goes wrong.
import { liveADay } from '../../test/dashboard/busy-day'
import { serveDashboard } from '../../test/dashboard/serve-dashboard'
import { type Picture, wordsOf } from './picture'

export const dashboard: Picture = {
  name: 'dashboard',
  async show(browser, scheme) {
    const served = await serveDashboard()
    await liveADay(served)
    const context = await browser.newContext({
      ...{ colorScheme: scheme, locale: 'en-GB', timezoneId: 'UTC' },
      viewport: { width: 1180, height: 880 },
    })
    const page = await context.newPage()
    await page.goto(served.url)
    await page.locator('#time canvas').waitFor()
    await page.waitForFunction(
      () =>
        document.querySelector('[aria-busy]') === null &&
        document.querySelector('#fresh')?.textContent !== 'Loading…',
    )
    const texts = await page.locator(':is(.top, #now, #funnel)').allInnerTexts()
    return {
      page,
      texts: wordsOf(texts.join('\n'), 'no code is shown'),
      close: async () => {
        await context.close()
        served.close()
      },
    }
  },
}
