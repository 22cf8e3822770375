import { describe, expect, it } from 'vitest'
import { onExpress } from '../http/express'
import type { WebFramework } from '../http/site'
import { startJobAlerts } from '../job-alerts/start-job-alerts'
import { asAdmin, metricsToken, startBackend, whatsapp } from '../operators/start-backend'
import { adminToken as phoneLoginToken, startPhoneLogin } from '../phone-login/start-phone-login'
import { phone as numberInBangladesh, startHub } from '../service-hub/start-service-hub'
import { type Client, frameworks } from '../testing/start-site'

const adminToken = 'an-administrators-token-for-tests-only-1234'
const basic = (login: string) => ({
  Authorization: `Basic ${Buffer.from(login).toString('base64')}`,
})
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
const html = { Accept: 'text/html' }

interface Example {
  /** What it answers requests with, once it has sent one code. */
  start(framework: WebFramework): Promise<Pick<Client, 'get' | 'request'>>
  readonly admin: Readonly<Record<string, string>>
  readonly person: { readonly to: string; readonly channel: 'sms'; readonly purpose: string }
  readonly metricsToken: string
}

const byPassword = basic(`admin:${adminToken}`)
const examples: readonly (readonly [string, Example])[] = [
  [
    'operators',
    {
      start: async (framework) => {
        const backend = await startBackend(framework)
        await backend.receive(whatsapp)
        await backend.verify({ ...whatsapp, otp: '000000' })
        return backend
      },
      person: { to: '+919876543210', channel: 'sms', purpose: 'operator_registration' },
      admin: asAdmin,
      metricsToken,
    },
  ],
  [
    'phone-login',
    {
      start: async (framework) => {
        const site = await startPhoneLogin({ framework })
        await site.send()
        await site.verify('000000')
        return site
      },
      person: { to: '+989121234567', channel: 'sms', purpose: 'login' },
      admin: basic(`admin:${phoneLoginToken}`),
      metricsToken: phoneLoginToken,
    },
  ],
  [
    'job-alerts',
    {
      start: async (framework) => {
        const site = await startJobAlerts(framework)
        await site.register()
        return site
      },
      person: { to: '+12025550123', channel: 'sms', purpose: 'account_verification' },
      admin: byPassword,
      metricsToken: adminToken,
    },
  ],
  [
    'service-hub',
    {
      start: async (framework) => {
        const { request, get, post } = await startHub(framework, 'production')
        await post('send-otp', { phone: numberInBangladesh })
        return { request, get }
      },
      person: { to: '+8801719159900', channel: 'sms', purpose: 'phone_verification' },
      admin: byPassword,
      metricsToken: adminToken,
    },
  ],
]

describe.each(frameworks)('on %s', (_framework, framework) => {
  describe.each(examples)(
    'the dashboard of %s',
    (name, { start, admin, person, metricsToken: token }) => {
      it('is for administrators alone', async () => {
        const { get, request } = await start(framework)
        const strangers = [
          {},
          basic(`admin:${adminToken}x`),
          basic(`root:${adminToken}`),
          basic('admin:'),
          basic(adminToken),
          bearer(`${adminToken}x`),
          { Authorization: 'Basic' },
        ]
        for (const path of ['/admin/otp', '/admin/otp/', '/admin/otp/data/funnel']) {
          for (const headers of strangers) {
            const { status, text } = await get(path, headers)
            // Browsers are asked for the password, or sent to the page that asks.
            const isData = path.includes('/data/')
            const refused = isData ? 403 : 303
            expect(status).toBe(name === 'operators' ? refused : 401)
            expect(text).not.toContain('sent')
          }
        }
        const action = await request('POST', '/admin/otp/actions/unlock', { to: '+12025550123' })
        expect([401, 403]).toContain(action.status)
        const page = await get('/admin/otp/', html)
        if (name === 'operators') {
          expect([page.status, page.headers.get('Location')]).toEqual([303, '/admin'])
        } else {
          expect(page.headers.get('WWW-Authenticate')).toMatch(/^Basic realm="/)
        }
      })

      it('shows administrators what happened to codes', async () => {
        const { get } = await start(framework)
        const moved = await get('/admin/otp', { ...admin, ...html })
        expect(moved.status).toBe(308)
        const page = await get('/admin/otp/', { ...admin, ...html })
        expect([page.status, page.headers.get('Content-Type')]).toEqual([
          200,
          'text/html; charset=utf-8',
        ])
        expect(page.headers.get('Content-Security-Policy')).toContain("script-src 'self'")
        const funnel = await get('/admin/otp/data/funnel', admin)
        expect(funnel.body).toMatchObject({ total: { sent: 1 } })
      })

      it('finds a person, for administrators', async () => {
        const { request } = await start(framework)
        const headers = { ...admin, 'Sec-Fetch-Site': 'same-origin' }
        const found = await request('POST', '/admin/otp/actions/find', person, headers)
        expect([found.status, found.text.includes('"explained"')]).toEqual([200, true])
        const elsewhere = { ...admin, 'Sec-Fetch-Site': 'cross-site' }
        const refused = await request('POST', '/admin/otp/actions/find', person, elsewhere)
        expect(refused.status).toBe(403)
      })

      it('has the numbers at /metrics too, for its token', async () => {
        const { get } = await start(framework)
        for (const headers of [{}, bearer(`${token}x`), bearer(''), basic(`admin:${token}x`)]) {
          const refused = await get('/metrics', headers)
          expect([refused.status, refused.body]).toEqual([401, { detail: 'Wrong token' }])
        }
        const { status, headers, text } = await get('/metrics', bearer(token))
        expect([status, headers.get('Content-Type')]).toEqual([
          200,
          'text/plain; version=0.0.4; charset=utf-8',
        ])
        expect(text).toMatch(/^otpkit_messages_total\{.*\} 1$/m)
        expect(text).not.toMatch(/\d{10}/)
      })
    },
  )
})

describe('addresses of before', () => {
  it.each([
    ['/admin/statistics', () => startBackend(onExpress)],
    ['/admin/accounts/otptoken/', () => startPhoneLogin()],
  ])('%s leads to the dashboard', async (path, start) => {
    const { get } = await start()
    const { status, headers } = await get(path)
    expect([status, headers.get('Location')]).toEqual([302, '/admin/otp'])
  })
})
