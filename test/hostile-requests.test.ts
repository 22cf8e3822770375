import { OtpManager } from 'otpkit'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import { hostileInputs } from './data/hostile'
import { phone, secret } from './fixture'

/** A manager whose store and limiter must not be asked. */
function untouchable() {
  const asked: string[] = []
  const ask = (name: string) => async () => {
    asked.push(name)
    throw new Error('asked')
  }
  const sms = capturedDelivery({ name: 'sms' })
  const mail = capturedDelivery({ name: 'mail' })
  const otp = new OtpManager({
    secret,
    store: { put: ask('put'), get: ask('get'), attempt: ask('attempt'), delete: ask('delete') },
    rateLimiter: { take: ask('take'), refund: ask('refund'), clear: ask('clear') },
    deliveries: { sms, email: mail },
    countries: ['IN', 'GB', 'US', 'DE', 'JP', 'AE', 'ID', 'IT', 'BR', 'MX', 'AR'],
    purposes: ['login', 'signup', 'reset_password', 'change_phone'],
  })
  return { otp, asked, sent: () => sms.messages.length + mail.messages.length }
}

/** A request as it comes off the wire, typed by nobody. */
const request = (fields: Record<string, unknown>) => fields as never

const good = { to: phone, channel: 'sms', purpose: 'login', ip: '203.0.113.7', code: '123456' }

