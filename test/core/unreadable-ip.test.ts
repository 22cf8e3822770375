import { afterEach, describe, expect, it, vi } from 'vitest'
import { createFixture, phone } from '../fixture'

afterEach(() => {
  vi.useRealTimers()
})

describe('an address that cannot be read', () => {
  const ask = { to: phone, channel: 'sms', purpose: 'login' } as const

  it.each(['unknown', '', '203.0.113.7, 10.0.0.1', '_hidden', '0.0.0.0', undefined])(
    'S35 %j is told, of a send, a relay, a resend and a guess',
    async (ip) => {
      const request = { ...ask, ip, code: '123456' } as never
      for (const [method, action] of [
        ['send', 'send'],
        ['relay', 'send'],
        ['resend', 'send'],
        ['verify', 'verify'],
      ] as const) {
        const { otp, events } = createFixture()
        await otp[method](request)
        const known = await otp.recipient(phone)
        expect(events[0]).toMatchObject({
          type: 'unreadable_ip',
          action,
          fingerprint: known.ok && known.fingerprint,
        })
        if (ip) expect(JSON.stringify(events)).not.toContain(ip)
      }
    },
  )

  it('S35 is told once a minute at most', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const { otp, events } = createFixture()
    const told = () => events.filter(({ type }) => type === 'unreadable_ip').length
    const guess = () => otp.verify({ to: phone, purpose: 'login', code: '123456', ip: 'unknown' })
    for (const [afterMs, count] of [
      [0, 1],
      [0, 1],
      [59_999, 1],
      [1, 2],
      [0, 2],
      [60_000, 3],
    ] as const) {
      vi.advanceTimersByTime(afterMs)
      await guess()
      expect(told()).toBe(count)
    }
  })

  it('no address at all is a choice, and a readable one is read', async () => {
    const { otp, events } = createFixture()
    for (const ip of [null, '203.0.113.7:61598', '[2001:db8::7]:61000', '::ffff:203.0.113.7']) {
      await otp.send({ ...ask, ip })
    }
    expect(events.map(({ type }) => type)).not.toContain('unreadable_ip')
  })

  it('S36 people behind one address of the host have limits of their own', async () => {
    const { otp } = createFixture()
    for (let person = 0; person < 12; person += 1) {
      const to = `+9198765432${String(person).padStart(2, '0')}`
      expect(
        await otp.send({ ...ask, to, ip: `203.0.113.${person}:6159${person % 10}` }),
      ).toMatchObject({ ok: true })
    }
  })
})
