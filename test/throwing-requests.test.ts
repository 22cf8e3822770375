import { describe, expect, it } from 'vitest'
import { createFixture, noLimits, phone } from './fixture'

const revoked = (target: object) => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}
const throwing = () => {
  throw new Error('a getter that throws')
}
const traps = new Proxy({}, { get: throwing, has: throwing, ownKeys: throwing })

/** A request of which one member throws when it is read. */
const withGetter = (request: object, name: string) =>
  Object.defineProperty({ ...request }, name, { get: throwing, enumerable: true })

const requests = {
  send: { to: phone, channel: 'sms', purpose: 'login', ip: null, locale: 'en', deliver: true },
  relay: {
    to: phone,
    channel: 'sms',
    purpose: 'login',
    ip: null,
    locale: 'en',
    code: '123456',
    text: 'Your code: 123456',
    dedupe: 'a-call',
  },
  explain: { to: phone, channel: 'sms', purpose: 'login', ip: null },
  resend: {
    challengeId: undefined,
    to: phone,
    purpose: 'login',
    channel: 'sms',
    ip: null,
    locale: 'en',
  },
  verify: { challengeId: undefined, to: phone, purpose: 'login', code: '123456', ip: null },
  status: { challengeId: undefined, to: phone, purpose: 'login' },
  cancel: { challengeId: undefined, to: phone, purpose: 'login' },
}
const proof = 'P'.repeat(44)

/** Every value that nobody can read, in the place of a whole request and of each of its members. */
function* unreadable(request: object) {
  yield ['a revoked proxy', revoked({})] as const
  yield ['a revoked proxy of a list', revoked([])] as const
  yield ['a proxy whose traps throw', traps] as const
  for (const name of Object.keys(request)) {
    yield [`a getter of ${name} that throws`, withGetter(request, name)] as const
    yield [`a revoked proxy as ${name}`, { ...request, [name]: revoked([]) }] as const
    yield [`throwing traps as ${name}`, { ...request, [name]: traps }] as const
  }
}

const cases = Object.entries(requests).flatMap(([method, request]) =>
  Array.from(unreadable(request), ([what, value]) => [method, what, value] as const),
)

describe('S56 S64 nothing that a request holds makes a call throw', () => {
  it.each(cases)('%s: %s', async (method, _, value) => {
    const { otp, store, sms, events } = createFixture({ limits: noLimits })
    const call: unknown = Reflect.get(otp, method)
    if (typeof call !== 'function') throw new Error('there is no such method')
    expect(await Reflect.apply(call, otp, [value])).toMatchObject({ ok: false, reason: 'invalid' })
    expect([events, sms.messages]).toEqual([[], []])
    expect(await store.get('x')).toBeNull()
  })

  it.each(cases)('with a trace: %s: %s', async (method, _, value) => {
    const { otp, events } = createFixture({
      limits: noLimits,
      trace: (_name, _known, run) => run(),
    })
    const call: unknown = Reflect.get(otp, method)
    if (typeof call !== 'function') throw new Error('there is no such method')
    expect(await Reflect.apply(call, otp, [value])).toMatchObject({ ok: false, reason: 'invalid' })
    expect(events).toEqual([])
  })

  it.each(Array.from(unreadable({ purpose: 'login', to: phone })))(
    'redeem: %s',
    async (_, value) => {
      const { otp } = createFixture()
      const redeem: (proof: unknown, request: unknown) => Promise<unknown> = otp.redeem.bind(
        otp,
      ) as never
      const answer = await redeem(proof, value)
      expect(answer).toMatchObject({ ok: false })
    },
  )

  it.each([['a revoked proxy', revoked({})] as const, ['throwing traps', traps] as const])(
    'unlock, recipient and redeem: %s',
    async (_, value) => {
      const { otp } = createFixture()
      const refused = { ok: false, reason: 'invalid' }
      expect(await otp.unlock(value as never)).toMatchObject(refused)
      expect(await otp.recipient(value as never)).toMatchObject(refused)
      expect(await otp.redeem(value as never, { purpose: 'login' })).toMatchObject(refused)
    },
  )
})
