import { describe, expect, it } from 'vitest'
import type { Person } from '../../src/dashboard/person-data'
import { phone, wrong } from '../fixture'
import { asking, openDashboard, post, read } from './ask'

const request = { to: '+91 98765-43210', channel: 'sms', purpose: 'login' }

describe('one person', () => {
  it('is found by what somebody types, with timeline and what stands in the way', async () => {
    const { dashboard, otp, sms } = openDashboard()
    const asked = { to: phone, channel: 'sms', purpose: 'login', ip: null } as const
    await otp.send(asked)
    await otp.send(asked)
    await otp.verify({ to: phone, purpose: 'login', ip: null, code: wrong(sms.lastCode()) })
    const answer = await post(dashboard, 'find', request)
    const person: Person = await answer.json()
    expect(person.events.map(({ type }) => type).toSorted()).toEqual([
      'incorrect',
      'refused',
      'sent',
    ])
    expect(person.recipient).toBe('+91••••••••10')
    expect(person.explained).toMatchObject({ failures: 1, routes: [{ provider: 'acme' }] })
    expect(person.explained.send.find(({ limit }) => limit === 'cooldown')?.retryAfterMs).toBe(
      30_000,
    )
  })

  it('stands in no answer, log or event with number, code or handle; who looked stands in theirs', async () => {
    const { dashboard, otp, sms, history } = openDashboard()
    const sent = await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null })
    const answers = [await (await post(dashboard, 'find', request)).text()]
    for (const name of ['about', 'summary', 'funnel', 'failures', 'feed', 'guard', 'money']) {
      answers.push(JSON.stringify(await read(dashboard, name)))
    }
    answers.push(await (await post(dashboard, 'unlock', request)).text())
    answers.push(JSON.stringify(await history.events()))
    const secrets = ['9876543210', '98765-43210', sms.lastCode(), sent.ok ? sent.challengeId : '']
    for (const answer of answers) {
      for (const text of secrets) expect(answer).not.toContain(text)
    }
    expect(await history.events({ limit: 2 })).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: 'looked_up', by: 'ada', recipient: '+91••••••••10' }),
        expect.objectContaining({ type: 'unlocked', by: 'ada' }),
      ]),
    )
  })

  it('is unlocked by whom authorize permits it', async () => {
    const { dashboard, otp, sms, clock } = openDashboard()
    const asked = { to: phone, channel: 'sms', purpose: 'login', ip: null } as const
    for (let failed = 0; failed < 5; failed += 1) {
      await otp.send(asked)
      const code = wrong(sms.lastCode())
      await otp.verify({ to: phone, purpose: 'login', ip: null, code })
      clock.advance(3_600_000)
    }
    const failures = async () => {
      const explained = await otp.explain(asked)
      return explained.ok && explained.failures
    }
    expect(await failures()).toBe(5)
    expect((await post(dashboard, 'unlock', { to: phone })).status).toBe(200)
    expect(await failures()).toBe(0)
  })

  it.each(['find', 'unlock'] as const)('cannot %s without the permission', async (action) => {
    const { dashboard, history } = openDashboard(action === 'find' ? ['unlock'] : ['find'])
    const answer = await post(dashboard, action, request)
    expect([answer.status, await answer.json()]).toMatchObject([
      403,
      { type: 'urn:otpkit:forbidden' },
    ])
    expect(await history.events()).toEqual([])
  })

  it.each([
    ['to', 'not a number'],
    ['to', '+1'],
    ['to', '+12125550123'],
    ['channel', 'pigeon'],
    ['purpose', 'nothing'],
  ])('is asked for with an odd %s in the words of the page', async (field, value) => {
    const { dashboard } = openDashboard()
    const answer = await post(dashboard, 'find', { ...request, [field]: value })
    const told = await answer.text()
    expect([answer.status, JSON.parse(told)]).toMatchObject([
      400,
      { type: 'urn:otpkit:invalid', field, detail: expect.stringMatching(/^[A-Z].+\.$/) },
    ])
    expect(told).not.toContain(value)
  })

  it('has an address that says nothing about them', async () => {
    const { dashboard } = openDashboard()
    const answer = await asking(dashboard)(`data/feed?to=${encodeURIComponent(phone)}`)
    expect(answer.status).toBe(400)
  })
})
