import { type Prices, priceOf } from 'otpkit'
import { describe, expect, it } from 'vitest'

const prices: Prices = {
  currency: 'EUR',
  perMessage: {
    sms: { DE: 0.075, FR: 0, others: 0.12 },
    twilio: { DE: 0.082 },
    email: 0.0001,
  },
}

describe('priceOf', () => {
  it.each([
    ['the country of the channel', { channel: 'sms', country: 'DE' }, 0.075],
    ['a price of nothing', { channel: 'sms', country: 'FR' }, 0],
    ['another country', { channel: 'sms', country: 'IN' }, 0.12],
    ['no country', { channel: 'sms' }, 0.12],
    ['the provider first', { channel: 'sms', provider: 'twilio', country: 'DE' }, 0.082],
    ['the channel behind it', { channel: 'sms', provider: 'twilio', country: 'IN' }, 0.12],
    ['one price everywhere', { channel: 'email', provider: 'ses' }, 0.0001],
    ['a channel without one', { channel: 'voice', country: 'DE' }, undefined],
    ['a name of the prototype', { channel: 'constructor', country: 'DE' }, undefined],
    ['a country of the prototype', { channel: 'sms', country: 'toString' }, 0.12],
  ])('finds %s', (_, asked, price) => {
    expect(priceOf(prices, asked)).toBe(price)
  })
})
