import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { chromiumPath } from '../../../test/servers/chromium'
import { eventually } from '../../../test/servers/process'
import { onExpress } from '../http/express'
import type { Reply } from '../http/route'
import { plainRefusal } from '../http/site'
import { checkAccessibility, checkFits, openBrowser } from './browser'
import { startSite } from './start-site'

const browser = openBrowser()
const look = { width: 390, height: 844 }

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
const page = (body: string) => `<!doctype html>
<html lang="en"><head><title>Planted</title></head><body><main><h1>Planted</h1>${body}</main></body></html>`

/** A site with this page, and this script at `/script.js`. */
async function open(body: string, script = '') {
  const file = (path: string, type: string, content: string) => ({
    method: 'GET' as const,
    path,
    handle: async (): Promise<Reply> => ({
      status: 200,
      headers: { 'Content-Type': `${type}; charset=utf-8`, 'Content-Security-Policy': policy },
      content,
    }),
  })
  const refusing = (code: 400 | 503) => ({
    method: 'GET' as const,
    path: `/${code}`,
    handle: async () => plainRefusal({ code, message: 'No' }),
  })
  const { url } = await startSite(onExpress, {
    routes: [
      file('/', 'text/html', page(body)),
      file('/script.js', 'text/javascript', script),
      file('/style.css', 'text/css', 'p { color: black }'),
      refusing(400),
      refusing(503),
    ],
    refuse: plainRefusal,
    log: () => {},
    trustedProxies: 0,
  })
  const opened = await browser.newPage(look)
  await opened.page.goto(url)
  // On a busy machine half a second without a request may pass before a script has asked for one.
  const problemsSoon = () =>
    eventually(async () => {
      const problems = opened.takeProblems()
      if (problems.length === 0) throw new Error('nothing is noticed')
      return problems
    })
  return { ...opened, problemsSoon }
}

const withScript = (script: string) => open('<script src="/script.js"></script>', script)

describe('the browser of the tests', () => {
  it('has nothing to say of a page that is in order', async () => {
    const { page, takeProblems } = await open(
      '<link rel="stylesheet" href="/style.css"><p>Fine.</p>',
    )
    await checkAccessibility(page)
    await checkFits(page)
    expect(takeProblems()).toEqual([])
  })

  it.each([
    ['a console error', 'console.error("planted")', /^Console: planted$/],
    [
      'an error that nobody catches',
      'setTimeout(() => planted())',
      /^Error: planted is not defined/,
    ],
    ['a rejection that nobody handles', 'Promise.reject(new Error("planted"))', /^Error: planted$/],
    ['an answer of 5xx', 'fetch("/503").then((answer) => answer.text())', /^503 for http/],
  ])('notices %s', async (_what, script, problem) => {
    const { problemsSoon } = await withScript(script)
    expect(await problemsSoon()).toEqual([expect.stringMatching(problem)])
  })

  it.each([
    ['an inline script', '<script>document.title = "changed"</script>'],
    ['an inline style', '<p style="color: red">Red</p>'],
    ['an image from elsewhere', '<img src="http://127.0.0.1:1/planted.png" alt="Planted">'],
  ])('notices that the policy of the page forbids %s', async (_what, body) => {
    const { problemsSoon } = await open(body)
    expect(await problemsSoon()).toEqual([expect.stringContaining('Content Security Policy')])
  })

  it('notices a file that is missing', async () => {
    const { takeProblems } = await open('<script src="/missing.js"></script>')
    expect(takeProblems()).toContainEqual(expect.stringMatching(/^404 for .*missing\.js$/))
  })

  it('leaves a refused request to the test', async () => {
    const asks = 'fetch("/400").then(() => { document.title = "answered" })'
    const { page, takeProblems } = await withScript(asks)
    await page.waitForFunction(() => document.title === 'answered')
    expect(takeProblems()).toEqual([])
  })

  it.fails('fails the test whose page has a problem', async () => {
    const { page } = await withScript('console.error("planted"); document.title = "done"')
    await page.waitForFunction(() => document.title === 'done')
  })

  it.each([
    ['a field without a name', '<input type="text">', 'label'],
    ['a picture without words', '<a href="/"><img src="data:,"></a>', 'image-alt'],
    ['a button without words', '<button></button>', 'button-name'],
  ])('finds %s', async (_what, body, rule) => {
    const { page, takeProblems } = await open(body)
    await expect(checkAccessibility(page)).rejects.toThrow(`(${rule})`)
    takeProblems()
  })

  it('finds what is wider than its window', async () => {
    const { page } = await open(`<p>${'wide'.repeat(200)}</p>`)
    await expect(checkFits(page)).rejects.toThrow(/^The page is \d+ px wide, of 390$/)
  })

  it('is refused by the name of its variable when that names none', async () => {
    vi.stubEnv('OTPKIT_TEST_CHROMIUM', '/nowhere/chromium')
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    await expect(chromiumPath()).rejects.toThrow(/^OTPKIT_TEST_CHROMIUM must be the path/)
  })

  it('looks at the page as it is told', async () => {
    const { page } = await browser.newPage({ ...look, colorScheme: 'dark', locale: 'fa-IR' })
    const seen = await page.evaluate(() => ({
      isDark: matchMedia('(prefers-color-scheme: dark)').matches,
      language: navigator.language,
      width: innerWidth,
    }))
    expect(seen).toEqual({ isDark: true, language: 'fa-IR', width: 390 })
  })
})
