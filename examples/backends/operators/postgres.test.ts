import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { NewCompany, NewUser, UniqueField } from './accounts'
import { company, idOf, nobody, openAccounts, places, proven } from './open-accounts'
import { email, phone } from './start-backend'

/** What no two accounts may share, as it stands in the tables. */
const unique: readonly [UniqueField, Partial<NewCompany>, Partial<NewUser>][] = [
  ['username', {}, { username: 'ravi' }],
  ['phone', {}, proven.phone],
  ['email', {}, proven.email],
  ['business_license', { business_license: 'BL123456789' }, {}],
]

describe.each(places)('in %s', (_name, place) => {
  it('an account is kept as it was given, and found by what was proven', async () => {
    const { accounts, insert, clock } = await openAccounts(place)
    const details = {
      owner_name: 'آرش',
      business_license: 'BL123456789',
      address: 'خیابان ۱',
      city: 'تهران',
    }
    const user = { ...proven.phone, username: 'ravi', email }
    const created_at = new Date(clock.now()).toISOString()
    const written = await insert(details, user)
    const account = {
      ...{ ...company, ...nobody, ...details, ...user },
      ...{ id: 1, user_id: 1, operator_id: 1, role: 'OPERATOR', session_version: 0 },
      ...{ status: 'PENDING', created_at, updated_at: created_at },
      search_text: expect.any(String),
    }
    expect(written).toEqual({ ok: true, account })
    expect(await accounts.byId(1)).toEqual(account)
    expect(await accounts.byShownId('1')).toEqual(account)
    expect(await accounts.byUserId(1)).toEqual(account)
    expect(await accounts.byUsername('ravi')).toEqual(account)
    expect(await accounts.byVerifiedContact(phone)).toEqual(account)
    expect(await accounts.byVerifiedContact(email)).toBeUndefined()
    expect(await accounts.byUsername(phone)).toBeUndefined()
    for (const id of ['2', '0', '01', '1.0', '-1', '1e0', ' 1', '', 'me', '9999999999']) {
      expect(await accounts.byShownId(id)).toBeUndefined()
    }
  })

  it.each(unique)('S04 one of ten who race for one %s wins', async (field, details, user) => {
    const { insert, count } = await openAccounts(place)
    const written = await Promise.all(Array.from({ length: 10 }, () => insert(details, user)))
    expect(written.filter(({ ok }) => ok)).toHaveLength(1)
    const refused = written.filter(({ ok }) => !ok)
    expect(refused).toEqual(Array(9).fill({ ok: false, duplicate: field }))
    expect(await insert(details, user)).toEqual({ ok: false, duplicate: field })
    expect(await count()).toEqual([1, 1])
  })

  it('S24 contacts that nobody proved are no duplicates, and stop nobody', async () => {
    const { insert, count } = await openAccounts(place)
    const claimed = { phone, email }
    const written = await Promise.all(Array.from({ length: 5 }, () => insert({}, claimed)))
    written.push(await insert({}, { ...proven.phone, email }))
    written.push(await insert({}, { ...proven.email }))
    expect(written.map(({ ok }) => ok)).toEqual(Array(7).fill(true))
    expect(await insert({}, claimed)).toEqual({ ok: false, duplicate: 'phone' })
    expect(await count()).toEqual([7, 7])
  })

  it('a duplicate license is named, whatever was only claimed beside it', async () => {
    const { insert } = await openAccounts(place)
    const business_license = 'BL123456789'
    await insert({ business_license }, { phone, email })
    const duplicate = { ok: false, duplicate: 'business_license' }
    expect(await insert({ business_license }, proven.phone)).toEqual(duplicate)
    expect(await insert({ business_license }, proven.email)).toEqual(duplicate)
  })

  it('a rejection frees the license for one other account, and no contact', async () => {
    const { accounts, insert } = await openAccounts(place)
    const business_license = 'BL123456789'
    const id = idOf(await insert({ business_license }, proven.phone))
    expect(await accounts.setStatus(id, ['PENDING'], 'REJECTED')).toBe(true)
    expect(await insert({ business_license }, proven.phone)).toMatchObject({ duplicate: 'phone' })
    const written = await Promise.all(
      Array.from({ length: 10 }, () => insert({ business_license })),
    )
    expect(written.filter(({ ok }) => ok)).toHaveLength(1)
  })

  it('a change takes no license of another account, also in a race', async () => {
    const { accounts, insert } = await openAccounts(place)
    const ids = [idOf(await insert()), idOf(await insert()), idOf(await insert())]
    const taking = { business_license: 'BL123456789', city: 'Mumbai' }
    const changes = await Promise.all(ids.map((id) => accounts.update(id, taking)))
    const [winner, ...more] = changes.filter(({ ok }) => ok)
    expect(more).toEqual([])
    const cities = await Promise.all(ids.map(async (id) => (await accounts.byId(id))?.city))
    expect(cities.filter((city) => city === 'Mumbai')).toHaveLength(1)
    const again = winner && (await accounts.update(idOf(winner), taking))
    expect(again?.ok).toBe(true)
  })

  it('a contact is proven for one of many accounts that race for it', async () => {
    const { accounts, insert } = await openAccounts(place)
    const written = await Promise.all(Array.from({ length: 8 }, () => insert({}, { phone })))
    const changed = await Promise.all(
      written.map((each) => accounts.verifyContact(idOf(each), proven.phone)),
    )
    const winners = changed.filter(({ ok }) => ok)
    expect(winners).toHaveLength(1)
    expect(changed.filter(({ ok }) => !ok)).toEqual(
      Array(7).fill({ ok: false, duplicate: 'phone' }),
    )
    expect(await accounts.byVerifiedContact(phone)).toMatchObject({ phone_verified: 1 })
  })

  it('a status is decided once, of many who decide at once', async () => {
    const { accounts, insert, clock } = await openAccounts(place)
    const id = idOf(await insert())
    clock.advance(1000)
    const decided = await Promise.all(
      Array.from({ length: 10 }, (_none, index) =>
        accounts.setStatus(id, ['PENDING'], index % 2 ? 'ACTIVE' : 'REJECTED'),
      ),
    )
    expect(decided.filter((isDecided) => isDecided)).toHaveLength(1)
    const status = decided.indexOf(true) % 2 ? 'ACTIVE' : 'REJECTED'
    const updated_at = new Date(clock.now()).toISOString()
    expect(await accounts.byId(id)).toMatchObject({ status, updated_at })
    expect(await accounts.setStatus(id, ['SUSPENDED'], 'ACTIVE')).toBe(false)
    expect(await accounts.setStatus(99, ['PENDING'], 'ACTIVE')).toBe(false)
  })

  it('every end of sessions counts, and a password ends them too', async () => {
    const { accounts, insert } = await openAccounts(place)
    await insert()
    await Promise.all(Array.from({ length: 10 }, () => accounts.endSessions(1)))
    await accounts.setPassword(1, 'scrypt$new')
    expect(await accounts.byUserId(1)).toMatchObject({
      session_version: 11,
      password_hash: 'scrypt$new',
    })
  })

  it('documents belong to their operator, and are bounded also in a race', async () => {
    const { documents, insert, folder, clock } = await openAccounts(place)
    const [own, other] = [idOf(await insert()), idOf(await insert())]
    const bytes = Buffer.from('%PDF-1.7')
    const first = await documents.add(own, 'licence.pdf', 'application/pdf', bytes)
    expect(await documents.read(own, first?.id ?? '')).toEqual({ document: first, bytes })
    expect(await documents.read(other, first?.id ?? '')).toBeUndefined()
    expect(await documents.list(other)).toEqual([])

    clock.advance(1)
    const added = await Promise.all(
      Array.from({ length: 24 }, () => documents.add(own, 'more.pdf', 'application/pdf', bytes)),
    )
    expect(added.filter((document) => document !== undefined)).toHaveLength(19)
    expect(await documents.list(own)).toHaveLength(20)
    expect((await documents.list(own))[0]).toEqual(first)
    expect(readdirSync(folder)).toHaveLength(20)
    expect(await documents.add(other, 'one.pdf', 'application/pdf', bytes)).toBeDefined()
  })
})
