import { hkdfSync } from 'node:crypto'
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import { type PhoneLogin, phone, secret, startPhoneLogin, tokensOf } from './start-phone-login'

const day = 24 * 60 * 60_000
const minute = 60_000
const reused = { level: 'warning', event: 'refresh_token_reused' }

describe.each(frameworks)('refresh tokens, on %s', (_name, framework) => {
  it('are good once, and an old one ends the session', async () => {
    const site = await startPhoneLogin({ framework })
    const first = await site.logIn()
    const second = tokensOf((await site.refresh(first.refresh)).body)
    const third = tokensOf((await site.refresh(second.refresh)).body)
    expect(site.problems()).toEqual([])

    const stolen = await site.refresh(first.refresh)
    expect(stolen.status).toBe(401)
    expect(stolen.body).toEqual({ detail: 'Invalid refresh token' })
    expect((await site.refresh(third.refresh)).status).toBe(401)
    expect(site.problems()).toMatchObject([reused])
  })

  it('of twenty uses at once one succeeds, and the session ends', async () => {
    const site = await startPhoneLogin({ framework })
    const { refresh } = await site.logIn()
    const answers = await Promise.all(Array.from({ length: 20 }, () => site.refresh(refresh)))
    const successes = answers.filter(({ status }) => status === 200)
    expect(successes).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19)
    const { refresh: next } = tokensOf(successes[0]?.body)
    expect((await site.refresh(next)).status).toBe(401)
    expect(site.problems()).toMatchObject([reused])
  })

  it('end with the logout of their session, and of no other', async () => {
    const site = await startPhoneLogin({ framework })
    const first = await site.logIn()
    const second = await site.logIn()
    for (let time = 1; time <= 2; time += 1) {
      expect((await site.logOut(second.refresh)).status).toBe(200)
    }
    expect((await site.refresh(second.refresh)).status).toBe(401)
    expect((await site.refresh(first.refresh)).status).toBe(200)
    expect(site.problems()).toEqual([])
  })

  it('end with the session, an older one included', async () => {
    const site = await startPhoneLogin({ framework })
    const first = await site.logIn()
    const second = tokensOf((await site.refresh(first.refresh)).body)
    await site.logOut(first.refresh)
    expect((await site.refresh(second.refresh)).status).toBe(401)
  })

  it('are good for 30 days after the login, however often they are renewed', async () => {
    const site = await startPhoneLogin({ framework })
    let { refresh } = await site.logIn()
    site.clock.advance(20 * day)
    refresh = tokensOf((await site.refresh(refresh)).body).refresh
    site.clock.advance(10 * day - 1)
    refresh = tokensOf((await site.refresh(refresh)).body).refresh
    site.clock.advance(1)
    expect((await site.refresh(refresh)).status).toBe(401)
    expect(site.problems()).toEqual([])
  })

  it.each(['x', 'x.y', '.', `${'a'.repeat(43)}.${'b'.repeat(43)}`])(
    'are not %j',
    async (forged) => {
      const site = await startPhoneLogin({ framework })
      const { refresh } = await site.logIn()
      expect((await site.refresh(forged)).status).toBe(401)
      expect((await site.refresh(refresh)).status).toBe(200)
      expect(site.problems()).toEqual([])
    },
  )
})

/** The key of the example, or another one, as it derives it. */
const derivedKey = (from: string, label = 'phone-login access tokens') =>
  new Uint8Array(hkdfSync('sha256', from, '', label, 32))

