import { OtpManager } from 'otpkit'
import { capturedDelivery } from 'otpkit/testing'
import { expect, it } from 'vitest'
import { phone, secret } from '../fixture'
import { dumpedDatabases } from './dumps'

const asked = { to: phone, channel: 'sms', purpose: 'login', ip: '203.0.113.7' } as const

async function explained(otp: OtpManager<'sms', 'login'>, more: object = {}) {
  const answer = await otp.explain({ ...asked, ...more })
  if (!answer.ok) throw new Error(`not explained: ${JSON.stringify(answer)}`)
  return answer
}

it.each(Object.entries(dumpedDatabases))(
  'otp.explain changes nothing on %s, and tells nothing',
  async (_, open) => {
    const opened = await open()
    try {
      for (const places of opened.places) {
        const otp = new OtpManager({
          ...places,
          secret: secret,
          namespace: crypto.randomUUID(),
          deliveries: { sms: capturedDelivery({ reaches: ['phone'] }) },
          countries: ['IN'],
          purposes: ['login'],
          limits: { country: [{ max: 1000, per: '1d' }] },
        })
        await otp.send(asked)
        await otp.verify({ ...asked, code: '000000' })
        const events: unknown[] = []
        otp.subscribe((event) => {
          events.push(event)
        })
        const before = await opened.dump()
        expect(before.length).toBeGreaterThan(100)
        const answer = await explained(otp)
        expect(answer).toMatchObject({ failures: 1, challenge: { attemptsLeft: 2 } })
        await explained(otp, { to: '+919876543211', ip: null })
        expect(await opened.dump()).toBe(before)
        expect(events).toEqual([])
      }
    } finally {
      await opened.close()
    }
  },
)
