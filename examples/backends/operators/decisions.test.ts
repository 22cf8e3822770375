import { describe, expect, it } from 'vitest'
import { frameworks } from '../testing/start-site'
import { asAdmin, mail, otherCompany, phone, startBackend, whatsapp } from './start-backend'

const reason = 'The licence cannot be read'
const statuses = ['PENDING', 'ACTIVE', 'SUSPENDED', 'REJECTED'] as const
type Status = (typeof statuses)[number]
const verbs = { ACTIVE: 'activate', SUSPENDED: 'suspend', REJECTED: 'reject' } as const

/** What a decision may follow. Any other is refused. */
const allowed: Readonly<Record<keyof typeof verbs, readonly Status[]>> = {
  ACTIVE: ['PENDING', 'SUSPENDED', 'REJECTED'],
  SUSPENDED: ['PENDING', 'ACTIVE'],
  REJECTED: ['PENDING'],
}

describe.each(frameworks)('decisions on %s', (_name, framework) => {
  /** A backend with one operator, in a state that was put there. */
  async function start() {
    const backend = await startBackend(framework)
    const { id } = await backend.registeredUser({ email: 'ravi@example.com', phone })
    const decide = (verb: string, body?: object) =>
      backend.post(`/operators/${id}/${verb}`, body, asAdmin)
    const put = (status: Status) =>
      backend.database.updateTable('operators').set({ status }).where('id', '=', id).execute()
    return { ...backend, id, decide, put }
  }

  it('follow the states that they may, and are refused with the state that is there', async () => {
    const { decide, put, get, id } = await start()
    for (const to of ['ACTIVE', 'SUSPENDED', 'REJECTED'] as const) {
      for (const from of statuses) {
        await put(from)
        const { status, body } = await decide(verbs[to], { reason })
        const isAllowed = allowed[to].includes(from)
        const refused = { message: `An operator that is ${from} cannot become ${to}` }
        expect([from, to, status]).toEqual([from, to, isAllowed ? 200 : 409])
        expect(body).toMatchObject(isAllowed ? { data: { id, status: to } } : refused)
        const { body: account } = await get(`/operators/${id}`, asAdmin)
        expect(account).toMatchObject({ status: isAllowed ? to : from })
      }
    }
  })

  it.each([
    ['suspend', 'reject'],
    ['activate', 'activate'],
    ['suspend', 'suspend'],
  ])('of two administrators at once, to %s and to %s, are one', async (first, second) => {
    const { decide, get, id } = await start()
    const both = [first, second].map((verb) => decide(verb, { reason }))
    const answers = await Promise.all(both)
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const { status } = Object((await get(`/operators/${id}`, asAdmin)).body)
    expect(answers.find((answer) => answer.status === 200)?.body).toMatchObject({
      data: { status },
    })
  })

  it('against an operator say why, in one line of text', async () => {
    const { decide, get, id } = await start()
    for (const verb of ['suspend', 'reject']) {
      for (const body of [
        undefined,
        {},
        { reason: ' ' },
        { reason: 7 },
        { reason: 'a\nb' },
        { reason: 'x'.repeat(501) },
      ]) {
        const refused = await decide(verb, body)
        expect(refused.status).toBe(400)
      }
      expect((await decide(verb, {})).body).toMatchObject({
        errors: [{ field: 'reason', message: 'Required' }],
      })
    }
    expect((await get(`/operators/${id}`, asAdmin)).body).toMatchObject({ status: 'PENDING' })
    expect((await decide('activate', { reason: 'All papers are here' })).status).toBe(200)
  })

  it.each([
    ['WhatsApp', whatsapp, undefined],
    ['SMS', { ...whatsapp, contact_type: 'sms' } as const, undefined],
    ['e-mail', mail, otherCompany],
  ])('are told over %s, where the contact was proven', async (_about, to, company) => {
    const { registered, post, notices } = await startBackend(framework)
    const { operator } = await registered(to, company)
    const { contact_type: channel, contact } = to
    const received = { channel, to: contact, subject: 'Your registration was received' }
    expect(notices).toMatchObject([received])
    await post(`/operators/${operator.id}/activate`, undefined, asAdmin)
    await post(`/operators/${operator.id}/suspend`, { reason }, asAdmin)
    expect(notices.slice(1)).toMatchObject([
      { channel, to: contact, subject: 'Your account is active' },
      { channel, to: contact, text: `Your account is suspended. Reason: ${reason}` },
    ])
  })

  it('S24 are told to no contact that is a mere claim', async () => {
    const { decide, notices, logged, id } = await start()
    await decide('activate')
    await decide('suspend', { reason })
    expect(notices).toEqual([])
    expect(logged).toContainEqual({
      level: 'warning',
      event: 'notice_not_sent',
      operatorId: id,
      subject: 'Your account is suspended',
      reason: 'no way to a verified contact',
    })
  })

  it('about nobody are refused, whatever stands in the address', async () => {
    const { post } = await start()
    for (const id of [
      '2',
      '0',
      '-1',
      '01',
      '1.0',
      '1e0',
      'me',
      '1%20',
      '99999999999',
      '1%20or%201=1',
    ]) {
      expect((await post(`/operators/${id}/activate`, undefined, asAdmin)).status).toBe(404)
    }
  })
})
