import fc from 'fast-check'
import { DeliveryError, OtpError } from 'otpkit'
import { kratosHook } from 'otpkit/receivers/kratos'
import { logtoHook } from 'otpkit/receivers/logto'
import { supabaseSmsHook } from 'otpkit/receivers/supabase'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { HookOutcome } from '../../src/receiver'
import { createFixture, noLimits, phone } from '../fixture'
import { hosts, supabaseSecret, url } from './hosts'

const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
console.info(`test/receivers: OTPKIT_SEED=${seed}`)

afterEach(() => vi.restoreAllMocks())

/** A relay that says this, or throws it. */
function saying(outcome: HookOutcome | Error) {
  const relay = vi.fn(async () => {
    if (outcome instanceof Error) throw outcome
    return outcome
  })
  return { relay }
}

describe.each(Object.entries(hosts))('the hook of %s', (_, host) => {
  const payload = host.signIn(phone, '471193')

  it('relays the code, once for all tries', async () => {
    const { otp, sms } = createFixture()
    const hook = host.create(otp)
    for (let count = 0; count < 3; count += 1) {
      const answer = await hook(host.request(payload))
      expect([answer.status, await answer.text()]).toEqual([200, '{}'])
      expect(answer.headers.get('content-type')).toBe('application/json')
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
    expect(sms.messages).toMatchObject([{ to: phone, code: '471193', purpose: 'login' }])
  })

  it('S77 is refused under another secret, and without one', async () => {
    const { otp, sms } = createFixture()
    const wrong = await host.create(otp, 'wrong')(host.request(payload))
    expect([wrong.status, await host.told(wrong)]).toEqual([
      401,
      [401, 'The request is not authentic.'],
    ])
    const bare = new Request(url, { method: 'POST', body: JSON.stringify(payload) })
    expect((await host.create(otp)(bare)).status).toBe(401)
    expect(sms.messages).toEqual([])
  })

  it('is refused with another method', async () => {
    const hook = host.create(createFixture().otp)
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await hook(
        new Request(url, { method, headers: host.request(payload).headers }),
      )
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    }
  })

  it('S77 is refused with a body of more than a megabyte, which is not read to its end', async () => {
    const relay = saying({ ok: true })
    const hook = host.create(relay)
    const { headers } = host.request(payload)
    const most = 1024 * 1024
    const padded = JSON.stringify(payload).padEnd(most)
    expect((await hook(host.request(padded))).status).toBe(200)
    expect((await hook(host.request(`${padded} `))).status).toBe(413)
    let pulled = 0
    const body = new ReadableStream({
      pull: (controller) => {
        pulled += 1
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    const endless = { method: 'POST', body, headers, duplex: 'half' }
    expect((await hook(new Request(url, endless))).status).toBe(413)
    expect(pulled).toBeLessThan(20)
    expect(relay.relay).toHaveBeenCalledOnce()
  })

  it('answers a body that breaks off, and one that says nothing', async () => {
    const hook = host.create(createFixture().otp)
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) })
    const { headers } = host.request(payload)
    const broken = { method: 'POST', body, headers, duplex: 'half' }
    expect((await hook(new Request(url, broken))).status).toBe(400)
    for (const nothing of ['', '{', 'null', '[]', '{}', '"x"']) {
      const answer = await hook(host.request(nothing))
      expect(await host.told(answer)).toEqual([400, 'The payload holds nothing that can be sent.'])
    }
  })

  it('refuses a kind of message that has no purpose', async () => {
    const { otp, sms } = createFixture()
    const text = JSON.stringify(payload)
      .replace('login_code_valid', 'constructor')
      .replace('SignIn', 'toString')
      .replace('"sms":{', '"sms":{"sms_type":"__proto__",')
    const answer = await host.create(otp)(host.request(text))
    expect(await host.told(answer)).toEqual([422, 'This kind of message is not sent here.'])
    expect(sms.messages).toEqual([])
  })

  it.each<[HookOutcome | Error, number, string]>([
    [
      { ok: false, reason: 'rate_limited', retryAfterMs: 29_001 },
      429,
      'There were too many requests. Try again in 30 seconds.',
    ],
    [
      { ok: false, reason: 'locked', retryAfterMs: 86_400_000 },
      429,
      'There were too many requests. Try again later.',
    ],
    [{ ok: false, reason: 'undeliverable' }, 422, 'A code cannot be sent to this recipient.'],
    [
      { ok: false, reason: 'invalid', field: 'to' },
      422,
      'A code cannot be sent to this recipient.',
    ],
    [{ ok: false, reason: 'invalid', field: 'code' }, 422, 'The code cannot be sent.'],
    [
      new OtpError('delivery_failed', 'no delivery', {
        cause: new DeliveryError({ kind: 'misconfigured', sent: 'no', provider: 'p' }),
      }),
      500,
      'The code could not be sent.',
    ],
    [new OtpError('database_unavailable', 'down'), 503, 'Please try again in a minute.'],
  ])('answers %j with %i', async (outcome, status, message) => {
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    const answer = await host.create(saying(outcome))(host.request(payload))
    expect(await host.told(answer)).toEqual([status, message])
    expect(logged).toHaveBeenCalledTimes(outcome instanceof Error ? 1 : 0)
    expect(JSON.stringify(logged.mock.calls)).not.toContain('471193')
  })

  it('throws what is a mistake of the program', async () => {
    const { name } = await host
      .create(saying(new RangeError('a bug')))(host.request(payload))
      .catch((error: Error) => error)
      .then((error) => ({ name: error instanceof Error ? error.name : 'none' }))
    expect(name).toBe('RangeError')
    for (const field of ['channel', 'purpose']) {
      const lacking = host.create(saying({ ok: false, reason: 'invalid', field }))
      await expect(lacking(host.request(payload))).rejects.toThrow(
        `Hook: option \`${field}\` names one that the manager does not have`,
      )
    }
    const request = host.request(payload)
    await request.text()
    await expect(host.create(saying({ ok: true }))(request)).rejects.toThrow(
      'the body of the request was read before',
    )
  })

  it('answers anything, and relays only what is authentic', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const { otp } = createFixture({ limits: noLimits })
    const relay = vi.fn(otp.relay.bind(otp))
    const hook = host.create({ relay })
    const text = JSON.stringify(payload)
    const edited = fc
      .tuple(fc.nat({ max: text.length }), fc.string({ maxLength: 6 }))
      .map(([place, more]) => text.slice(0, place) + more + text.slice(place + 1))
    const members = Object.keys(payload)
    const replaced = fc
      .tuple(fc.constantFrom(...members), fc.jsonValue({ maxDepth: 2 }))
      .map(([member, value]) => JSON.stringify({ ...payload, [member]: value }))
    const body = fc.oneof(fc.string(), fc.json(), edited, replaced)
    const authentic = fc.asyncProperty(body, async (sent) => {
      const answer = await hook(host.request(sent))
      expect([200, 400]).toContain(answer.status >= 422 ? 200 : answer.status)
      expect(typeof (await answer.json())).toBe('object')
    })
    await fc.assert(authentic, { seed, numRuns: 300 })
    relay.mockClear()
    const header = fc.string({
      unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)),
    })
    const forged = fc.asyncProperty(body, header, async (sent, word) => {
      const headers = { authorization: word, 'webhook-signature': `v1,${word}` }
      expect((await hook(host.request(sent, headers))).status).toBe(401)
    })
    await fc.assert(forged, { seed, numRuns: 200 })
    expect(relay).not.toHaveBeenCalled()
  })
})

