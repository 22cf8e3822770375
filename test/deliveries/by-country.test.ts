import { byCountry } from 'otpkit/deliveries/by-country'
import { describe, expect, it } from 'vitest'
import { testMessage } from './delivery-suite'
import { everyFailure, useRouteProvider } from './route-provider'

const iran = useRouteProvider('iran')
const world = useRouteProvider('world')
const mail = useRouteProvider('mail', ['email'])
const route = byCountry({ IR: iran.delivery, default: world.delivery })
const message = testMessage({ to: '+989123456789', country: 'IR' })
const requests = () => [iran.requests(), world.requests(), mail.requests()]

describe('byCountry', () => {
  it('takes the route of the country, and default for the others', async () => {
    await expect(route.deliver(message)).resolves.toMatchObject({ provider: 'iran' })
    await expect(route.deliver(testMessage())).resolves.toMatchObject({ provider: 'world' })
    expect(requests()).toEqual([1, 1, 0])
  })

  it.each(everyFailure)(
    'passes $kind, sent $sent, on and tries nothing else',
    async ({ kind, sent }) => {
      iran.fail({ kind, sent })
      const delivered = route.deliver(message)
      await expect(delivered).rejects.toMatchObject({ kind, sent, provider: 'iran' })
      expect(requests()).toEqual([1, 0, 0])
    },
  )

  it('takes default for a recipient without a country', async () => {
    const both = byCountry({ IR: iran.delivery, default: mail.delivery })
    const address = { ...testMessage(), to: 'person@example.com' }
    const { country: _, ...withoutCountry } = address
    await expect(both.deliver(withoutCountry)).resolves.toMatchObject({ provider: 'mail' })
    expect(both.reaches).toEqual(['phone', 'email'])
  })

  it('is misconfigured without a route that reaches the recipient', async () => {
    const expected = { kind: 'misconfigured', sent: 'no' }
    const onlyIran = byCountry({ IR: iran.delivery })
    await expect(onlyIran.deliver(testMessage())).rejects.toMatchObject(expected)
    const wrongDefault = byCountry({ IR: iran.delivery, default: mail.delivery })
    await expect(wrongDefault.deliver(testMessage())).rejects.toMatchObject(expected)
    for (const country of ['__proto__', 'constructor', 'toString']) {
      await expect(onlyIran.deliver(testMessage({ country }))).rejects.toMatchObject(expected)
    }
    expect(requests()).toEqual([0, 0, 0])
  })

  it('refuses other keys, no routes, and what is no delivery', () => {
    const create = (routes: unknown) => () => Reflect.apply(byCountry, undefined, [routes])
    const rule = 'must be an ISO 3166 country code such as IN'
    for (const [key, problem] of [
      ['ir', `.ir\` ${rule}: did you mean IR?`],
      ['UK', `.UK\` ${rule}: did you mean GB?`],
      ['Iran', `.Iran\` ${rule}: did you mean IR?`],
      ['XX', `.XX\` ${rule}`],
      ['+98', `.+98\` ${rule}: did you mean IR?`],
      ['', `\` ${rule}`],
      ['Default', '.Default` is not known: did you mean `default`?'],
      ['any', '.any` is not known: did you mean `default`?'],
    ]) {
      expect(create({ [key ?? '']: iran.delivery })).toThrow(
        new TypeError(`otpkit: byCountry: option \`routes${problem}`),
      )
    }
    for (const routes of [undefined, null, [iran.delivery]]) {
      expect(create(routes)).toThrow('otpkit: byCountry: option `routes` must be an object')
    }
    expect(create({})).toThrow('otpkit: byCountry: option `routes` must hold a route')
    expect(create({ IR: undefined })).toThrow(
      'otpkit: byCountry: option `routes.IR` must be a delivery',
    )
  })

  it('keeps its own list of routes', async () => {
    const routes = { IR: iran.delivery }
    const kept = byCountry(routes)
    routes.IR = world.delivery
    await expect(kept.deliver(message)).resolves.toMatchObject({ provider: 'iran' })
  })
})
