import { describe, expect, it } from 'vitest'
import { priceOf } from '../../src/internal/providers/price'
import { testMessage, useProviderServer } from '../deliveries/delivery-suite'
import { reportingProviders } from './providers'

describe('what a provider says that a message costs', () => {
  const server = useProviderServer()

  async function accepted(name: string, answer: object) {
    const provider = reportingProviders[name]
    if (provider === undefined) throw new Error(name)
    server().behave({ status: 200, json: answer })
    return provider.delivery(server().url).deliver(testMessage())
  }

  it.each([
    ['-0.00750', 'USD', { amount: 0.0075, currency: 'USD' }],
    [null, 'USD', undefined],
  ])('Twilio: %s %s', async (price, price_unit, expected) => {
    const answer = { sid: 'SM1', num_segments: '1', error_code: null, price, price_unit }
    expect((await accepted('twilioSms', answer)).price).toEqual(expected)
  })

  it('Kavenegar, in rials', async () => {
    const entries = [{ messageid: 8792343, status: 5, cost: 120 }]
    const { price } = await accepted('kavenegarLookup', { return: { status: 200 }, entries })
    expect(price).toEqual({ amount: 120, currency: 'IRR' })
    const none = [{ messageid: 8792343, status: 5 }]
    const answer = await accepted('kavenegarLookup', { return: { status: 200 }, entries: none })
    expect(answer).not.toHaveProperty('price')
  })

  it('Vonage, in the reports of its Messages API', async () => {
    const provider = reportingProviders.vonageMessages
    await accepted('vonageMessages', { message_uuid: 'm' })
    const of = {
      id: 'm',
      reference: '',
      sent: server().lastRequest(),
      status: 'delivered',
    } as const
    const receipts = provider && (await provider.reader().parse(provider.report(of)))
    expect(receipts).toMatchObject([{ price: { amount: 0.0333, currency: 'EUR' } }])
  })
})

it.each([
  [undefined, 'EUR'],
  [null, 'EUR'],
  ['', 'EUR'],
  ['free', 'EUR'],
  [Number.NaN, 'EUR'],
  [Number.POSITIVE_INFINITY, 'EUR'],
  [[1], 'EUR'],
  [true, 'EUR'],
  [1, undefined],
  [1, ''],
  [1, 'eur'],
  [1, 'EURO'],
  [1, 978],
])('%j %j is no price', (amount, currency) => {
  expect(priceOf(amount, currency)).toBeUndefined()
})

it('what costs nothing has a price', () => {
  expect(priceOf('0', 'EUR')).toEqual({ amount: 0, currency: 'EUR' })
})
