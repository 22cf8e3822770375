import { byPrefix } from 'otpkit/deliveries/by-prefix'
import { describe, expect, it } from 'vitest'
import { testMessage } from './delivery-suite'
import { everyFailure, useRouteProvider } from './route-provider'

const america = useRouteProvider('america')
const manitoba = useRouteProvider('manitoba')
const world = useRouteProvider('world', ['phone', 'email'])
const route = byPrefix({
  '+1': america.delivery,
  default: world.delivery,
  '+1204': manitoba.delivery,
})
const requests = () => [america.requests(), manitoba.requests(), world.requests()]

describe('byPrefix', () => {
  it.each([
    ['+12045550123', 'manitoba'],
    ['+12125550123', 'america'],
    ['+1', 'america'],
    ['+447700900123', 'world'],
    ['person@example.com', 'world'],
    ['+12045550123@example.com', 'world'],
  ])('takes %s to %s', async (to, provider) => {
    await expect(route.deliver(testMessage({ to }))).resolves.toMatchObject({ provider })
  })

  it.each(everyFailure)(
    'passes $kind, sent $sent, on and tries nothing else',
    async ({ kind, sent }) => {
      manitoba.fail({ kind, sent })
      const delivered = route.deliver(testMessage({ to: '+12045550123' }))
      await expect(delivered).rejects.toMatchObject({ kind, sent, provider: 'manitoba' })
      expect(requests()).toEqual([0, 1, 0])
    },
  )

  it('takes no prefix for the beginning of an address', async () => {
    const both = byPrefix({ '+1': world.delivery, default: manitoba.delivery })
    expect(both.reaches).toEqual(['phone', 'email'])
    const delivered = both.deliver(testMessage({ to: '+1@example.com' }))
    await expect(delivered).rejects.toMatchObject({ kind: 'misconfigured', sent: 'no' })
    expect(requests()).toEqual([0, 0, 0])
  })

  it('is misconfigured without a route', async () => {
    const delivered = byPrefix({ '+1': america.delivery }).deliver(testMessage())
    await expect(delivered).rejects.toMatchObject({ kind: 'misconfigured', sent: 'no' })
  })

  it('refuses other keys, no routes, and what is no delivery', () => {
    const create = (routes: unknown) => () => Reflect.apply(byPrefix, undefined, [routes])
    const rule = 'must be a prefix such as +91, or default'
    for (const [key, problem] of [
      ['91', `.91\` ${rule}: did you mean \`+91\`?`],
      ['+', `\` ${rule}`],
      ['+0', `.+0\` ${rule}`],
      ['+91 98', `\` ${rule}`],
      ['IN', `.IN\` ${rule}`],
      ['+9198765432101234', `\` ${rule}`],
      ['', `\` ${rule}`],
      ['others', '.others` is not known: did you mean `default`?'],
    ]) {
      expect(create({ [key ?? '']: america.delivery })).toThrow(
        new TypeError(`otpkit: byPrefix: option \`routes${problem}`),
      )
    }
    expect(create(undefined)).toThrow('otpkit: byPrefix: option `routes` must be an object')
    expect(create({})).toThrow('otpkit: byPrefix: option `routes` must hold a route')
    expect(create({ '+91': 5 })).toThrow('otpkit: byPrefix: option `routes.+91` must be a delivery')
  })
})
