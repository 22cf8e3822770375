import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import { createSessions } from './sessions'
import { adminToken, asAdmin, type Backend, startBackend } from './start-backend'

const wrongToken = { code: 401, message: 'Wrong token' }

/** The cookie of an administrator, as a browser sends it back. */
async function adminCookie({ post }: Pick<Backend, 'post'>) {
  const { headers } = await post('/admin/session', { token: adminToken })
  return headers.get('Set-Cookie')?.split(';')[0] ?? ''
}

describe.each(frameworks)('administrators on %s', (_name, framework) => {
  const routes = [
    ['GET', '/operators/'],
    ['GET', '/admin/operator-counts'],
    ['POST', '/admin/why-no-code'],
    ['POST', '/operators/1/activate'],
    ['POST', '/operators/1/suspend'],
    ['POST', '/operators/1/reject'],
  ] as const

  it('alone use their routes, before anything else of a request is looked at', async () => {
    const { request, registeredUser } = await startBackend(framework)
    const { session } = await registeredUser()
    for (const [method, path] of routes) {
      const body = method === 'POST' ? { reason: 17 } : undefined
      expect((await request(method, path, body)).status).toBe(401)
      expect((await request(method, path, body, session)).body).toMatchObject({
        code: 403,
        message: 'This is for administrators',
      })
    }
  })

  it('sign in by token or cookie', async () => {
    const backend = await startBackend(framework)
    const { get, post } = backend
    const refused = await post('/admin/session', { token: `${adminToken}x` })
    expect([refused.status, refused.body]).toMatchObject([401, wrongToken])
    expect(refused.headers.get('Set-Cookie')).toBeNull()
    for (const admin of [asAdmin, { Cookie: await adminCookie(backend) }]) {
      expect((await get('/operators/', admin)).body).toEqual([])
    }
    expect((await get('/operators/me', asAdmin)).status).toBe(404)
  })

  it('are who they are where their browser is an operator’s too', async () => {
    const backend = await startBackend(framework)
    const { get, registeredUser } = backend
    const { id, session } = await registeredUser()
    const token = session.Authorization.slice('Bearer '.length)
    const both = { Cookie: `${await adminCookie(backend)}; operator_session=${token}` }
    expect((await get('/operators/', both)).status).toBe(200)
    expect((await get('/operators/me', both)).body).toMatchObject({ id })
    expect((await get('/api/users/me', both)).body).toMatchObject({ username: 'ravi' })
  })
})

it('an administrator’s session ends with the token that opened it', async () => {
  const sessionsWith = (token: string) =>
    createSessions({
      secret: 'a-secret-for-tests-only-0123456789abcdef',
      adminToken: token,
      accounts: { byUserId: async () => undefined },
      secureCookies: false,
      now: () => new Date(),
    })
  const opened = await sessionsWith(adminToken).issueAdmin(adminToken)
  const [cookie = ''] = opened?.['Set-Cookie'].split(';') ?? []
  const call = {
    requestId: '1',
    method: 'GET',
    ip: null,
    parameters: {},
    query: {},
    body: undefined,
    header: (name: string) => (name === 'cookie' ? cookie : undefined),
  } as const
  expect(await sessionsWith(adminToken).viewerOf(call, 'admin')).toEqual({ role: 'admin' })
  expect(
    await sessionsWith('another-administrators-token-0123456789').viewerOf(call, 'admin'),
  ).toMatchObject({
    code: 401,
  })
})