describe('S56 a bad request is refused before anything is read, charged or sent', () => {
  const rejects = (group: 'phone' | 'email' | 'code' | 'purpose' | 'locale' | 'ip') =>
    hostileInputs(group).filter((row) => row.expect.outcome === 'reject')

  const fields = [
    ['phone', 'to', ['send', 'relay', 'verify', 'resend', 'cancel', 'status', 'unlock']],
    ['email', 'to', ['send', 'relay', 'verify', 'resend', 'cancel', 'status', 'unlock']],
    ['code', 'code', ['verify']],
    ['purpose', 'purpose', ['send', 'relay', 'verify', 'redeem']],
    ['locale', 'locale', ['send', 'relay']],
    ['ip', 'ip', ['send', 'relay', 'verify', 'resend']],
  ] as const

  for (const [group, field, methods] of fields) {
    it.each(rejects(group))(`${group} $id $why`, async ({ input }) => {
      // A landline may be good over another channel, and only `send` knows which.
      for (const method of isLandline(input) ? (['send', 'relay'] as const) : methods) {
        const { otp, asked, sent } = untouchable()
        const channel = group === 'email' ? 'email' : 'sms'
        const whole = { ...good, channel, [field]: input }
        const result = await (method === 'unlock'
          ? otp.unlock(input as never)
          : method === 'redeem'
            ? otp.redeem('A'.repeat(44), request(whole))
            : otp[method](request(whole)))
        expect({ method, result }).toEqual({
          method,
          result: { ok: false, reason: 'invalid', field, problem: expect.any(String) },
        })
        expect(asked).toEqual([])
        expect(sent()).toBe(0)
        if (typeof input === 'string' && input.trim().length > 3) {
          expect(JSON.stringify(result)).not.toContain(input)
        }
      }
    })
  }

  const isLandline = (input: unknown) => input === '+541123456789' || input === '+551123456789'

  it('nothing at all, and every wrong type', async () => {
    const unreadable = {
      get purpose(): string {
        throw new Error('nobody reads this')
      },
    }
    const values = [undefined, null, 5, 'text', true, [], () => {}, Symbol('s'), 10n, unreadable]
    for (const input of values) {
      for (const method of ['send', 'relay', 'verify', 'resend', 'cancel', 'status'] as const) {
        const { otp, asked } = untouchable()
        const refused = { ok: false, reason: 'invalid', field: 'request', problem: 'type' }
        expect(await otp[method](input as never)).toEqual(refused)
        expect(asked).toEqual([])
      }
    }
  })

  it('S42 lists where one value is due', async () => {
    for (const field of ['to', 'purpose', 'code', 'ip', 'challengeId'] as const) {
      const { otp, asked } = untouchable()
      const { to: _, ...rest } = good
      const whole = field === 'challengeId' ? rest : good
      const value = field === 'challengeId' ? ['A'.repeat(44)] : [good[field]]
      expect(await otp.verify(request({ ...whole, [field]: value }))).toMatchObject({
        reason: 'invalid',
        field,
      })
      expect(asked).toEqual([])
    }
  })

  it('channels that are not configured, or none', async () => {
    for (const channel of [
      'fax',
      '__proto__',
      'constructor',
      '',
      [],
      ['sms', 'fax'],
      {},
      5,
      null,
    ]) {
      const { otp, asked } = untouchable()
      expect(await otp.send(request({ ...good, channel }))).toMatchObject({
        reason: 'invalid',
        field: 'channel',
      })
      expect(asked).toEqual([])
    }
  })

  it('handles of another shape, and a handle beside a recipient', async () => {
    const { to: _, ...rest } = good
    for (const challengeId of [
      '',
      'short',
      `${'A'.repeat(43)}=`,
      'A'.repeat(1_000_000),
      5,
      {},
      null,
    ]) {
      const { otp, asked } = untouchable()
      expect(await otp.verify(request({ ...rest, challengeId }))).toMatchObject({
        reason: 'invalid',
        field: 'challengeId',
      })
      expect(asked).toEqual([])
    }
    const { otp } = untouchable()
    const both = request({ ...good, challengeId: 'A'.repeat(44) })
    expect(await otp.verify(both)).toMatchObject({ field: 'challengeId', problem: 'ambiguous' })
  })

  it('names the field that is wrong, and what is wrong with it', async () => {
    const handle = { ...good, to: undefined, challengeId: 'A'.repeat(44) }
    const cases = [
      ['send', { ...good, deliver: 'no' }, 'deliver', 'type'],
      ['send', { ...good, known: 1 }, 'known', 'type'],
      ['send', { ...good, challenged: null }, 'challenged', 'type'],
      ['send', { ...good, hide: 'all' }, 'hide', 'type'],
      ['send', { ...good, hide: true }, 'hide', 'type'],
      ['send', { ...good, channel: undefined }, 'channel', 'type'],
      ['send', { ...good, channel: 'fax' }, 'channel', 'unknown'],
      ['send', { ...good, channel: Array(8).fill('sms'), to: '' }, 'to', 'empty'],
      ['send', { ...good, channel: Array(9).fill('sms') }, 'channel', 'unknown'],
      ['send', { ...good, purpose: undefined }, 'purpose', 'type'],
      ['send', { ...good, purpose: 'other' }, 'purpose', 'unknown'],
      ['send', { ...good, ip: ['203.0.113.7'] }, 'ip', 'type'],
      ['send', { ...good, locale: 5 }, 'locale', 'type'],
      ['send', { ...good, to: undefined }, 'to', 'type'],
      ['relay', { ...good, purpose: 'other' }, 'purpose', 'unknown'],
      ['relay', { ...good, code: 4711 }, 'code', 'type'],
      ['resend', { ...handle, challenged: 'yes' }, 'challenged', 'type'],
      ['resend', { ...handle, hide: 'all' }, 'hide', 'type'],
      ['resend', { ...handle, purpose: 'other' }, 'purpose', 'unknown'],
      ['resend', { ...handle, channel: 5 }, 'channel', 'type'],
      ['resend', { ...handle, ip: {} }, 'ip', 'type'],
      ['resend', { ...handle, locale: 5 }, 'locale', 'type'],
      ['resend', { ...handle, challengeId: 5 }, 'challengeId', 'type'],
      ['resend', { ...good, purpose: undefined }, 'purpose', 'type'],
      ['verify', { ...handle, challengeId: ['A'.repeat(44)] }, 'challengeId', 'type'],
      ['verify', { ...handle, challengeId: 'short' }, 'challengeId', 'syntax'],
      ['verify', { ...handle, purpose: undefined }, 'purpose', 'type'],
      ['verify', { ...good, purpose: 'other' }, 'purpose', 'unknown'],
      ['verify', { ...good, code: '' }, 'code', 'empty'],
      ['status', { ...handle, purpose: 'other' }, 'purpose', 'unknown'],
      ['cancel', { ...good, purpose: undefined }, 'purpose', 'type'],
    ] as const
    for (const [method, asked, field, problem] of cases) {
      const { otp, asked: reads } = untouchable()
      const result = await otp[method](request(asked))
      expect({ method, result }).toEqual({
        method,
        result: { ok: false, reason: 'invalid', field, problem },
      })
      expect(reads).toEqual([])
    }
    const { otp } = untouchable()
    const redeemed = await otp.redeem('A'.repeat(44), request({ purpose: 'login', to: 5 }))
    expect(redeemed).toEqual({ ok: false, reason: 'invalid', field: 'to', problem: 'type' })
  })

  it('a number over a channel that its kind of line cannot receive', async () => {
    const { otp } = untouchable()
    const landline = request({ ...good, to: '+541123456789' })
    expect(await otp.send(landline)).toMatchObject({ field: 'to', problem: 'number_type' })
    const mail = request({ ...good, to: 'a@example.com' })
    expect(await otp.send(mail)).toMatchObject({ field: 'to', problem: 'channel' })
  })

  it('S35 an address that says nothing shares one bucket instead of having none', async () => {
    const takes: string[] = []
    const limited = new OtpManager({
      secret,
      store: {
        put: async () => {},
        get: async () => null,
        attempt: async () => ({ outcome: 'gone' }),
        delete: async () => {},
      },
      rateLimiter: {
        take: async (limits) => {
          takes.push(...limits.map((limit) => limit.key).filter((key) => key.startsWith('v')))
          return { ok: false, index: 1, retryAfterMs: 1, used: limits.map(() => 0) }
        },
        refund: async () => {},
        clear: async () => {},
      },
      deliveries: { sms: capturedDelivery() },
      countries: ['IN'],
      purposes: ['login'],
    })
    const unknown = hostileInputs('ip').filter(
      (row) => row.expect.outcome !== 'reject' && row.expect.value === 'bucket:unknown',
    )
    for (const { input } of unknown) await limited.verify(request({ ...good, ip: input }))
    expect(takes.length).toBeGreaterThan(10)
    expect(new Set(takes).size).toBe(1)
  })
})
