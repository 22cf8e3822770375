import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import { adminToken, asAdmin, type Backend, startBackend, user, whatsapp } from './start-backend'

const hour = 60 * 60_000
const wrongToken = { code: 401, message: 'Wrong token' }
const jwt = '[\\w-]+\\.[\\w-]+\\.[\\w-]+'
const attributes = 'Path=/; HttpOnly; SameSite=Strict; Max-Age=28800'
type Headers = Readonly<Record<string, string>>

const statusOf = async ({ get }: Backend, session: Headers) =>
  (await get('/operators/me', session)).status

/** The cookie that an answer sets, as a browser sends it back. */
const cookieOf = ({ headers }: { readonly headers: globalThis.Headers }) =>
  headers.get('Set-Cookie')?.split(';')[0] ?? ''

const adminCookie = async ({ post }: Backend) =>
  cookieOf(await post('/admin/session', { token: adminToken }))

describe.each(frameworks)('cookies of sessions on %s', (_name, framework) => {
  it.each([
    [false, '', ''],
    [true, '__Host-', '; Secure'],
  ])(
    'are for this site alone, and for no script (TLS: %j)',
    async (secureCookies, prefix, last) => {
      const backend = await startBackend(framework, { secureCookies })
      const { post, registered, receive, clock } = backend
      const setBy = (answer: Awaited<ReturnType<typeof post>>) => answer.headers.get('Set-Cookie')
      await registered()
      clock.advance(30_000)
      const signedIn = await post('/auth/login', {
        ...whatsapp,
        otp: await receive(whatsapp, 'login'),
      })
      expect(setBy(signedIn)).toMatch(
        new RegExp(`^${prefix}operator_session=${jwt}; ${attributes}${last}$`),
      )
      const admin = await post('/admin/session', { token: adminToken })
      expect(setBy(admin)).toMatch(
        new RegExp(`^${prefix}admin_session=${jwt}; ${attributes}${last}$`),
      )

      const session = { Cookie: cookieOf(signedIn), 'Sec-Fetch-Site': 'same-origin' }
      const ended = attributes.replace('28800', '0') + last
      expect(setBy(await post('/auth/logout', undefined, session))).toBe(
        `${prefix}operator_session=; ${ended}`,
      )
      const adminEnded = await backend.request('DELETE', '/admin/session')
      expect(setBy(adminEnded)).toBe(`${prefix}admin_session=; ${ended}`)
    },
  )

  it('are refused where two have one name, which a neighbouring host may have set', async () => {
    const backend = await startBackend(framework)
    const { get, registered, registeredUser, signedIn } = backend
    await registered()
    const { Authorization = '' } = await signedIn()
    const own = `operator_session=${Authorization.slice('Bearer '.length)}`
    const stranger = await registeredUser({ username: 'stranger' })
    const theirs = `operator_session=${stranger.session.Authorization?.slice('Bearer '.length)}`
    const statusOf = async (Cookie: string) => (await get('/operators/me', { Cookie })).status
    expect(await statusOf(`${own}; other=1; other=2`)).toBe(200)
    expect(await statusOf(`${own}; ${theirs}`)).toBe(401)
    expect(await statusOf(`${theirs}; ${own}`)).toBe(401)
  })

  /** Asks for three changes with cookies alone, from where a browser says that it does. */
  async function changeFrom(backend: Backend, session: Headers, from: Headers) {
    const { request } = backend
    const token = session.Authorization?.slice('Bearer '.length)
    const asOperator = { Cookie: `operator_session=${token}`, ...from }
    const asAdministrator = { Cookie: await adminCookie(backend), ...from }
    return [
      await request('PATCH', '/operators/me', { city: 'Pune' }, asOperator),
      await request('POST', '/operators/1/activate', undefined, asAdministrator),
      await request('POST', '/auth/logout', undefined, asOperator),
    ].map(({ status }) => status)
  }

  it('change nothing for a page of another site, or for nobody knows whom', async () => {
    const backend = await startBackend(framework)
    const { session } = await backend.registeredUser()
    const here = backend.url
    const elsewhere: readonly Headers[] = [
      {},
      { 'Sec-Fetch-Site': 'cross-site', Origin: here },
      { 'Sec-Fetch-Site': 'same-site', Origin: here },
      { 'Sec-Fetch-Site': 'none' },
      { Origin: 'https://attacker.example' },
      { Origin: here.replace(/:\d+$/, ':1') },
      { Origin: `${here}.attacker.example` },
      { Origin: 'null' },
      { Origin: '' },
    ]
    for (const from of elsewhere) {
      expect(await changeFrom(backend, session, from)).toEqual([401, 401, 401])
    }
    const account = await backend.get('/operators/me', session)
    expect(account.body).toMatchObject({ city: null, status: 'PENDING' })
  })

  it.each(['Sec-Fetch-Site', 'Origin'])(
    'act for pages of this site, known by %s',
    async (header) => {
      const backend = await startBackend(framework)
      const { session } = await backend.registeredUser()
      const here = header === 'Origin' ? backend.url : 'same-origin'
      expect(await changeFrom(backend, session, { [header]: here })).toEqual([200, 200, 200])
      const account = await backend.get('/operators/1', asAdmin)
      expect(account.body).toMatchObject({ city: 'Pune', status: 'ACTIVE' })
    },
  )
})

