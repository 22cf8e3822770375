import { describe, expect, it } from 'vitest'
import { hashPassword } from '../accounts/password'
import { frameworks } from '../testing/start-site'
import { createAccounts } from './accounts'
import { asAdmin, company, mail, otherCompany, startBackend, user, whatsapp } from './start-backend'
import type { Status } from './tables'

const hash = await hashPassword(user.password)

/** Operators as registration leaves them, without its cost. */
const people = [
  { name: 'Aurora Lines', status: 'ACTIVE', city: 'Pune', state: 'Maharashtra', n: 1 },
  { name: 'Borealis', status: 'ACTIVE', city: 'Köln', state: 'NRW', n: 2 },
  { name: 'Comet', status: 'PENDING', city: 'Pune', state: 'Maharashtra', n: 3 },
  { name: 'Dawn', status: 'SUSPENDED', city: 'Delhi', state: 'Delhi', n: 4 },
  { name: 'Eclipse', status: 'REJECTED', city: 'Pune', state: 'Maharashtra', n: 5 },
] as const

describe.each(frameworks)('the directory on %s', (_name, framework) => {
  async function start() {
    const backend = await startBackend(framework)
    const accounts = createAccounts(backend.database, () => new Date())
    for (const { name, status, city, state, n } of people) {
      const { contact_phone: _phone, ...details } = company
      const written = await accounts.insert(
        {
          ...details,
          owner_name: null,
          company_name: name,
          city,
          state,
          business_license: `BL00${n}`,
        },
        {
          username: null,
          password_hash: hash,
          email: `operator${n}@example.com`,
          email_verified: 1,
          phone: `+91987654320${n}`,
          phone_verified: 1,
          notice_channel: 'email',
        },
        {},
      )
      if (written.ok) await accounts.setStatus(written.account.id, ['PENDING'], status)
    }
    const names = async (path: string, headers?: Readonly<Record<string, string>>) => {
      const { status, body } = await backend.get(path, headers)
      return status === 200 && Array.isArray(body)
        ? body.map((operator) => Object(operator).company_name)
        : status
    }
    return { ...backend, names }
  }

  it('shows the public active operators alone, whatever it asks for', async () => {
    const { names } = await start()
    const active = ['Aurora Lines', 'Borealis']
    expect(await names('/operators/public')).toEqual(active)
    expect(await names('/operators/public?status=ACTIVE')).toEqual(active)
    for (const status of ['PENDING', 'SUSPENDED', 'REJECTED']) {
      expect(await names(`/operators/public?status=${status}`)).toEqual([])
    }
    for (const query of [
      'status=',
      'status=active',
      'status=ALL',
      'status=ACTIVE&status=PENDING',
    ]) {
      expect(await names(`/operators/public?${query}`)).toBe(400)
    }
    expect(await names('/operators/public?status[]=PENDING&filter=all')).toEqual(active)
    expect(await names('/operators/public?search=Pune')).toEqual(['Aurora Lines'])
    expect(await names('/operators/public', asAdmin)).toEqual(active)
  })

  it('shows the public what it is for, and nothing private', async () => {
    const { get } = await start()
    const { body, headers } = await get('/operators/public?limit=1')
    expect(body).toEqual([
      {
        id: 1,
        company_name: 'Aurora Lines',
        contact_email: 'operator1@example.com',
        contact_phone: '+919876543201',
        status: 'ACTIVE',
        city: 'Pune',
        state: 'Maharashtra',
        created_at: expect.any(String),
      },
    ])
    expect(headers.get('X-Total-Count')).toBe('2')
  })

  it('finds by name, phone, e-mail, city and state, in any case', async () => {
    const { names } = await start()
    const found: Readonly<Record<string, readonly string[]>> = {
      'aurora LINES': ['Aurora Lines'],
      '+919876543203': ['Comet'],
      '98765432': people.map(({ name }) => name),
      'OPERATOR4@example.com': ['Dawn'],
      KÖLN: ['Borealis'],
      maharashtra: ['Aurora Lines', 'Comet', 'Eclipse'],
      "' or 1=1 --": [],
      BL001: [],
    }
    for (const [search, expected] of Object.entries(found)) {
      const path = `/operators/?search=${encodeURIComponent(search)}`
      expect([search, await names(path, asAdmin)]).toEqual([search, expected])
    }
  })

  it('takes no search that PostgreSQL cannot read', async () => {
    const { names } = await start()
    for (const search of ['%00', 'a%00b']) {
      expect(await names(`/operators/public?search=${search}`)).toBe(400)
    }
  })

  it('shows administrators all, by state and page by page', async () => {
    const { names, get } = await start()
    const byStatus: Readonly<Record<Status, readonly string[]>> = {
      PENDING: ['Comet'],
      ACTIVE: ['Aurora Lines', 'Borealis'],
      SUSPENDED: ['Dawn'],
      REJECTED: ['Eclipse'],
    }
    for (const [status, expected] of Object.entries(byStatus)) {
      expect(await names(`/operators/?status=${status}`, asAdmin)).toEqual(expected)
    }
    expect(await names('/operators/?search=Pune&status=PENDING', asAdmin)).toEqual(['Comet'])
    expect(await names('/operators/?skip=1&limit=2', asAdmin)).toEqual(['Borealis', 'Comet'])
    expect(await names('/operators/?skip=1000000&limit=100', asAdmin)).toEqual([])
    const { headers } = await get('/operators/?skip=4&limit=1', asAdmin)
    expect(headers.get('X-Total-Count')).toBe('5')
    expect(await names('/operators/')).toBe(401)
  })
})

