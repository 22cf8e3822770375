import { inspect } from 'node:util'
import { DeliveryError, OtpManager } from 'otpkit'
import { consoleDelivery } from 'otpkit/deliveries/console'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createFixture, noLimits, secret, wrong } from './fixture'

const recipients = ['+919876543210', 'canary.person+tag@gmail.com'] as const

/** Every way in which a value ends up in a log. */
function printed(value: unknown): string {
  const seen = new Set<unknown>()
  const parts: string[] = []
  const walk = (part: unknown) => {
    if (typeof part === 'string') parts.push(part)
    if ((typeof part !== 'object' && typeof part !== 'function') || part === null) return
    if (seen.has(part)) return
    seen.add(part)
    for (const key of Reflect.ownKeys(part)) walk(Reflect.get(part, key))
  }
  walk(value)
  const shown = inspect(value, { depth: 12, showHidden: true, getters: true })
  return [shown, String(value), JSON.stringify(value) ?? '', ...parts].join('\n')
}

/** The ways to write a value that somebody could read back. */
function spellings(canary: string): string[] {
  const bytes = Buffer.from(canary)
  return [
    canary,
    canary.split('').join(' '),
    canary.split('').join(', '),
    `${canary.slice(0, 3)} ${canary.slice(3)}`,
    bytes.toString('hex'),
    bytes.toString('base64').replaceAll('=', ''),
    bytes.toString('base64url'),
    encodeURIComponent(canary),
    canary.split('').reverse().join(''),
  ]
}