interface Forgery {
  /** Instead of the right ones; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, string | undefined>>
  readonly key?: Uint8Array
  readonly alg?: string
  readonly typ?: string
}

/** A token like the example's own, but for one thing. */
async function forge(site: PhoneLogin, { claims, key, alg, typ }: Forgery = {}): Promise<string> {
  const { access } = await site.logIn()
  const issuedAt = Math.floor(site.clock.now() / 1000)
  const right = { iss: 'phone-login', aud: 'phone-login', iat: issuedAt, exp: issuedAt + 60 }
  const all = Object.entries({ ...right, sub: await subjectOf(site, access), ...claims })
  return new SignJWT(Object.fromEntries(all))
    .setProtectedHeader({ alg: alg ?? 'HS256', typ: typ ?? 'phone-login-access+jwt' })
    .sign(key ?? derivedKey(secret))
}

async function subjectOf(site: PhoneLogin, access: string): Promise<string> {
  return String(Object((await site.me(access)).body).id)
}

describe.each(frameworks)('access tokens, on %s', (_name, framework) => {
  it('are good for 15 minutes', async () => {
    const site = await startPhoneLogin({ framework })
    const { access } = await site.logIn()
    site.clock.advance(15 * minute - 1)
    expect((await site.me(access)).status).toBe(200)
    site.clock.advance(1)
    const late = await site.me(access)
    expect(late.status).toBe(401)
    expect(late.body).toEqual({ detail: 'Invalid access token' })
    expect(late.headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"')
  })

  it('are what the forgeries below are like', async () => {
    const site = await startPhoneLogin({ framework })
    expect((await site.me(await forge(site))).status).toBe(200)
  })

  it.each<[string, Forgery]>([
    ['another secret', { key: derivedKey('another-secret-0123456789-abcdefghij') }],
    ['the secret itself', { key: new TextEncoder().encode(secret) }],
    ['another label', { key: derivedKey(secret, 'otpkit') }],
    ['another algorithm', { alg: 'HS512', key: new Uint8Array(64) }],
    ['another type', { typ: 'JWT' }],
    ['another issuer', { claims: { iss: 'somebody' } }],
    ['another audience', { claims: { aud: 'somebody' } }],
    ['no expiry', { claims: { exp: undefined } }],
    ['no account', { claims: { sub: undefined } }],
    ['an account that does not exist', { claims: { sub: 'nobody' } }],
  ])('are not accepted with %s', async (_what, forgery) => {
    const site = await startPhoneLogin({ framework })
    expect((await site.me(await forge(site, forgery))).status).toBe(401)
  })

  it('are not accepted without a signature, or with a changed one', async () => {
    const site = await startPhoneLogin({ framework })
    const { access } = await site.logIn()
    const [, claims = '', signature = ''] = access.split('.')
    const sub = await subjectOf(site, access)
    const none = new UnsecuredJWT({ sub, iss: 'phone-login', aud: 'phone-login' })
      .setExpirationTime('1h')
      .encode()
    const header = (alg: string) =>
      Buffer.from(JSON.stringify({ alg, typ: 'phone-login-access+jwt' })).toString('base64url')
    const changed = signature.startsWith('A') ? 'B' : 'A'
    for (const token of [
      none,
      `${header('none')}.${claims}.`,
      `${header('none')}.${claims}.${signature}`,
      `${header('HS256')}.${claims}.`,
      `${header('HS256')}.${claims}.${changed}${signature.slice(1)}`,
      'x',
      '..',
    ]) {
      expect((await site.me(token)).status).toBe(401)
    }
    expect((await site.me(access)).status).toBe(200)
  })

  it('are asked for', async () => {
    const site = await startPhoneLogin({ framework })
    const { access } = await site.logIn()
    for (const headers of [{}, { Authorization: access }, { Authorization: `Basic ${access}` }]) {
      const answer = await site.get('/api/v1/usr/me', headers)
      expect(answer.status).toBe(401)
      expect(answer.body).toEqual({ detail: 'Authentication required' })
      expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer')
    }
    const headers = { Authorization: `bearer ${access}` }
    expect((await site.get('/api/v1/usr/me', headers)).body).toMatchObject({ phone_number: phone })
  })

  it('are no refresh tokens, nor the other way round', async () => {
    const site = await startPhoneLogin({ framework })
    const { access, refresh } = await site.logIn()
    expect((await site.me(refresh)).status).toBe(401)
    expect((await site.refresh(access)).status).toBe(401)
    expect((await site.refresh(refresh)).status).toBe(200)
  })
})
