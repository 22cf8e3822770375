import { expect, it } from 'vitest'
import { createFixture, phone, wrong } from '../fixture'

const minute = 60_000
const day = 24 * 60 * minute

/**
 * Asks for a message every minute, from ever new addresses, and guesses until the attempts are used
 * up: as fast as the limits allow, until the recipient is locked.
 */
async function lockOut(bind: 'recipient' | 'challenge', deliver: boolean) {
  const { otp, clock, sms } = createFixture({ bind })
  const start = clock.now()
  let [steps, sends] = [0, 0]
  for (;;) {
    steps += 1
    const ip = `10.${(steps >> 16) & 255}.${(steps >> 8) & 255}.${steps & 255}`
    const sent = await otp.send({ to: phone, channel: 'sms', purpose: 'login', ip, deliver })
    if (!sent.ok && sent.reason === 'locked') break
    if (sent.ok) sends += 1
    for (let guess = 0; sent.ok && guess < 3; guess++) {
      const { challengeId, codeLength } = sent
      // Nothing is right of a silent challenge.
      const other = deliver ? sms.lastCode() : '0'.repeat(codeLength)
      const code = wrong(other, guess + 1)
      await otp.verify({ challengeId, purpose: 'login', code, ip })
    }
    clock.advance(minute)
  }
  return { days: (clock.now() - start) / day, sends, messages: sms.messages.length }
}

it.each(['recipient', 'challenge'] as const)(
  'S38 under %s binding a stranger needs 21 days and 34 messages to lock a recipient out',
  async (bind) => {
    const { days, messages } = await lockOut(bind, true)
    expect(days).toBeGreaterThanOrEqual(21)
    expect(days).toBeLessThan(22)
    expect(messages).toBe(34)
  },
)

// What the guide says as plainly: nobody sees it, and it would tell who has an account if it were
// charged any less.
it.each(['recipient', 'challenge'] as const)(
  'S38 under %s binding as many silent sends lock a recipient who never got a message',
  async (bind) => {
    const { days, sends, messages } = await lockOut(bind, false)
    expect(days).toBeGreaterThanOrEqual(21)
    expect(days).toBeLessThan(22)
    expect([sends, messages]).toEqual([34, 0])
  },
)
