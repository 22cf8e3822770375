import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onExpress } from '../http/express'
import type { DatabasePlace } from '../setup/database'
import { type OwnDatabase, openOwnDatabase } from './own-database'
import { john, startJobAlerts, wrongCode } from './start-job-alerts'

const { username, mobile_number, password } = john
const attacker = { username: 'attacker', mobile_number, password: 'password-of-the-attacker' }

let server: OwnDatabase
beforeAll(async () => {
  server = await openOwnDatabase()
})
afterAll(() => server.close())

const places: readonly (readonly [string, () => DatabasePlace])[] = [
  ['SQLite', () => ({ name: 'SQLite', file: ':memory:' })],
  ['PostgreSQL', () => ({ name: 'PostgreSQL', url: server.url })],
]

describe.each(places)('S24 somebody else registers the number, in %s', (name, place) => {
  const begin = async () => {
    if (name === 'PostgreSQL') await server.empty()
    return startJobAlerts(onExpress, place())
  }

  it('first: the owner’s code verifies the owner’s registration', async () => {
    const { post, register, login, clock } = await begin()
    const theirs = await register(attacker)
    clock.advance(30_000)
    const own = await register()
    if (theirs.otp !== own.otp) {
      const old = await post('verify', { mobile_number, otp: theirs.otp })
      expect(old.status).toBe(400)
    }
    expect((await post('verify', { mobile_number, otp: own.otp })).status).toBe(200)
    expect((await login(username, password)).body).toMatchObject({ user: { user_id: own.user_id } })
    for (const guess of [password, attacker.password]) {
      expect((await login(attacker.username, guess)).status).toBe(401)
    }
    const byNumber = { mobile_number, password: attacker.password }
    expect((await post('login', byNumber)).status).toBe(401)
  })

  it('at once: the owner’s code stays good, and is for the owner’s registration', async () => {
    const { post, register, login, clock } = await begin()
    const { otp } = await register()
    clock.advance(1_000)
    expect((await post('register', attacker)).status).toBe(429)
    expect((await post('verify', { mobile_number, otp })).status).toBe(200)
    expect((await login(username, password)).status).toBe(200)
    expect((await login(attacker.username, attacker.password)).status).toBe(401)
  })

  it('later: a client that names its registration verifies no other', async () => {
    const { post, register, login, clock } = await begin()
    const own = await register()
    clock.advance(30_000)
    const theirs = await register(attacker)
    // The owner types what came last, or what came first.
    for (const { otp } of [theirs, own]) {
      const refused = await post('verify', { mobile_number, otp, user_id: own.user_id })
      expect(refused.status).toBe(400)
      expect(refused.body).toEqual(wrongCode)
    }
    expect((await login(attacker.username, attacker.password)).status).toBe(401)
    const { user_id, otp } = theirs
    expect((await post('verify', { mobile_number, otp, user_id })).status).toBe(200)
    expect((await login(attacker.username, attacker.password)).status).toBe(200)
  })

  it('and nobody verifies: no password is good', async () => {
    const { register, login, post } = await begin()
    await register(attacker)
    expect((await login(attacker.username, attacker.password)).status).toBe(401)
    const byNumber = { mobile_number, password: attacker.password }
    expect((await post('login', byNumber)).status).toBe(401)
  })

  it('after the owner verified: the account stays as it was', async () => {
    const { post, account, login, twilio, clock } = await begin()
    const user_id = await account()
    expect((await post('register', attacker)).status).toBe(201)
    clock.advance(30_000)
    expect((await post('resend-otp', { mobile_number })).status).toBe(200)
    expect(twilio.messages()).toHaveLength(1)
    expect((await login(username, password)).body).toMatchObject({ user: { user_id } })
    expect((await login(attacker.username, attacker.password)).status).toBe(401)
  })

  it('and a username belongs to who verifies first', async () => {
    const { post, register, account, login, clock } = await begin()
    const other = {
      username: 'John_Doe',
      mobile_number: '+12025550199',
      password: 'other-password',
    }
    const { otp } = await register()
    await account(other)
    const late = await post('verify', { mobile_number, otp })
    expect(late.status).toBe(409)
    expect(late.body).toEqual({
      detail: 'The username or the contact was taken meanwhile. Register again',
    })
    expect((await login(username, password)).status).toBe(401)
    expect((await login(username, other.password)).status).toBe(200)

    clock.advance(30_000)
    const taken = await post('register', john)
    expect(taken.status).toBe(400)
    expect(taken.body).toMatchObject({ errors: [{ field: 'username', message: 'Is taken' }] })
  })

  it('and a day later the registration is forgotten', async () => {
    const { post, register, twilio, clock } = await begin()
    await register(attacker)
    clock.advance(24 * 60 * 60_000 + 1)
    await register({ ...john, mobile_number: '+12025550199' })
    await post('resend-otp', { mobile_number })
    expect(twilio.messages()).toHaveLength(2)
  })
})
