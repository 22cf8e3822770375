import { expect, it } from 'vitest'
import { createFixture, phone, wrong } from '../fixture'

const minute = 60_000
const day = 24 * 60 * minute

// Asks for a message every minute, from ever new addresses, and guesses until the attempts are used
// up: as fast as the limits allow.
it.each(['recipient', 'challenge'] as const)(
  'S38 under %s binding a stranger needs 21 days and 34 messages to lock a recipient out',
  async (bind) => {
    const { otp, clock, sms } = createFixture({ bind })
    const start = clock.now()
    let steps = 0
    for (;;) {
      steps += 1
      const ip = `10.${(steps >> 16) & 255}.${(steps >> 8) & 255}.${steps & 255}`
      const sent = await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip })
      if (!sent.ok && sent.reason === 'locked') break
      for (let guess = 0; sent.ok && guess < 3; guess++) {
        const { challengeId } = sent
        const code = wrong(sms.lastCode(), guess + 1)
        await otp.verify({ challengeId, purpose: 'login', code, ip })
      }
      clock.advance(minute)
    }
    const days = (clock.now() - start) / day
    expect(days).toBeGreaterThanOrEqual(21)
    expect(days).toBeLessThan(22)
    expect(sms.messages).toHaveLength(34)
  },
)
