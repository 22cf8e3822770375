import { type OtpEvent, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { expect, it } from 'vitest'
import { noLimits, phone, secret } from '../fixture'

it('tells of a message that was sent, though its code could not be put in its place', async () => {
  const clock = testClock()
  const database = memory({ clock: clock.now })
  const sms = capturedDelivery({ reaches: ['phone'] })
  let left = 2
  const otp = new OtpManager({
    secret,
    database: {
      ...database,
      begin: async (beginning) => {
        left -= 1
        if (left < 0) throw new Error('the connection was lost')
        return database.begin(beginning)
      },
    },
    deliveries: { sms },
    countries: ['IN'],
    purposes: { login: { resend: 'new' } },
    limits: noLimits,
    clock: clock.now,
  })
  const told: OtpEvent['type'][] = []
  otp.subscribe(({ type }) => void told.push(type))
  const ask = () => otp.send({ to: phone, channel: 'sms', purpose: 'login', ip: null })
  await ask()
  // The new code takes the place of the first one when its message was taken.
  await expect(ask()).rejects.toMatchObject({ code: 'database_unavailable' })
  expect(sms.messages).toHaveLength(2)
  expect(told).toEqual(['sent', 'sent'])
})
