import { createServer } from 'node:http'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { phone } from '../fixture'
import { lockedPhone, misbehave } from './misbehaving-run'
import { listen } from './serve-dashboard'
import {
  checkFindings,
  loaded,
  openDashboards,
  picture,
  rowsOf,
  startDashboard,
} from './start-dashboard'

const dashboards = openDashboards()

const messages = (page: Page) => page.locator('[data-vital="messages"] .figure')

async function lookUp(page: Page, to: string): Promise<void> {
  await page.locator('#find-to').fill(to)
  await page.locator('#find-to').press('Enter')
  await page.locator('#found h3:focus').waitFor()
}

it('goes on asking: for the feed every 5 s unless paused, for the numbers every 30 s', async () => {
  const dashboard = await startDashboard()
  const { page } = await dashboards.open(dashboard, {}, '', { clock: true })
  await dashboard.send()
  await page.clock.fastForward(5_000)
  await page.locator('[data-key="feed-table"]').getByText('Sent').waitFor()
  expect(await messages(page).textContent()).toBe('0')
  const pause = page.getByRole('button', { name: 'Pause' })
  await pause.click()
  expect(await pause.getAttribute('aria-pressed')).toBe('true')
  await dashboard.otp.cancel({ to: phone, purpose: 'login' })
  await page.clock.fastForward(30_000)
  await messages(page).getByText('1', { exact: true }).waitFor()
  expect(await rowsOf(page, 'feed-table')).toHaveLength(1)
  await pause.click()
  await page.locator('[data-key="feed-table"]').getByText('Canceled').waitFor()
})

it('leaves alone what somebody has opened and stands on, while numbers change', async () => {
  const dashboard = await startDashboard()
  const first = await dashboard.receive()
  await dashboard.verify(first.code)
  const { page } = await dashboards.open(dashboard, {}, '', { clock: true })
  const button = page.locator('[data-key="times-button"]')
  await button.click()
  dashboard.clock.advance(60_000)
  await dashboard.verify((await dashboard.receive()).code)
  await page.clock.fastForward(30_000)
  await messages(page).getByText('2', { exact: true }).waitFor()
  const rows = page.locator('[data-key="times-table"] tbody tr')
  await rows.getByText('2', { exact: true }).waitFor()
  expect(await rows.count()).toBe(1)
  expect(await page.locator('[data-key="times"][open]').count()).toBe(1)
  expect(await page.locator('[data-key="times-button"]:focus').count()).toBe(1)
})

it('a history that is down is told, at the start and later, and what stood there stays', async () => {
  const dashboard = await startDashboard()
  dashboard.down.history = true
  const { page, takeProblems } = await dashboards.open(dashboard, {}, '', { clock: true })
  const notice = page.locator('[data-notice="history"]')
  expect(await notice.textContent()).toBe(
    'The history does not answer. Codes are sent and verified without it.',
  )
  expect(await page.locator('#now .body').textContent()).toBe('No answer.')
  expect(await page.locator('#fresh').textContent()).toBe('No numbers yet')
  await checkFindings(page)
  await picture(page, 'down-from-the-start')
  // Sending and verifying do not notice.
  const { code } = await dashboard.receive()
  expect(await dashboard.verify(code)).toMatchObject({ ok: true })

  dashboard.down.history = false
  await page.getByRole('button', { name: 'Reload' }).click()
  await messages(page).getByText('1', { exact: true }).waitFor()
  await notice.waitFor({ state: 'detached' })

  dashboard.down.history = true
  await page.clock.fastForward(30_000)
  await notice.waitFor()
  const asOf = await page.evaluate(
    (at) => new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' }),
    dashboard.clock.now(),
  )
  expect(await notice.textContent()).toContain(`What stands here is as of ${asOf}.`)
  expect(await page.locator('#fresh').textContent()).toBe(`Not up to date: as of ${asOf}`)
  expect(await messages(page).textContent()).toBe('1')
  await checkFindings(page)
  await picture(page, 'stale')

  dashboard.down.history = false
  dashboard.viewer.isSignedIn = false
  await page.clock.fastForward(30_000)
  await page.locator('[data-notice="forbidden"]').getByText('Sign in again').waitFor()
  // The feed may have asked while the history was down, and been answered after.
  const problems = takeProblems()
  expect(problems.filter((problem) => !problem.startsWith('503 for '))).toEqual([])
  expect(problems).not.toEqual([])
})

