import { describe, expect, it } from 'vitest'
import { startJobAlerts } from '../job-alerts/start-job-alerts'
import { asAdmin, startBackend } from '../operators/start-backend'
import { startPhoneLogin } from '../phone-login/start-phone-login'
import { startHub } from '../service-hub/start-service-hub'
import { openApiProblems } from './openapi-problems'
import { type Client, frameworks } from './start-site'
import { tryEverything } from './try-docs'

const failed = (went: readonly string[]) =>
  went.filter((each) => !/ 20\d$/.test(each)).sort((one, other) => one.localeCompare(other))

async function sound({ get }: Pick<Client, 'get'>) {
  const { body, text } = await get('/openapi.json')
  expect(openApiProblems(body)).toEqual([])
  expect(text).not.toMatch(/9007199254740991/)
  const page = await get('/docs')
  expect(page.status).toBe(200)
  const loaded = Array.from(page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g), ([, to = '']) => to)
  for (const path of loaded) expect([path, (await get(path)).status]).toEqual([path, 200])
}

// What fails needs a code, or a session of somebody: nobody's first try succeeds there.
describe.each(frameworks)('what /docs fills in is taken, on %s:', (_name, framework) => {
  it('operators', async () => {
    const backend = await startBackend(framework, { otp: { exposeCode: true } })
    await backend.registeredUser({ username: 'first', company_name: 'First' })
    await sound(backend)
    const went = await tryEverything(backend, asAdmin)
    expect(went.length).toBeGreaterThan(25)
    expect(failed(went)).toEqual([
      'GET /api/users/me/ 403',
      'GET /operators/{id}/documents/{documentId} 404',
      'POST /admin/session 401',
      'POST /api/users/login-with-mobile/ 400',
      'POST /api/users/send-otp/ 429',
      'POST /api/users/verify-otp/ 400',
      'POST /auth/change-password 403',
      'POST /auth/login 401',
      'POST /auth/logout 403',
      'POST /auth/reset-password 400',
      'POST /auth/verify-otp 400',
      'POST /operators/{id}/documents 403',
      'POST /operators/{id}/reject 409',
      'POST /operators/me/contacts 403',
      'POST /operators/register 400',
    ])
  })

  it('job-alerts', async () => {
    const { get, request } = await startJobAlerts(framework)
    await sound({ get })
    const went = await tryEverything({ get, request })
    expect(went).toEqual([
      'POST /api/v1/auth/register 201',
      'POST /api/v1/auth/verify 400',
      'POST /api/v1/auth/resend-otp 429',
      'POST /api/v1/auth/login 401',
    ])
  })

  it('service-hub', async () => {
    const { get, request } = await startHub(framework, 'development')
    await sound({ get })
    const went = await tryEverything({ get, request })
    expect(went).toEqual(['POST /api/users/send-otp/ 200', 'POST /api/users/verify-otp/ 400'])
  })

  it('phone-login', async () => {
    const { get, request } = await startPhoneLogin({ framework })
    await sound({ get })
    const went = await tryEverything({ get, request })
    expect(went).toEqual([
      'POST /api/v1/usr/otp 200',
      'POST /api/v1/usr/otp/verify 400',
      'POST /api/v1/usr/token/refresh 401',
      'POST /api/v1/usr/logout 200',
      'GET /api/v1/usr/me 401',
    ])
  })
})

describe.each(frameworks)('the first page on %s', (_name, framework) => {
  it.each([
    ['job-alerts', (on: typeof framework) => startJobAlerts(on)],
    ['service-hub', (on: typeof framework) => startHub(on, 'development')],
  ])('of %s shows a first call that works, and where the API is', async (_example, start) => {
    const { url, get, request } = await start(framework)
    const page = await get('/')
    expect([page.status, page.headers.get('Content-Type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ])
    expect(page.text).toContain('<a class="main" href="/docs">')
    const command = page.text
      .slice(page.text.indexOf('curl'), page.text.indexOf('</code>'))
      .replaceAll('&#39;', "'")
      .replaceAll('&quot;', '"')
    const [, called = '', body = ''] = /^curl (\S+) .* -d '(.*)'$/.exec(command) ?? []
    expect(called.startsWith(`${url}/api/`)).toBe(true)
    const { status } = await request('POST', called.slice(url.length), JSON.parse(body))
    expect([200, 201]).toContain(status)
  })

  it.each([
    ['job-alerts', startJobAlerts],
    ['service-hub', (on: typeof framework) => startHub(on, 'production')],
    ['phone-login', (on: typeof framework) => startPhoneLogin({ framework: on })],
    ['operators', (on: typeof framework) => startBackend(on)],
  ])(
    'and others of %s: a page where there is nothing, and JSON for programs',
    async (_e, start) => {
      const { get } = await start(framework)
      const browser = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
      const page = await get('/nowhere', browser)
      expect([page.status, page.headers.get('Content-Type')]).toEqual([
        404,
        'text/html; charset=utf-8',
      ])
      expect(page.text).toMatch(/<a [^>]*href="\//)
      for (const accept of ['*/*', 'application/json', 'application/json, text/html;q=0.9', '']) {
        const answer = await get('/nowhere', { Accept: accept })
        expect([accept, answer.status, answer.text.slice(0, 1)]).toEqual([accept, 404, '{'])
      }
      const icon = await get('/favicon.ico')
      expect(icon.status).toBe(302)
      expect((await get(String(icon.headers.get('Location')))).headers.get('Content-Type')).toBe(
        'image/svg+xml',
      )
    },
  )
})