describe.each(frameworks)('the profile on %s', (_name, framework) => {
  it('is its own operator’s and the administrators’, and of anybody else it tells nothing', async () => {
    const { get, request, registeredUser } = await startBackend(framework)
    const { id, session } = await registeredUser()
    const other = await registeredUser({ username: 'other' })
    for (const path of ['me', String(id)]) {
      expect((await get(`/operators/${path}`, session)).body).toMatchObject({ id })
      expect((await get(`/operators/${path}`)).status).toBe(401)
    }
    for (const path of [String(other.id), '999', '0', `${id}%20`, `0${id}`]) {
      const shown = await get(`/operators/${path}`, session)
      expect(shown.body).toMatchObject({ code: 403, message: 'This is not yours to see' })
      const changed = await request('PATCH', `/operators/${path}`, { city: 'Pune' }, session)
      expect(changed.status).toBe(403)
    }
    expect((await get(`/operators/${other.id}`, asAdmin)).body).toMatchObject({ id: other.id })
    expect((await get('/operators/999', asAdmin)).status).toBe(404)
  })

  it('changes in its details, and in nothing that is not one', async () => {
    const { request, registered, signedIn, database } = await startBackend(framework)
    const { operator } = await registered()
    const session = await signedIn()
    const rows = async () => [
      await database.selectFrom('users').selectAll().execute(),
      await database.selectFrom('operators').select(['id', 'status', 'created_at']).execute(),
    ]
    const before = await rows()
    const assigned = {
      ...{ id: 99, user_id: 99, operator_id: 99, status: 'ACTIVE', role: 'ADMIN' },
      ...{ username: 'root', password_hash: 'x', session_version: 7, notice_channel: 'email' },
      ...{ contact_phone: '+919876543299', contact_email: 'x@example.com' },
      ...{ phone: '+919876543299', phone_verified: 1, email: 'x@example.com', email_verified: 1 },
      ...{ search_text: 'x', created_at: 'x', updated_at: 'x' },
    }
    const raw = `{"__proto__":{"status":"ACTIVE"},"constructor":{"prototype":{}},${JSON.stringify(assigned).slice(1)}`
    for (const body of [assigned, raw]) {
      const { status, body: answer } = await request('PATCH', '/operators/me', body, session)
      expect(status).toBe(200)
      expect(answer).toMatchObject({ data: { ...operator, status: 'PENDING' } })
    }
    expect(await rows()).toEqual(before)

    const details = {
      company_name: 'New Name',
      owner_name: 'Ravi',
      city: 'Goa',
      postal_code: '403001',
    }
    const changed = await request('PATCH', '/operators/me', { ...details, ...assigned }, session)
    expect(changed.body).toMatchObject({ data: { ...company, ...details, id: operator.id } })
    expect(await rows()).toEqual(before)
  })

  it('is found by what it has become', async () => {
    const { request, get, registered, signedIn } = await startBackend(framework)
    await registered()
    await request('PATCH', '/operators/me', { city: 'Goa' }, await signedIn())
    expect((await get('/operators/?search=goa', asAdmin)).body).toMatchObject([{ city: 'Goa' }])
    expect((await get('/operators/?search=mumbai', asAdmin)).body).toEqual([])
  })

  it('refuses details that a registration would refuse, and the license of another', async () => {
    const { request, registered, signedIn, get } = await startBackend(framework)
    await registered()
    await registered(mail, otherCompany)
    const session = await signedIn(mail)
    const patch = (body: unknown) => request('PATCH', '/operators/me', body, session)
    const duplicate = await patch({ business_license: company.business_license.toLowerCase() })
    expect(duplicate.body).toMatchObject({
      code: 400,
      errors: [
        { field: 'business_license', message: 'This business license is already registered' },
      ],
    })
    const faulty = [
      { company_name: '' },
      { city: 7 },
      { city: null },
      { business_license: 'a b' },
      [],
    ]
    for (const body of faulty) expect((await patch(body)).status).toBe(400)
    expect((await get('/operators/me', session)).body).toMatchObject(otherCompany)
    const own = await patch({ business_license: otherCompany.business_license, city: 'Agra' })
    expect(own.body).toMatchObject({ data: { city: 'Agra' } })
  })

  it('gives one license to one of two who claim it at once', async () => {
    const { request, registered, signedIn } = await startBackend(framework)
    await registered()
    await registered(mail, otherCompany)
    const sessions = [await signedIn(whatsapp), await signedIn(mail)]
    const claims = sessions.map((session) =>
      request('PATCH', '/operators/me', { business_license: 'BL777777' }, session),
    )
    const answers = await Promise.all(claims)
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
  })
})