it('tells of a server that is gone', async () => {
  const dashboard = await startDashboard()
  const { page, takeProblems } = await dashboards.open(dashboard, {}, '', { clock: true })
  await page.route('**/data/**', (route) => route.abort())
  await page.clock.fastForward(30_000)
  await page.locator('[data-notice="unreachable"]').getByText('goes on asking').waitFor()
  await page.unroute('**/data/**')
  await page.clock.fastForward(30_000)
  await page.locator('[data-notice="unreachable"]').waitFor({ state: 'detached' })
  takeProblems()
})

it('shows that it is loading', async () => {
  const dashboard = await startDashboard()
  const { page } = await dashboards.newPage({ width: 1280, height: 900 })
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route('**/data/**', async (route) => {
    await released
    await route.continue()
  })
  await page.goto(dashboard.url)
  await page.locator('#now .body').getByText('Loading…').waitFor()
  expect(await page.locator('main [aria-busy="true"]').count()).toBe(10)
  await checkFindings(page)
  await picture(page, 'loading')
  release()
  await loaded(page)
})

it('keeps what is shown in the address, and nothing odd of it', async () => {
  const dashboard = await startDashboard()
  await misbehave(dashboard)
  const { page } = await dashboards.open(dashboard)
  await page.getByRole('radio', { name: 'Week' }).check()
  await page.locator('#filters select[name=channel]').selectOption('email')
  await messages(page).getByText('4', { exact: true }).waitFor()
  await loaded(page)
  expect(new URL(page.url()).search).toBe('?range=week&channel=email')
  await page.locator('#told').getByText('Shown: last week, E-mail.').waitFor({ state: 'attached' })
  await page.getByRole('radio', { name: 'Purpose' }).check()
  await page.locator('[data-key="funnel-table"] thead').getByText('Purpose').waitFor()
  await page.reload()
  await loaded(page)
  expect(await page.locator('#filters [name=channel]').inputValue()).toBe('email')
  expect((await rowsOf(page, 'funnel-table')).map(([name, asked]) => [name, asked])).toEqual([
    ['signup', '4'],
  ])
  expect(await page.title()).toBe('One-time codes, last week, E-mail')
  await page.goBack()
  await page.goBack()
  await messages(page).getByText('34').waitFor()
  expect(new URL(page.url()).search).toBe('?range=week')

  await page.goto(
    `${dashboard.url}?range=millennium&by=fingerprint&to=1&channel=&country=Atlantis&x=1`,
  )
  await loaded(page)
  expect(await page.locator('[name=range]:checked').inputValue()).toBe('day')
  expect(await page.locator('#funnel .empty').textContent()).toContain('Nobody has asked')
  expect(await page.locator('[name=country]').inputValue()).toBe('Atlantis')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await messages(page).getByText('34').waitFor()
  expect(new URL(page.url()).search).toBe('')
  const long = 'x'.repeat(300)
  await page.goto(`${dashboard.url}?purpose=${long}`)
  await page.locator('[data-notice="refused"]').getByText('cannot be used').waitFor()
})