describe('what is wrong with a hook', () => {
  const secret = 'a-shared-secret-0123456789abcdef'
  const right = { secret, channel: 'sms', purpose: 'login' }
  it.each([
    ['supabaseSmsHook', supabaseSmsHook, { ...right, secret: supabaseSecret }],
    ['kratosHook', kratosHook, right],
    ['logtoHook', logtoHook, right],
  ] as const)('is a TypeError of %s that names the option', (name, factory, options) => {
    const otp = saying({ ok: true })
    const create = (changes: object, manager: unknown = otp) =>
      Reflect.apply(factory, undefined, [manager, { ...options, ...changes }])
    expect(() => create({})).not.toThrow()
    expect(() => create({ channel: ['sms', 'whatsapp'] })).not.toThrow()
    const canary = 'hunter 2\n'
    const wrong: [string, object][] = [
      ...[undefined, null, '', canary, 42, {}, [], true, secret.slice(1)].map(
        (value): [string, object] => ['secret', { secret: value }],
      ),
      ...[undefined, null, '', canary, 42, {}, [], [''], ['sms', 1]].map(
        (value): [string, object] => ['channel', { channel: value }],
      ),
      ...[undefined, null, '', canary, 42, {}, [], ['login'], true].map(
        (value): [string, object] => ['purpose', { purpose: value }],
      ),
      ['secrets', { secrets: secret }],
    ]
    for (const [option, changes] of wrong) {
      expect(() => create(changes)).toThrow(TypeError)
      expect(() => create(changes)).toThrow(`otpkit: ${name}: option \`${option}`)
      expect(() => create(changes)).not.toThrow('hunter')
    }
    for (const manager of [null, {}, { relay: 1 }]) {
      expect(() => create({}, manager)).toThrow('option `otp` must be an OtpManager')
    }
  })

  it('names a kind that the host does not have, or one without a purpose', () => {
    const otp = saying({ ok: true })
    const create = (factory: unknown, options: object) => () =>
      typeof factory === 'function' && Reflect.apply(factory, undefined, [otp, options])
    expect(create(logtoHook, { ...right, purpose: { Signin: 'login' } })).toThrow(
      'option `purpose.Signin` is not known: did you mean `purpose.SignIn`?',
    )
    const supabase = { ...right, secret: supabaseSecret }
    expect(create(supabaseSmsHook, { ...supabase, purpose: { sms: 'login' } })).toThrow(
      'option `purpose.sms` is not known',
    )
    for (const factory of [kratosHook, logtoHook]) {
      expect(create(factory, { ...right, purpose: { SignIn: '' } })).toThrow(
        'option `purpose.SignIn`',
      )
    }
    for (const toleranceMs of [0, -1, 1.5, '60s']) {
      expect(create(supabaseSmsHook, { ...supabase, toleranceMs })).toThrow('option `toleranceMs`')
    }
  })
})