function expectNone(text: string, canaries: readonly string[]) {
  for (const canary of canaries) {
    for (const spelling of spellings(canary)) {
      expect(text.includes(spelling), `${spelling} in:\n${text.slice(0, 2000)}`).toBe(false)
    }
  }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('S11 S83 nothing says a code, a secret or a full recipient', () => {
  it.each([
    { bind: 'recipient', resend: 'same' },
    { bind: 'recipient', resend: 'new' },
    { bind: 'challenge', resend: 'same' },
    { bind: 'challenge', resend: 'new' },
  ] as const)(
    'in results, errors, events, stores or the console: $bind, $resend',
    async (policy) => {
      const log = ['log', 'info', 'warn', 'error', 'debug'] as const
      const lines: string[] = []
      for (const method of log) {
        vi.spyOn(console, method).mockImplementation((...args) => {
          lines.push(printed(args))
        })
      }
      const base = createFixture()
      const kept: string[] = []
      const spy = <T extends object>(target: T): T =>
        new Proxy(target, {
          get: (object, name) => {
            const member = Reflect.get(object, name)
            if (typeof member !== 'function') return member
            return async (...args: unknown[]) => {
              const result = await Reflect.apply(member, object, args)
              kept.push(printed(args), printed(result))
              return result
            }
          },
        })
      const fixture = createFixture({
        ...policy,
        limits: noLimits,
        // Long enough that no window or random id holds one by chance.
        codeLength: 10,
        store: spy(base.store),
        rateLimiter: spy(base.rateLimiter),
      })
      const { otp, sms, whatsapp, mail, events, clock } = fixture
      const results: unknown[] = [otp]
      const keep = async <T>(promise: Promise<T>): Promise<T> => {
        const result = await promise.catch((error: unknown) => error)
        results.push(result)
        return result as T
      }

      for (const to of recipients) {
        const channel = to.includes('@') ? 'email' : 'sms'
        const delivery = to.includes('@') ? mail : sms
        const ask = { to, purpose: 'login', ip: '203.0.113.7' } as const
        const sent = await otp.send({ ...ask, channel })
        if (!sent.ok) throw new Error('refused')
        const { challengeId } = sent
        const target = policy.bind === 'challenge' ? { challengeId } : { to }
        const attempt = (code: string) =>
          keep(otp.verify({ ...target, purpose: 'login', ip: null, code, proof: '5m' }))
        // What echoes the recipient on purpose is the person's own answer.
        results.push({ ...sent, recipient: '' })
        await attempt(wrong(delivery.lastCode()))
        await keep(otp.status({ challengeId }))
        clock.advance(1000)
        const again = await otp.resend({ challengeId, ip: null })
        if (!again.ok) throw new Error('refused')
        results.push({ ...again, recipient: '' })
        delivery.failNext(new DeliveryError({ kind: 'misconfigured', sent: 'no', provider: 'p' }))
        await keep(otp.send({ ...ask, channel, purpose: 'signup' }))
        const code = delivery.lastCode()
        delivery.failNext(Object.assign(new Error(`could not send ${code} to ${to}`), { to, code }))
        await keep(
          otp
            .send({ ...ask, channel, purpose: 'signup' })
            .then((result) => ({ ...result, recipient: '' })),
        )
        await keep(otp.send({ ...ask, to: `${to}garbage\u0000`, channel }))
        await keep(otp.cancel({ challengeId: again.challengeId }))
        await keep(otp.unlock(to))
        const last = await otp.send({ ...ask, channel })
        if (!last.ok) throw new Error('refused')
        const verified = await otp.verify({
          ...(policy.bind === 'challenge' ? { challengeId: last.challengeId } : { to }),
          purpose: 'login',
          ip: null,
          code: delivery.lastCode(),
          proof: '5m',
        })
        if (!verified.ok) throw new Error('not verified')
        results.push({ ...verified, recipient: '' })
        await otp.redeem(verified.proof ?? '', { purpose: 'login' })
        // The proof is a bearer secret: only the answer that hands it out may hold it.
        expectNone([...kept, ...lines, printed(events)].join('\n'), [verified.proof ?? ''])
      }

      const messages = [...sms.messages, ...whatsapp.messages, ...mail.messages]
      const codes = messages.map(({ code = '' }) => code)
      expect(codes.length).toBeGreaterThan(5)
      const canaries = [...codes, secret, ...recipients]
      expectNone(results.map(printed).join('\n'), canaries)
      expectNone(printed(events), canaries)
      expectNone(kept.join('\n'), canaries)
      expectNone(lines.join('\n'), canaries)
      expectNone(
        messages.map((message) => `${JSON.stringify(message)}${inspect(message)}`).join(),
        [...codes, ...recipients],
      )
      expect(new Set(events.map((event) => event.type))).toEqual(
        new Set([
          'sent',
          'delivery_failed',
          'unsent',
          'verified',
          'incorrect',
          'canceled',
          'redeemed',
          'unlocked',
        ]),
      )
    },
  )

  it('in what becomes of a delivery error that holds everything', async () => {
    for (const kind of ['unavailable', 'invalid_recipient'] as const) {
      const base = createFixture()
      const codes: string[] = []
      const otp = new OtpManager({
        secret,
        store: base.store,
        rateLimiter: base.rateLimiter,
        deliveries: {
          email: {
            name: 'leaky',
            reaches: ['email'],
            deliver: async (message) => {
              const { code = '', to } = message
              codes.push(code)
              const error = new DeliveryError({
                kind,
                sent: 'no',
                provider: 'leaky',
                providerCode: code,
              })
              throw Object.assign(error, { message: `${code} ${to}`, cause: message, code })
            },
          },
        },
        purposes: ['login'],
        codeLength: 10,
      })
      const events: unknown[] = []
      otp.subscribe((event) => void events.push(event))
      const [, to] = recipients
      const result = await otp
        .send({ to, channel: 'email', purpose: 'login', ip: null })
        .catch((error: unknown) => error)
      expect(codes).toHaveLength(1)
      expectNone(printed([result, events]), [...codes, to])
    }
  })

  it('the trap finds what it looks for', () => {
    const code = '845172'
    for (const leak of [
      { code },
      new Error(`sent ${code}`),
      new Error('sent', { cause: { deep: [`845 172`] } }),
      Object.defineProperty({}, 'hidden', { value: code }),
      Buffer.from(code).toString('base64'),
    ]) {
      expect(() => expectNone(printed(leak), [code])).toThrow()
    }
  })

  it('S10 except the console delivery, where the person is meant to read the code', async () => {
    const lines: string[] = []
    const base = createFixture()
    const otp = new OtpManager({
      secret,
      store: base.store,
      rateLimiter: base.rateLimiter,
      deliveries: { sms: consoleDelivery({ write: (line) => lines.push(line) }) },
      countries: ['IN'],
      purposes: ['login'],
      exposeCode: true,
    })
    const sent = await otp.send({ to: recipients[0], channel: 'sms', purpose: 'login', ip: null })
    expect(lines.join('\n')).toContain(sent.ok ? sent.code : 'nothing')
  })
})
