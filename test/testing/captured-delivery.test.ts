import { isDeliveryError, type OtpMessage } from 'otpkit'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'

const message = (to: string, code: string): OtpMessage => ({
  to,
  channel: 'sms',
  code,
  purpose: 'login',
  locale: 'en',
  appName: 'Otpkit',
  expiresInMs: 300_000,
  reference: `reference-${code}`,
  content: { text: `${code} is your code` },
})

describe('capturedDelivery', () => {
  it('keeps messages and hands out the newest code, of all or of one recipient', async () => {
    const delivery = capturedDelivery()
    const first = await delivery.deliver(message('+919876500001', '111111'))
    const second = await delivery.deliver(message('+919876500002', '222222'))
    await delivery.deliver(message('+919876500001', '333333'))
    await delivery.deliver(message('+919876500002', '444444'))
    expect(first).toEqual({ provider: 'captured', messageId: 'captured-1' })
    expect(second.messageId).toBe('captured-2')
    expect(delivery.messages.map(({ code }) => code)).toEqual([
      '111111',
      '222222',
      '333333',
      '444444',
    ])
    expect(delivery.lastCode()).toBe('444444')
    expect(delivery.lastCode('+919876500001')).toBe('333333')
  })

  it('says when there is no such message, without repeating the recipient', () => {
    const delivery = capturedDelivery()
    expect(() => delivery.lastCode('+919876500001')).toThrow(/^no such message was captured$/)
  })

  it('fails as often as it was told, in that order, and takes nothing meanwhile', async () => {
    const delivery = capturedDelivery()
    delivery.failNext('first')
    delivery.failNext(undefined)
    await expect(delivery.deliver(message('+919876500001', '111111'))).rejects.toBe('first')
    await expect(delivery.deliver(message('+919876500001', '222222'))).rejects.toBeUndefined()
    expect(delivery.messages).toEqual([])
    await delivery.deliver(message('+919876500001', '333333'))
    expect(delivery.lastCode()).toBe('333333')
  })

  it('clear forgets messages and failures, and ids still do not repeat', async () => {
    const delivery = capturedDelivery({ name: 'mine', reaches: ['phone'] })
    await delivery.deliver(message('+919876500001', '111111'))
    delivery.failNext(new Error('never seen'))
    delivery.clear()
    const receipt = await delivery.deliver(message('+919876500001', '222222'))
    expect(receipt).toEqual({ provider: 'mine', messageId: 'mine-2' })
    expect(delivery.messages).toHaveLength(1)
    expect(delivery.reaches).toEqual(['phone'])
  })

  it('a signal that has aborted sends nothing and uses up no failure', async () => {
    const delivery = capturedDelivery()
    delivery.failNext('later')
    const aborted = { signal: AbortSignal.abort() }
    const error = await delivery.deliver(message('+919876500001', '111111'), aborted).catch(String)
    expect(error).toBe('DeliveryError: captured: unavailable')
    expect(isDeliveryError(error)).toBe(false)
    await expect(delivery.deliver(message('+919876500001', '111111'))).rejects.toBe('later')
  })
})