describe.each(frameworks)('sessions on %s', (_name, framework) => {
  const newPassword = 'another long password'
  const endings: Readonly<
    Record<string, (backend: Backend, session: Headers) => Promise<unknown>>
  > = {
    'a log-out': ({ post }, session) => post('/auth/logout', undefined, session),
    'a password change': ({ post }, session) =>
      post(
        '/auth/change-password',
        { current_password: user.password, new_password: newPassword },
        session,
      ),
  }

  it.each(Object.entries(endings))('end with %s, also in other places', async (_about, end) => {
    const backend = await startBackend(framework)
    const { session } = await backend.registeredUser()
    const cookie = { Cookie: `operator_session=${session.Authorization.slice(7)}` }
    expect([await statusOf(backend, session), await statusOf(backend, cookie)]).toEqual([200, 200])
    await end(backend, session)
    expect([await statusOf(backend, session), await statusOf(backend, cookie)]).toEqual([401, 401])
  })

  it.each(['suspend', 'reject'])(
    'end with a decision to %s, also once it is undone',
    async (verb) => {
      const backend = await startBackend(framework)
      const { id, session } = await backend.registeredUser()
      await backend.post(`/operators/${id}/${verb}`, { reason: 'A reason' }, asAdmin)
      expect(await statusOf(backend, session)).toBe(401)
      await backend.post(`/operators/${id}/activate`, undefined, asAdmin)
      expect(await statusOf(backend, session)).toBe(401)
    },
  )

  it('end with a password reset, which the new password follows', async () => {
    const backend = await startBackend(framework)
    const { post, registered, signedIn, receive, clock, notices } = backend
    const { login_credentials } = await registered()
    const session = await signedIn()
    clock.advance(60_000)
    notices.length = 0
    const reset = { ...whatsapp, otp: await receive(whatsapp, 'password_reset') }
    const answer = await post('/auth/reset-password', { ...reset, new_password: newPassword })
    expect([answer.status, answer.body]).toMatchObject([200, { data: null }])
    expect(await statusOf(backend, session)).toBe(401)
    expect(notices).toMatchObject([{ channel: 'whatsapp', subject: 'Your password was changed' }])
    const { email: username, temporary_password } = login_credentials
    for (const [password, status] of [
      [temporary_password, 401],
      [newPassword, 200],
    ]) {
      expect((await post('/auth/login', { username, password })).status).toBe(status)
    }
  })

  it('go on after a password change with the new token, and a wrong password changes nothing', async () => {
    const backend = await startBackend(framework)
    const { post, registeredUser } = backend
    const { session } = await registeredUser()
    const change = (current_password: string) =>
      post('/auth/change-password', { current_password, new_password: newPassword }, session)
    expect((await change('a guess')).body).toMatchObject({
      code: 400,
      errors: [{ field: 'current_password', message: 'Wrong password' }],
    })
    expect(await statusOf(backend, session)).toBe(200)
    const changed = await change(user.password)
    expect(await statusOf(backend, { Cookie: cookieOf(changed) })).toBe(200)
  })

  it('limit password changes, each of which sends a message', async () => {
    const { post, registeredUser } = await startBackend(framework, { narrow: { from: 10, to: 1 } })
    const { session } = await registeredUser()
    const change = (from: string, to: string, by: Headers) =>
      post('/auth/change-password', { current_password: from, new_password: to }, by)
    const changed = await change(user.password, newPassword, session)
    expect(changed.status).toBe(200)
    const next = { Cookie: cookieOf(changed), 'Sec-Fetch-Site': 'same-origin' }
    expect((await change(newPassword, user.password, next)).status).toBe(429)
  })

  it('last eight hours', async () => {
    const backend = await startBackend(framework)
    const { session } = await backend.registeredUser()
    const admin = { Cookie: await adminCookie(backend) }
    backend.clock.advance(8 * hour - 1000)
    expect(await statusOf(backend, session)).toBe(200)
    expect((await backend.get('/operators/', admin)).status).toBe(200)
    backend.clock.advance(1000)
    expect(await statusOf(backend, session)).toBe(401)
    expect((await backend.get('/operators/', admin)).status).toBe(401)
  })

  it('S14 are never made of a token that is forged, altered or meant for something else', async () => {
    const backend = await startBackend(framework)
    const { get, registeredUser } = backend
    const { session } = await registeredUser()
    const token = session.Authorization.slice('Bearer '.length)
    const [header, , signature] = token.split('.')
    const claims = { version: 0, sub: '1', aud: 'operator', iat: 1, exp: 9_999_999_999 }
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
    const key = new TextEncoder().encode('a-secret-for-tests-only-0123456789abcdef')
    const forgeries = [
      new UnsecuredJWT(claims).encode(),
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(key),
      `${header}.${payload}.${signature}`,
      token.slice(0, -1),
      'undefined',
      '',
    ]
    const admins = (await adminCookie(backend)).slice('admin_session='.length)
    for (const forged of [...forgeries, admins]) {
      const bearer = await get('/operators/me', { Authorization: `Bearer ${forged}` })
      const cookie = await get('/operators/me', { Cookie: `operator_session=${forged}` })
      expect([bearer.status, cookie.status]).toEqual([401, 401])
    }
    for (const forged of [...forgeries, token, adminToken]) {
      expect((await get('/operators/', { Cookie: `admin_session=${forged}` })).status).toBe(401)
    }
    const both = { Authorization: 'Bearer x', Cookie: `operator_session=${token}` }
    expect((await get('/operators/me', both)).body).toMatchObject(wrongToken)
  })
})