it('by keyboard alone: one person is found, explained and unlocked', async () => {
  const dashboard = await startDashboard()
  await misbehave(dashboard)
  const { page } = await dashboards.open(dashboard)
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the numbers')
  await page.keyboard.press('Enter')
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab')
    if (await page.locator('#find-to:focus').count()) break
  }
  await page.keyboard.type('98000 00001')
  await page.keyboard.press('Enter')
  await page.locator('#find-problem').getByText('country code').waitFor()
  expect(await page.locator('#find-to:focus').getAttribute('aria-invalid')).toBe('true')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('+91 98000-00001')
  await page.keyboard.press('Enter')
  await page.locator('#found h3:focus').waitFor()
  expect(await page.locator('#found h3').textContent()).toBe('+91••••••••01 India Locked')
  expect(await page.locator('.sentences li').allTextContents()).toEqual([
    'Locked after 100 wrong codes, for another 180 days unless unlocked.',
    'Neither a message nor a guess is let through.',
    'No code is alive that this page can see. The next one has 8 characters.',
  ])
  expect(await page.locator('.timeline li').count()).toBe(2)
  expect(await page.locator('.timeline .chip').allTextContents()).toEqual([
    'Guess refused',
    'Guess refused',
  ])
  await checkFindings(page)
  await picture(page, 'person-locked')

  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.locator('#confirm[open]').waitFor()
  expect(await page.locator('#confirm-text').textContent()).toContain(
    '100 wrong codes of +91••••••••01',
  )
  await checkFindings(page)
  await picture(page, 'unlock')
  await page.keyboard.press('Escape')
  await page.locator('#unlock:focus').waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.locator('#said').waitFor()
  expect(await page.locator('#said').textContent()).toBe(
    '+91••••••••01 is unlocked: 100 wrong codes are forgiven.',
  )
  expect(await page.locator('#found h3:focus').textContent()).toContain('Not locked')
  expect(await page.locator('.sentences li').first().textContent()).toBe(
    'No wrong code is on the ledger.',
  )
  expect((await page.locator('.timeline li').allTextContents()).slice(0, 2)).toEqual([
    expect.stringContaining('Unlocked by asha@example.com'),
    expect.stringContaining('Looked up by asha@example.com'),
  ])
  await picture(page, 'unlocked')
  // Who was looked for is nowhere but in the form.
  expect(page.url()).toBe(`${dashboard.url}#main`)
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0)
})

it('in a second tab that shows the lock still, unlocking again does no harm', async () => {
  const dashboard = await startDashboard()
  await misbehave(dashboard)
  const { page } = await dashboards.open(dashboard)
  const other = await page.context().newPage()
  await other.goto(dashboard.url)
  await loaded(other)
  for (const tab of [page, other]) await lookUp(tab, lockedPhone)
  for (const tab of [page, other]) {
    await tab.locator('#unlock').click()
    await tab.locator('#confirm button[value=unlock]').click()
    await tab.locator('#said').waitFor()
    expect(await tab.locator('#found h3').textContent()).toContain('Not locked')
  }
})

it('offers only what authorize grants', async () => {
  const dashboard = await startDashboard([])
  await misbehave(dashboard)
  const { page } = await dashboards.open(dashboard)
  expect(await page.locator('#find').isHidden()).toBe(true)
  expect(await page.locator('#found').textContent()).toBe(
    'You may not look people up: authorize does not grant find.',
  )
  dashboard.viewer.can = ['find']
  await page.reload()
  await loaded(page)
  await lookUp(page, lockedPhone)
  expect(await page.locator('#unlock').count()).toBe(0)
  const status = await page.evaluate(
    async (to) =>
      (
        await fetch('actions/unlock', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ to }),
        })
      ).status,
    lockedPhone,
  )
  expect(status).toBe(403)
})

it('a form of another site unlocks nobody, and no frame of it shows the page', async () => {
  const dashboard = await startDashboard()
  await misbehave(dashboard)
  const { page, takeProblems } = await dashboards.newPage({ width: 800, height: 600 })
  const attacker = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<iframe src="${dashboard.url}"></iframe>`)
  })
  const { port, close } = await listen(attacker)
  onTestFinished(close)
  // Another site by its name, though it is this machine.
  await page.goto(`http://localhost:${port}/`)
  const body = JSON.stringify({ to: lockedPhone })
  for (const path of ['actions/unlock', 'actions/find']) {
    const seen = await page.evaluate(
      ([url, text]) =>
        // It arrives; of the answer other sites learn nothing, not even that there was one.
        fetch(String(url), { method: 'POST', mode: 'no-cors', body: String(text) }).then(
          () => 'answered',
          () => 'withheld',
        ),
      [`${dashboard.url}${path}`, body],
    )
    expect(seen).toBe('withheld')
  }
  const [frame] = page.frames().slice(1)
  expect(await frame?.evaluate(() => document.querySelectorAll('main').length)).toBe(0)
  takeProblems()
  const explained = await dashboard.otp.explain({
    ...{ to: lockedPhone, channel: 'sms', purpose: 'login', ip: null },
  })
  expect(explained).toMatchObject({ failures: 100 })
  const events = await dashboard.history.events()
  expect(events.filter(({ type }) => ['unlocked', 'looked_up'].includes(type))).toEqual([])
})
