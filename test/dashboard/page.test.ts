import type { HistoryEvent } from 'otpkit'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { checkFits } from '../../examples/backends/testing/browser'
import { misbehave, truth } from './misbehaving-run'
import { checkFindings, openDashboards, picture, rowsOf, startDashboard } from './start-dashboard'

const dashboards = openDashboards()

const text = async (page: Page, selector: string) =>
  (await page.locator(selector).first().textContent())?.replace(/\s+/g, ' ').trim()
const vital = (page: Page, name: string) => text(page, `[data-vital="${name}"] .figure`)
const step = (page: Page, name: string) =>
  page
    .locator(`[data-step="${name}"] :is(.value, .share)`)
    .allTextContents()
    .then((parts) => parts.join('|'))

it('says in five seconds what went wrong, and every number is the truth', async () => {
  const dashboard = await startDashboard()
  await misbehave(dashboard)
  const { page } = await dashboards.open(dashboard)
  const sent = truth.sent + truth.mailed

  expect(await text(page, '.headline')).toBe(
    'Delivered messages fell to 37 % in the last hour, from 97 % at this hour.',
  )
  expect(await page.locator('.vital.bad').getAttribute('data-vital')).toBe('delivered')
  expect(await vital(page, 'messages')).toBe(String(sent))
  expect(await vital(page, 'delivered')).toBe('36.7%')
  expect(await vital(page, 'verified')).toBe('26.5%')
  // Percentiles come from buckets of a fifth.
  const seconds = Number.parseFloat((await vital(page, 'medianMs')) ?? '')
  expect(seconds).toBeGreaterThanOrEqual(truth.elapsedMs / 1_000)
  expect(seconds).toBeLessThan((truth.elapsedMs / 1_000) * 1.25)
  expect(await page.locator('[data-vital="messages"] li').allTextContents()).toEqual([
    '30 yesterday (+13%)',
    '30 a week ago (+13%)',
  ])
  expect(await page.locator('[data-vital="delivered"] li').allTextContents()).toEqual([
    '96.7% yesterday',
    '96.7% a week ago',
  ])
  expect(await page.locator('[data-vital="verified"] li').allTextContents()).toEqual([
    '90% yesterday',
    '90% a week ago',
  ])

  expect(await step(page, 'asked')).toBe('44|100%')
  expect(await step(page, 'refused')).toBe(`${truth.refusedByCooldown}|9.1%`)
  expect(await step(page, 'unsent')).toBe(`${truth.unsent}|13.6%`)
  expect(await step(page, 'sent')).toBe(`${sent}|77.3%`)
  expect(await step(page, 'accepted')).toBe(`${sent}|77.3%`)
  expect(await step(page, 'delivered')).toBe(`${truth.delivered}|36.7% of 30 trackable`)
  expect(await step(page, 'lost')).toBe(`${truth.lost}|53.3% of 30 trackable`)
  expect(await step(page, 'tried')).toBe(`${truth.wrongCodes + truth.verified}|`)
  expect(await step(page, 'verified')).toBe(`${truth.verified}|20.5%`)
  expect(await text(page, '[data-apart]')).toContain(`${truth.withheld} withheld`)
  expect(await rowsOf(page, 'funnel-table')).toEqual([
    ['SMS', '40', '4', '30', '11', '9', '30%'],
    ['E-mail', '4', '0', '4', 'unknown', '0', '0%'],
  ])

  const failures = (await rowsOf(page, 'failures-table')).map(
    ([kind, count, provider, code, told]) => [...[kind, count, provider, code, told]],
  )
  expect(failures).toEqual([
    ['Opted outThe person: has opted out', '16', 'sms-providerSMS', '21610', 'by receipt'],
    ['MisconfiguredYou: the account or its settings', '6', 'sms-providerSMS', '21608', 'at once'],
  ])
  expect(await page.getByRole('link', { name: /^Console:/ }).getAttribute('href')).toBe(
    'https://console.example.com/numbers',
  )
  expect(await text(page, '#failures .lead')).toBe('22 failures')

  expect(await text(page, '#refusals .lead')).toBe('6 refusals')
  expect(await text(page, '[data-refused="send:cooldown"] .number')).toBe('4')
  expect(await text(page, '[data-refused="verify:locked"] .number')).toBe('2')

  expect(await text(page, '[data-currency="USD"] .figure')).toBe('US$0.0611')
  expect(await text(page, '[data-currency="USD"]')).toContain('US$0.55 for 11 messages')
  expect(await text(page, '[data-unpriced]')).toContain('23 messages')

  const [sms, mail] = await rowsOf(page, 'providers-table')
  expect(sms?.slice(0, 5)).toEqual(['sms-provider', '88.2%', '30', '36.7%', '30%'])
  expect(sms?.slice(6)).toEqual(['22', 'US$0.55', 'US$0.0611'])
  expect(mail).toEqual(['mail-provider', '11.8%', '4', 'unknown', '0%', '–', '0', '–', '–'])
  expect((await rowsOf(page, 'countries-table')).map(([name, , count]) => [name, count])).toEqual([
    ['India', '30'],
    ['Unknown', '4'],
  ])
  expect(await text(page, '[data-notice="process"]')).toContain('This process only')
  expect(await page.locator('[data-notice]').count()).toBe(1)

  const [newest] = await rowsOf(page, 'feed-table')
  expect(newest?.[1]).toBe('Guess refusedlocked, for 180 days')
  expect(newest?.[2]).toBe('+91••••••••01India')
  expect(await text(page, '#actor')).toBe(
    'You are asha@example.com, and may look, find and unlock.',
  )
  expect(await page.content()).not.toMatch(/\+9198\d{8}/)
})

