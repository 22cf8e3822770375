import { OtpManager } from 'otpkit'
import { capturedDelivery } from 'otpkit/testing'
import { expect, it } from 'vitest'
import { phone, secret } from '../fixture'
import { dumpedDatabases } from './dumps'

const asked = { to: phone, channel: 'sms', purpose: 'login', ip: null } as const

it.each(Object.entries(dumpedDatabases))('%s shows neither provider nor id', async (_, open) => {
  const opened = await open()
  try {
    const told: string[] = []
    const verified = async (messageId: string) => {
      told.push(messageId)
    }
    for (const places of opened.places) {
      const sms = capturedDelivery({ name: 'carrier', reaches: ['phone'] })
      const otp = new OtpManager({
        ...places,
        secret,
        namespace: crypto.randomUUID(),
        deliveries: { sms },
        conversions: [{ provider: 'carrier', verified }],
        countries: ['IN'],
        purposes: ['login'],
      })
      const sent = await otp.send(asked)
      const messageId = sent.ok ? (sent.messageId ?? '') : ''
      expect(messageId.length).toBeGreaterThan(5)
      const dump = await opened.dump()
      for (const word of ['carrier', messageId]) {
        expect(dump).not.toContain(word)
        expect(dump).not.toContain(btoa(word).slice(0, -4))
      }
      expect(await otp.verify({ ...asked, code: sms.lastCode() })).toMatchObject({ ok: true })
      await expect.poll(() => told.at(-1)).toBe(messageId)
    }
  } finally {
    await opened.close()
  }
})
