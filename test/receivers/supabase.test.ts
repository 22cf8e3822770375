import { OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { supabaseSmsHook } from 'otpkit/receivers/supabase'
import { capturedDelivery } from 'otpkit/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { HookOutcome } from '../../src/receiver'
import vectors from '../data/supabase-hooks.json' with { type: 'json' }
import { createFixture, phone, secret } from '../fixture'
import { signedAtMs, standardHeaders, supabaseSecret, url } from './hosts'
import { invokeHook, supabaseRequest } from './supabase-auth'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const options = {
  secret: supabaseSecret,
  channel: 'sms',
  purpose: { sign_in: 'login', mfa: 'signup' },
  clock: () => signedAtMs,
} as const

/** A hook that keeps what it relays. */
function keeping(more: object = {}) {
  const relay = vi.fn(async (): Promise<HookOutcome> => ({ ok: true }))
  return { relay, hook: supabaseSmsHook({ relay }, { ...options, ...more }) }
}

describe('the payload', () => {
  const message = { to: phone, code: '561166', channel: 'sms', purpose: 'login' }
  it.each([
    ['signIn', { ...message, ip: '203.0.113.7' }],
    // As the documentation has it: with `+`, and before there were `metadata` and `sms.phone`.
    ['documented', { ...message, ip: null }],
    ['mfa', { ...message, to: '+14155550123', purpose: 'signup', ip: '203.0.113.7' }],
    ['change', { ...message, to: '+14155550123', ip: '203.0.113.7' }],
  ] as const)('%s goes to its own number, for its purpose', async (name, relayed) => {
    const { relay, hook } = keeping()
    const { body, ...signed } = vectors.hooks[name]
    expect((await hook(supabaseRequest(body, signed))).status).toBe(200)
    expect(relay.mock.calls).toEqual([[relayed]])
  })

  it('goes nowhere where an old server does not say which of two numbers is meant', async () => {
    const { relay, hook } = keeping()
    const { body, ...signed } = vectors.hooks.undecided
    expect((await hook(supabaseRequest(body, signed))).status).toBe(400)
    expect(relay).not.toHaveBeenCalled()
  })

  it('goes to a number in E.164 or nowhere', async () => {
    const { relay, hook } = keeping()
    for (const wrong of ['', '0919876543210', '+', '91 98765 43210', '9'.repeat(16), 'a', 919876]) {
      const body = JSON.stringify({ user: { phone: wrong }, sms: { otp: '561166' } })
      const answer = await hook(
        new Request(url, { method: 'POST', body, headers: standardHeaders(body) }),
      )
      expect(answer.status).toBe(400)
    }
    expect(relay).not.toHaveBeenCalled()
  })
})

describe('the signature', () => {
  const { body, ...signed } = vectors.hooks.signIn
  const { id, signature, otherSignature } = signed
  const answered = async (request: Request, more?: object) =>
    (await keeping(more).hook(request)).status

  it('S77 may be one of several, in the form of Supabase and of the standard', async () => {
    for (const several of [
      `${otherSignature}, ${signature}`,
      `${signature}, ${otherSignature}`,
      `${otherSignature} ${signature}`,
    ]) {
      expect(await answered(supabaseRequest(body, { id, signature: several }))).toBe(200)
    }
  })

  it('S77 is refused where it is of another version, body, id or secret', async () => {
    for (const [wrongBody, wrong] of [
      [body, { id, signature: otherSignature }],
      [body, { id, signature: signature.replace('v1', 'v1a') }],
      [body, { id, signature: signature.slice(3) }],
      [body, { id, signature: '' }],
      [body, { id: vectors.hooks.mfa.id, signature }],
      [body.replace('561166', '561167'), { id, signature }],
      [`${body} `, { id, signature }],
    ] as const) {
      expect(await answered(supabaseRequest(wrongBody, wrong))).toBe(401)
    }
    for (const name of ['webhook-id', 'webhook-timestamp']) {
      expect(await answered(supabaseRequest(body, signed, { [name]: '' }))).toBe(401)
    }
  })

  it('S77 is good for 59 seconds before and after, and as long as is tolerated', async () => {
    const at = (differenceMs: number, more = {}) =>
      answered(supabaseRequest(body, signed), { clock: () => signedAtMs + differenceMs, ...more })
    expect(await Promise.all([at(59_000), at(-59_000)])).toEqual([200, 200])
    expect(await Promise.all([at(59_001), at(-59_001)])).toEqual([401, 401])
    expect(await at(300_000, { toleranceMs: 300_000 })).toBe(200)
  })

  it('S77 whoever sends a caught request again sends nobody a message', async () => {
    const { otp, clock, sms } = createFixture()
    const begun = clock.now()
    const hook = supabaseSmsHook(otp, {
      ...options,
      clock: () => signedAtMs - 59_000 + clock.now() - begun,
    })
    const statuses = []
    for (let second = 0; second < 180; second += 1) {
      statuses.push((await hook(supabaseRequest(body, signed))).status)
      clock.advance(1000)
    }
    expect(statuses).toEqual([...Array(119).fill(200), ...Array(61).fill(401)])
    expect(sms.messages).toHaveLength(1)
  })
})

describe('Supabase Auth', () => {
  it('tells its client what the hook says, and asks again only where that helps', async () => {
    const { otp, send } = createFixture()
    const hook = supabaseSmsHook(otp, options)
    await send()
    expect(await invokeHook(hook)).toEqual({
      status: 429,
      message: 'There were too many requests. Try again in 30 seconds.',
      tries: 1,
    })
    expect(
      (await invokeHook(supabaseSmsHook(otp, { ...options, secret: `v1,${vectors.otherSecret}` })))
        .tries,
    ).toBe(1)
  })

  it('asks again after a fault of the database, and is served by the next try', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const database = memory()
    const sms = capturedDelivery({ name: 'sms', reaches: ['phone'] })
    const begin = vi.spyOn(database, 'begin').mockRejectedValueOnce(new Error('ECONNRESET'))
    const otp = new OtpManager({
      secret,
      database,
      deliveries: { sms },
      countries: ['IN'],
      purposes: ['login'],
    })
    const hook = supabaseSmsHook(otp, { ...options, purpose: 'login' })
    expect(await invokeHook(hook)).toEqual({ status: 200, message: '', tries: 2 })
    expect(begin).toHaveBeenCalledTimes(2)
    expect(sms.messages).toHaveLength(1)
  })

  it('that has its answer after 4 s hides no fault which comes later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const logged = vi.spyOn(console, 'error').mockReturnValue(undefined)
    const failures: ((error: Error) => void)[] = []
    const relay = () => new Promise<HookOutcome>((_, reject) => failures.push(reject))
    const hook = supabaseSmsHook({ relay }, options)
    const { body, ...signed } = vectors.hooks.signIn
    const answer = hook(supabaseRequest(body, signed))
    while (failures.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(4000)
    expect((await answer).status).toBe(200)
    expect(logged).not.toHaveBeenCalled()
    const error = new TypeError('of a trace, say')
    failures[0]?.(error)
    await vi.advanceTimersByTimeAsync(0)
    expect(logged.mock.calls).toEqual([['otpkit: supabaseSmsHook:', error]])
  })

  it('that tries three times in 5 s while the provider takes 7 s: one message, whichever process answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const database = memory()
    const sms = capturedDelivery({ name: 'sms', reaches: ['phone'] })
    let answerNow = () => {}
    const slow = new Promise<void>((resolve) => {
      answerNow = resolve
    })
    const processes = [1, 2, 3].map(() => {
      const delivery = {
        ...sms,
        deliver: async (message: Parameters<typeof sms.deliver>[0]) => {
          const accepted = await sms.deliver(message)
          await slow
          return accepted
        },
      }
      const otp = new OtpManager({
        secret,
        database,
        deliveries: { sms: delivery },
        countries: ['IN'],
        purposes: ['login'],
      })
      return supabaseSmsHook(otp, { ...options, purpose: 'login' })
    })
    const { body } = vectors.hooks.signIn
    const tries = vectors.tries.map((signed, index) =>
      processes[index]?.(supabaseRequest(body, signed)),
    )
    let answered = 0
    for (const answer of tries) answer?.then(() => (answered += 1))
    while (answered < 2) await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(3999)
    expect(answered).toBe(2)
    await vi.advanceTimersByTimeAsync(1)
    const answers = await Promise.all(tries)
    expect(answers.map((answer) => answer?.status)).toEqual([200, 200, 200])
    answerNow()
    await vi.advanceTimersByTimeAsync(3000)
    expect(sms.messages).toMatchObject([{ code: '561166' }])
  })
})