it('tells the chart in words and in a table, which a keyboard opens', async () => {
  const dashboard = await startDashboard()
  await misbehave(dashboard)
  const { page } = await dashboards.open(dashboard, {}, '?range=week')
  const chart = page.getByRole('img', { name: /^Line chart of the last week/ })
  expect(await chart.getAttribute('aria-label')).toMatch(
    /the time in which half verify rose, from [67](\.\d)? seconds to 2\d seconds\. The slowest tenth/,
  )
  expect(await chart.locator('canvas').count()).toBe(1)
  await page.locator('[data-key="times-button"]').focus()
  await page.keyboard.press('Enter')
  const rows = await rowsOf(page, 'times-table')
  expect(rows.map(([, count]) => count)).toEqual([
    String(truth.verified),
    String(truth.usual.verified),
  ])
})

it('shows whatever is written in an event as text', async () => {
  const dashboard = await startDashboard()
  const markup = '<img src=x onerror="document.title=\'taken\'"><script>alert(1)</script>'
  const event: HistoryEvent = {
    type: 'delivery_failed',
    at: dashboard.clock.now(),
    fingerprint: markup,
    recipient: markup,
    country: markup,
    purpose: markup,
    channel: markup,
    provider: markup,
    kind: markup,
    providerCode: markup,
    consolePage: `javascript:${markup}`,
    sent: 'no',
  }
  dashboard.plant(event)
  dashboard.plant({
    ...event,
    type: 'sent',
    delivery: 'accepted',
    price: { amount: 1, currency: markup },
  })
  dashboard.plant({ ...event, type: 'refused', action: 'send', reason: markup, limit: markup })
  dashboard.plant({ ...event, type: 'verified', elapsedMs: 5_000 })
  dashboard.plant({ ...event, type: 'suspected', rule: markup, level: markup, verdict: markup })
  dashboard.plant({ ...event, type: markup })
  const { page } = await dashboards.open(dashboard)
  expect(await page.locator('main img, main script, [onerror]').count()).toBe(0)
  expect(await page.title()).toBe('One-time codes, last day')
  for (const id of ['funnel', 'failures', 'refusals', 'feed', 'providers', 'countries', 'guard']) {
    expect(await page.locator(`#${id}`).textContent(), id).toContain('<img src=x')
  }
  expect(await page.locator('a[href^="javascript"]').count()).toBe(0)
  expect(await page.locator('option', { hasText: '<img' }).count()).toBe(4)
  await checkFits(page)
})

it.each([
  ['light', 1280, 'en-GB'],
  ['dark', 1280, 'en-GB'],
  ['light', 360, 'en-GB'],
  ['dark', 360, 'fa-IR'],
] as const)('looks right in every state: %s, %d px, %s', async (colorScheme, width, locale) => {
  const look = { colorScheme, width, height: 900, locale }
  const check = async (page: Page, state: string) => {
    await checkFindings(page)
    await checkFits(page)
    await picture(page, `${state}-${width}-${colorScheme}`)
  }
  const dashboard = await startDashboard()
  const empty = await dashboards.open(dashboard, look)
  await check(empty.page, 'empty')
  await misbehave(dashboard)
  const { page } = await dashboards.open(dashboard, look)
  await check(page, 'misbehaving')
})

it.each([1280, 360])('stands from right to left too, at %d px', async (width) => {
  const dashboard = await startDashboard()
  await misbehave(dashboard)
  const { page } = await dashboards.open(dashboard, { width, height: 900, locale: 'ar' })
  const startOf = (selector: string) =>
    page.locator(selector).evaluate((node) => node.getBoundingClientRect().left)
  expect(await startOf('h1')).toBeLessThan(width / 2)
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl'
  })
  await checkFits(page)
  expect(await startOf('h1')).toBeGreaterThan(width / 2)
  expect(await startOf('[data-step="sent"] .fill')).toBeGreaterThan(
    await startOf('[data-step="sent"] .value'),
  )
  await picture(page, `right-to-left-${width}`)
})

it('can be told apart without colours, and without a pointer scrolled', async () => {
  const dashboard = await startDashboard()
  await misbehave(dashboard)
  const { page } = await dashboards.open(dashboard)
  await page.emulateMedia({ forcedColors: 'active' })
  await checkFindings(page)
  await picture(page, 'forced-colours')
  expect(await page.locator('.scrolls:not([tabindex="0"])').count()).toBe(0)
})
