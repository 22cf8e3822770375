import { kavenegarLookup } from 'otpkit/deliveries/kavenegar'
import { msg91Flow, msg91Otp } from 'otpkit/deliveries/msg91'
import { describe, expect, it } from 'vitest'
import { testMessage } from '../../deliveries/delivery-suite'

const factories = {
  msg91Otp: (variables: unknown, fetch: unknown) =>
    Reflect.apply(msg91Otp, undefined, [{ authKey: 'key', templateId: '1', variables, fetch }]),
  msg91Flow: (variables: unknown, fetch: unknown) =>
    Reflect.apply(msg91Flow, undefined, [{ authKey: 'key', templateId: '1', variables, fetch }]),
  kavenegarLookup: (tokens: unknown, fetch: unknown) =>
    Reflect.apply(kavenegarLookup, undefined, [{ apiKey: 'key', template: 't', tokens, fetch }]),
}

describe.each(Object.entries(factories))('the texts of %s', (_, create) => {
  it.each([
    ['a promise', async () => ({ OTP: '047382' })],
    ['nothing', () => undefined],
    ['null', () => null],
    ['a text', () => '047382'],
    ['a list', () => ['047382']],
    ['numbers', () => ({ OTP: 47382 })],
    ['objects', () => ({ OTP: {} })],
    [
      'what it throws',
      () => {
        throw new Error('047382')
      },
    ],
  ])('are not %s, with which nothing is sent', async (_what, make) => {
    const asked: unknown[] = []
    const fetch = async (url: unknown) => {
      asked.push(url)
      return new Response('{}')
    }
    const failed = create(make, fetch).deliver(testMessage())
    await expect(failed).rejects.toMatchObject({ kind: 'misconfigured', sent: 'no' })
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('047382') })
    expect(asked).toEqual([])
  })
})
