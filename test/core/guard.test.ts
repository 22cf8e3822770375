import type { OtpEvent } from 'otpkit'
import { describe, expect, it } from 'vitest'
import { createFixture, noLimits } from '../fixture'

const limits = { ...noLimits }
/** The nth number of a block of 10,000. */
const number = (nth: number, block = '987654') => `+91${block}${String(nth).padStart(4, '0')}`
/** The nth sender. */
const sender = (nth: number) => `198.51.${Math.floor(nth / 250)}.${nth % 250}`

const suspicions = (events: readonly OtpEvent[]) =>
  events.flatMap((event) => (event.type === 'suspected' ? [event] : []))

function guarded(guard: NonNullable<Parameters<typeof createFixture>[0]>['guard'], more = {}) {
  const fixture = createFixture({ limits, ...(guard && { guard }), ...more })
  let asked = 0
  const ask = (more: Parameters<typeof fixture.send>[0] = {}) => {
    asked += 1
    return fixture.send({ ip: sender(asked), ...more })
  }
  const use = async (to: string) => {
    const code = fixture.sms.lastCode()
    const result = await fixture.verify(code, { to })
    // What is done behind the answer is done by now.
    await new Promise((resolve) => setImmediate(resolve))
    return result
  }
  return { ...fixture, ask, use }
}

describe('the guard', () => {
  it('lets 23 messages to a block of numbers through that nobody verifies, and no more', async () => {
    const { ask, events, sms } = guarded({ mode: 'refuse' })
    const answers = []
    for (let nth = 0; nth < 40; nth += 1) answers.push(await ask({ to: number(nth) }))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(23)
    expect(sms.messages).toHaveLength(23)
    expect(answers[23]).toMatchObject({ ok: false, reason: 'rate_limited', limit: 'guard' })
    expect(answers[23]).not.toHaveProperty('challenge')
    expect(suspicions(events)).toHaveLength(17)
    expect(suspicions(events)[0]).toMatchObject({
      rule: 'conversion',
      level: 'block',
      used: 24,
      allowed: 23,
      mode: 'refuse',
      verdict: 'refuse',
    })
  })

  it('lets a block go on where people verify', async () => {
    const { ask, use, events } = guarded({ mode: 'refuse' })
    for (let nth = 0; nth < 100; nth += 1) {
      expect(await ask({ to: number(nth) })).toMatchObject({ ok: true })
      if (nth % 2 === 0) expect(await use(number(nth))).toMatchObject({ ok: true })
    }
    expect(suspicions(events)).toEqual([])
  })
})
