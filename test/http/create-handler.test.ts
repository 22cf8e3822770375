import { gzipSync } from 'node:zlib'
import { DeliveryError, type ResendResult, type VerifyResult } from 'otpkit'
import { createHandler } from 'otpkit/http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { answerToGuess, answerToSend } from '../../src/http/answers'
import { createFixture, email, noLimits, phone, wrong } from '../fixture'
import { shownFunction } from '../shown-function'
import { askOf, createHandlerFixture, described, unreachable } from './ask'

const type = (name: string) => ({ type: `urn:otpkit:${name}` })

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a log-in', () => {
  it('is sent a code, and answered by `verified` for the right one', async () => {
    const { ask, sms, verified } = createHandlerFixture()
    const sent = await ask('send', { to: '+91 98765 43210' })
    expect([sent.status, sent.body]).toEqual([
      200,
      {
        message: 'If this address can receive a code, it is on its way.',
        challengeId: expect.any(String),
        codeLength: 6,
        expiresInMs: 300_000,
        resendInMs: 30_000,
      },
    ])
    const code = sms.lastCode()

    const guess = await ask('verify', { to: phone, code: wrong(code) })
    expect([guess.status, guess.body]).toMatchObject([400, type('wrong-code')])
    expect(verified).toEqual([])

    const right = await ask('verify', { to: phone, code })
    expect([right.status, right.headers.get('set-cookie')]).toEqual([204, 'session=1'])
    expect(verified).toMatchObject([{ recipient: phone, purpose: 'login' }])
  })

  it('of the same code twice is told so, and the session is opened once', async () => {
    const { ask, sms, verified } = createHandlerFixture()
    await ask('send', { to: phone })
    const submit = () => ask('verify', { to: phone, code: sms.lastCode() })
    const both = await Promise.all([submit(), submit()])
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409])
    expect(await submit()).toMatchObject({ status: 409, body: type('already-used') })
    expect(verified).toHaveLength(1)
  })

  it('goes by the handle, where a challenge is bound to it', async () => {
    const { ask, sms, clock, verified } = createHandlerFixture({}, { bind: 'challenge' })
    const { body } = await ask('send', { to: phone })
    const { challengeId } = Object(body)
    clock.advance(30_000)
    expect((await ask('resend', { challengeId })).status).toBe(200)
    expect(sms.messages).toHaveLength(2)
    const code = sms.lastCode()
    const unbound = await ask('verify', { to: phone, code })
    expect([unbound.status, unbound.body]).toMatchObject([400, { field: 'challengeId' }])
    expect((await ask('verify', { challengeId, code })).status).toBe(204)
    expect(verified).toMatchObject([{ recipient: phone, challengeId }])
  })

  it('has its language and channel from the request, of those that are offered', async () => {
    const { ask, clock, sms, mail, whatsapp } = createHandlerFixture({
      purposes: { login: ['sms', 'email'], signup: ['whatsapp'] },
    })
    const fa = { 'accept-language': 'fa-IR,fa;q=0.9' }
    await ask('send', { to: phone, purpose: 'login' }, fa)
    await ask('send', { to: email, purpose: 'login', locale: 'hi' }, fa)
    clock.advance(30_000)
    await ask('send', { to: phone, purpose: 'signup', channel: 'whatsapp' })
    const sent = [sms, mail, whatsapp].flatMap(({ messages }) => messages)
    expect(sent.map(({ purpose, locale }) => [purpose, locale])).toEqual([
      ['login', 'fa'],
      ['login', 'hi'],
      ['signup', 'en'],
    ])
    for (const [body, field, problem] of [
      [{ to: phone }, 'purpose', 'empty'],
      [{ to: phone, purpose: 'admin' }, 'purpose', 'unknown'],
      [{ to: phone, purpose: '__proto__' }, 'purpose', 'unknown'],
      [{ to: phone, purpose: 'login', channel: 'whatsapp' }, 'channel', 'unknown'],
      [{ to: phone, purpose: 'login', channel: ['sms'] }, 'channel', 'type'],
      [{ purpose: 'login' }, 'to', 'empty'],
      [{ to: '', purpose: 'login' }, 'to', 'empty'],
      [{ to: 'nobody', purpose: 'login' }, 'to', expect.any(String)],
      [
        { to: phone, purpose: 'signup', channel: 'whatsapp', challengeId: 'x' },
        'challengeId',
        'ambiguous',
      ],
    ] as const) {
      const { status, body: told } = await ask('send', body)
      expect([status, told]).toMatchObject([400, { ...type('invalid'), field, problem }])
    }
  })
})

describe('a body', () => {
  it('is a form too', async () => {
    const { ask, sms } = createHandlerFixture()
    const form = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
    const fields = new URLSearchParams({ to: phone, challengeId: '', other: '1' })
    expect((await ask('send', String(fields), form)).status).toBe(200)
    const right = new URLSearchParams({ to: phone, code: sms.lastCode() })
    expect((await ask('verify', `${right}&to=%2B919876543211`, form)).status).toBe(400)
    expect((await ask('verify', String(right), form)).status).toBe(204)
  })

  it('never says what only the server may say', async () => {
    const { ask, sms, events } = createHandlerFixture({ account: () => false })
    const claims = { deliver: true, known: true, challenged: true, ip: '203.0.113.1', proof: '1d' }
    expect((await ask('send', { to: phone, ...claims })).status).toBe(200)
    expect(sms.messages).toEqual([])
    expect(events).toMatchObject([{ type: 'sent', delivery: 'withheld' }])
    const { ask: askOther, sms: other, verified } = createHandlerFixture()
    await askOther('send', { to: phone, deliver: false })
    await askOther('verify', { to: phone, code: other.lastCode(), proof: '1d' })
    expect(verified).toHaveLength(1)
    expect(verified[0]).not.toHaveProperty('proof')
  })

  it.each([
    ['text/plain', '{}', 415],
    ['multipart/form-data; boundary=x', '--x--', 415],
    ['', '{}', 415],
    ['application/json', '', 400],
    ['application/json', '{"to":', 400],
    ['application/json', '[]', 400],
    ['application/json', 'null', 400],
    ['application/json', '"to"', 400],
    ['APPLICATION/JSON ; charset=utf-8', '{}', 400],
    ['application/json', JSON.stringify({ to: 'x'.repeat(9000) }), 413],
    ['application/x-www-form-urlencoded', `to=${'x'.repeat(9000)}`, 413],
  ])('of %j with %j is answered with %i', async (contentType, body, status) => {
    const { ask, events } = createHandlerFixture()
    const answer = await ask('send', body, { 'content-type': contentType })
    expect(answer.status).toBe(status)
    expect(events).toEqual([])
  })

  it('may have a byte order mark, as the parsers of the platform allow', async () => {
    const { ask, sms } = createHandlerFixture()
    expect((await ask('send', `\ufeff${JSON.stringify({ to: phone })}`)).status).toBe(200)
    expect(sms.messages).toHaveLength(1)
    expect((await ask('send', `\ufeff\ufeff${JSON.stringify({ to: phone })}`)).status).toBe(400)
  })

  it('that is compressed is not called malformed', async () => {
    const { handler } = createHandlerFixture()
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const body = gzipSync(JSON.stringify({ to: phone }))
    const request = new Request('https://app.example.com/send', { method: 'POST', headers, body })
    expect((await described('send', await handler(request))).status).toBe(415)
  })

  it('is read no further than its bound, whatever it says of its length', async () => {
    const { handler } = createHandlerFixture()
    let chunks = 0
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        chunks += 1
        controller.enqueue(new Uint8Array(1024).fill(32))
      },
    })
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body, duplex: 'half' }
    const answer = await handler(new Request('https://app.example.com/send', init))
    expect(answer.status).toBe(413)
    expect(chunks).toBeLessThan(16)
  })

  it('that somebody read before is a mistake of the application', async () => {
    const { handler } = createHandlerFixture()
    const headers = { 'content-type': 'application/json' }
    const request = new Request('https://app.example.com/send', {
      method: 'POST',
      headers,
      body: '{}',
    })
    await request.text()
    const text = 'otpkit: createHandler: the body of the request was read before'
    await expect(handler(request)).rejects.toEqual(new TypeError(text))
  })
})

it.each([
  ['GET', '/otp/send', 405],
  ['PUT', '/verify', 405],
  ['OPTIONS', '/otp/send', 405],
  ['POST', '/otp', 404],
  ['POST', '/', 404],
  ['POST', '/send/', 404],
  ['POST', '/send/other', 404],
  ['POST', '/otp/__proto__', 404],
  ['POST', '/a/b/c/send?x=/other', 415],
  ['POST', '/resend', 415],
])('%s %s is answered with %i', async (method, path, status) => {
  const { handler } = createHandlerFixture()
  const answer = await handler(new Request(`https://app.example.com${path}`, { method }))
  expect(answer.status).toBe(status)
  expect(answer.headers.get('allow')).toBe(status === 405 ? 'POST' : null)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(await answer.json()).toMatchObject({ status, title: expect.any(String) })
})

describe('the public is told what the guide tells it:', () => {
  const reasons = [
    { ok: false, reason: 'invalid', field: 'to', problem: 'syntax' },
    { ok: false, reason: 'rate_limited', limit: 'ip', retryAfterMs: 1_001 },
    { ok: false, reason: 'rate_limited', limit: 'recipient', retryAfterMs: 60_000 },
    { ok: false, reason: 'locked', retryAfterMs: 86_400_000 },
  ] as const
  const sent = {
    ok: true,
    challengeId: 'c'.repeat(44),
    codeLength: 8,
    channel: 'sms',
    recipient: phone,
    expiresInMs: 1,
    resendInMs: 2,
    delivery: 'unknown',
    provider: 'some-provider',
    messageId: 'm1',
    code: '12345678',
  } as const
  const sends: readonly ResendResult[] = [...reasons, sent]
  it.each(sends)('of a send $reason $limit', async (result) => {
    const { status, headers } = Object(
      (await shownFunction('docs/answers.md', 'answerToSend'))(result),
    )
    const answer = answerToSend(result)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([
      status,
      headers['Retry-After'] ?? null,
    ])
    const text = await answer.text()
    for (const secret of [
      'some-provider',
      'm1',
      '12345678',
      phone,
      '"ip"',
      'recipient',
      'locked',
    ]) {
      expect(text).not.toContain(secret)
    }
  })

  const guesses: readonly Exclude<VerifyResult, { ok: true }>[] = [
    ...reasons,
    { ok: false, reason: 'incorrect', attemptsLeft: 2 },
    { ok: false, reason: 'used' },
    { ok: false, reason: 'expired' },
    { ok: false, reason: 'invalid', field: 'code', problem: 'length' },
  ]
  it.each(guesses)('of a guess $reason $limit', async (result) => {
    const { status, headers } = Object(
      (await shownFunction('docs/answers.md', 'answerToVerify'))(result),
    )
    const answer = answerToGuess(result)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([
      status,
      headers['Retry-After'] ?? null,
    ])
  })

  it('a wrong, an expired, a refused and a withheld code look alike', async () => {
    const bodies = await Promise.all(
      guesses
        .filter(({ reason }) => ['incorrect', 'expired', 'locked'].includes(reason))
        .map((result) => answerToGuess(result).text()),
    )
    expect(new Set(bodies).size).toBe(1)
  })
})

describe('who has an account', () => {
  const failures = {
    'a number that is none': { kind: 'invalid_recipient', sent: 'no' },
    'somebody who opted out': { kind: 'opted_out', sent: 'no' },
    'a provider that is down': { kind: 'unavailable', sent: 'no' },
  } as const

  it('is asked under the one spelling, with the purpose', async () => {
    const asked: unknown[] = []
    const account = async (...of: unknown[]) => asked.push(of) > 1
    const { ask, sms } = createHandlerFixture({ account })
    await ask('send', { to: '+91 98765-43210' })
    await ask('send', { to: 'nobody' })
    expect(asked).toEqual([[phone, 'login']])
    expect(sms.messages).toEqual([])
  })

  it.each(Object.entries(failures))('is not told by %s', async (_, failure) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const error = new DeliveryError({ ...failure, provider: 'unreachable' })
    const sms = unreachable(error)
    const answers = async (has: boolean) => {
      const { otp, clock } = createFixture({ deliveries: { sms, whatsapp: sms, email: sms } })
      const handler = createHandler(otp, {
        ip: () => '203.0.113.7',
        purposes: { login: ['sms'] },
        account: () => has,
        verified: () => new Response(null, { status: 204 }),
      })
      const heard: unknown[] = []
      for (const [path, body, waitMs] of [
        ['send', { to: phone }, 0],
        ['send', { to: phone }, 1_000],
        ['verify', { to: phone, code: '123456' }, 0],
        ['send', { to: phone }, 30_000],
        ['verify', { to: phone, code: '123456' }, 0],
      ] as const) {
        clock.advance(waitMs)
        const { status, body: told } = await askOf(handler, path, body)
        heard.push([status, { ...Object(told), challengeId: 'whichever' }])
      }
      return heard
    }
    expect(await answers(true)).toEqual(await answers(false))
  })

  it.each(Object.entries(failures))(
    'is not told by how often an address may ask: %s',
    async (_, failure) => {
      vi.spyOn(console, 'error').mockImplementation(() => undefined)
      const sms = unreachable(new DeliveryError({ ...failure, provider: 'unreachable' }))
      const answers = async (has: boolean) => {
        const { otp } = createFixture({ deliveries: { sms, whatsapp: sms, email: sms } })
        const handler = createHandler(otp, {
          ip: () => '203.0.113.7',
          purposes: { login: ['sms'] },
          account: () => has,
          verified: () => new Response(null, { status: 204 }),
        })
        const heard: number[] = []
        for (let asked = 0; asked < 8; asked += 1) {
          heard.push((await askOf(handler, 'send', { to: `+91987654321${asked}` })).status)
        }
        return heard
      }
      expect(await answers(false)).toEqual([200, 200, 200, 200, 200, 429, 429, 429])
      expect(await answers(true)).toEqual(await answers(false))
    },
  )

  it('is not told by a guard that allows the address which asks', async () => {
    const failing = unreachable(
      new DeliveryError({ kind: 'opted_out', sent: 'no', provider: 'unreachable' }),
    )
    const answers = async (has: boolean) => {
      const { sms, mail } = createFixture()
      let fails = false
      const delivery = {
        ...sms,
        deliver: (...of: Parameters<typeof sms.deliver>) =>
          fails ? failing.deliver(...of) : sms.deliver(...of),
      }
      const { otp, send } = createFixture({
        limits: noLimits,
        deliveries: { sms: delivery, whatsapp: delivery, email: mail },
        guard: { mode: 'refuse', allow: { networks: ['203.0.113.0/24'] } },
      })
      const handler = createHandler(otp, {
        ip: () => '203.0.113.7',
        purposes: { login: ['sms'] },
        account: () => has,
        verified: () => new Response(null, { status: 204 }),
      })
      for (let nth = 10; nth < 40; nth += 1) {
        await send({ to: `+9198765432${nth}`, ip: `198.51.100.${nth}` })
      }
      fails = true
      const { status, body } = await askOf(handler, 'send', { to: phone })
      return [status, { ...Object(body), challengeId: 'whichever' }]
    }
    expect(await answers(true)).toMatchObject([200, { codeLength: 6 }])
    expect(await answers(true)).toEqual(await answers(false))
  })

  it.each(Object.entries(failures))(
    'is not told by how often the guard lets an address ask: %s',
    async (_, failure) => {
      vi.spyOn(console, 'error').mockImplementation(() => undefined)
      const sms = unreachable(new DeliveryError({ ...failure, provider: 'unreachable' }))
      const answers = async (has: boolean) => {
        const { handler } = createHandlerFixture(
          { account: () => has, ip: () => '203.0.113.7' },
          {
            limits: noLimits,
            guard: { mode: 'refuse' },
            deliveries: { sms, whatsapp: sms, email: sms },
          },
        )
        const heard: number[] = []
        for (let asked = 0; asked < 25; asked += 1) {
          // Numbers of many blocks, all from one address.
          const to = `+9198${String(70_000_000 + asked * 123_457).padStart(8, '0')}`
          const path = asked % 3 === 2 ? 'resend' : 'send'
          heard.push((await askOf(handler, path, { to: path === 'send' ? to : heardOf })).status)
          heardOf = path === 'send' ? to : heardOf
        }
        return heard
      }
      let heardOf = ''
      expect(await answers(true)).toEqual(await answers(false))
      expect((await answers(true)).filter((status) => status === 200)).toHaveLength(18)
    },
  )

  it.each(Object.entries(failures))(
    'is not told by a resend, whoever answers: %s',
    async (_, failure) => {
      vi.spyOn(console, 'error').mockImplementation(() => undefined)
      const sms = unreachable(new DeliveryError({ ...failure, provider: 'unreachable' }))
      const answers = async (has: boolean) => {
        const { ask, clock } = createHandlerFixture(
          { account: () => has },
          { deliveries: { sms, whatsapp: sms, email: sms } },
        )
        const heard: unknown[] = []
        for (const [path, waitMs] of [
          ['send', 0],
          ['resend', 0],
          ['resend', 30_000],
          ['resend', 0],
          ['resend', 30_000],
          ['resend', 120_000],
          ['send', 60_000],
        ] as const) {
          clock.advance(waitMs)
          const { status, body } = await ask(path, { to: phone })
          heard.push([status, body])
        }
        return heard
      }
      expect(await answers(true)).toEqual(await answers(false))
    },
  )

  it.each(Object.entries(failures))(
    'nor does it end a code that somebody has: %s',
    async (_, failure) => {
      vi.spyOn(console, 'error').mockImplementation(() => undefined)
      const { ask, sms, clock } = createHandlerFixture({ account: () => true })
      await ask('send', { to: phone })
      const code = sms.lastCode()
      for (const path of ['send', 'resend']) {
        clock.advance(30_000)
        sms.failNext(new DeliveryError({ ...failure, provider: 'sms-provider' }))
        expect((await ask(path, { to: phone })).status).toBe(200)
      }
      expect((await ask('verify', { to: phone, code })).status).toBe(204)
    },
  )

  it('is not told by what a resend that reaches nobody answers', async () => {
    const error = new DeliveryError({ kind: 'opted_out', sent: 'no', provider: 'unreachable' })
    let fails = false
    const { sms, mail } = createFixture()
    const delivery = {
      ...sms,
      deliver: (...of: Parameters<typeof sms.deliver>) =>
        fails ? Promise.reject(error) : sms.deliver(...of),
    }
    const { ask, clock } = createHandlerFixture(
      { account: () => true },
      { deliveries: { sms: delivery, whatsapp: delivery, email: mail } },
    )
    await ask('send', { to: phone })
    clock.advance(30_000)
    fails = true
    const { status, body } = await ask('resend', { to: phone })
    expect([status, body]).toMatchObject([200, { codeLength: 6, expiresInMs: 270_000 }])
  })
})

it('who passed a challenge gets their message, the first and another one', async () => {
  const tokens: (string | null)[] = []
  const { ask, otp, sms } = createHandlerFixture(
    {
      challenged: ({ headers }) => {
        tokens.push(headers.get('x-captcha'))
        return headers.get('x-captcha') === 'passed'
      },
    },
    { limits: noLimits, guard: { mode: 'challenge' } },
  )
  await ask('send', { to: phone })
  for (let nth = 10; nth < 32; nth += 1) {
    const other = { to: `+9198765432${nth}`, channel: 'sms', purpose: 'login' } as const
    await otp.send({ ...other, ip: `198.51.100.${nth}` })
  }
  expect(tokens).toEqual([])
  for (const path of ['send', 'resend']) {
    const asked = { to: path === 'send' ? '+919876543233' : phone }
    expect(await ask(path, asked)).toMatchObject({ status: 403, body: type('challenge-required') })
    expect(await ask(path, asked, { 'x-captcha': 'made up' })).toMatchObject({ status: 403 })
    const sent = sms.messages.length
    expect((await ask(path, asked, { 'x-captcha': 'passed' })).status).toBe(200)
    expect(sms.messages).toHaveLength(sent + 1)
  }
  expect(tokens).toEqual([null, 'made up', 'passed', null, 'made up', 'passed'])
})

it('a resend of nothing says so', async () => {
  const { ask } = createHandlerFixture()
  expect(await ask('resend', { to: phone })).toMatchObject({ status: 410, body: type('expired') })
  const { body } = await ask('resend', { challengeId: 'x' })
  expect(body).toMatchObject({ ...type('invalid'), field: 'challengeId', problem: 'syntax' })
})

it('too early and too often are asked for patience', async () => {
  const { ask } = createHandlerFixture()
  await ask('send', { to: phone })
  const { status, headers, body } = await ask('send', { to: phone })
  expect([status, headers.get('retry-after'), body]).toMatchObject([
    429,
    '30',
    { ...type('too-many-requests'), retryAfterMs: 30_000 },
  ])
})

describe('a fault', () => {
  it('is on the console and a 503, which asks for a minute', async () => {
    const lines = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const error = new DeliveryError({ kind: 'unavailable', sent: 'no', provider: 'unreachable' })
    const sms = unreachable(error)
    const { ask } = createHandlerFixture({}, { deliveries: { sms, whatsapp: sms, email: sms } })
    const { status, headers, body } = await ask('send', { to: phone })
    expect([status, headers.get('retry-after'), body]).toMatchObject([
      503,
      '60',
      type('unavailable'),
    ])
    expect(lines.mock.calls).toEqual([['otpkit: createHandler:', 'delivery_failed', error]])
  })

  it('of the application is its own', async () => {
    const error = new Error('theirs')
    const { ask } = createHandlerFixture({
      ip: () => {
        throw error
      },
    })
    await expect(ask('send', { to: phone })).rejects.toBe(error)
  })
})

describe('wrong options', () => {
  const { otp } = createFixture()
  const right = {
    ip: () => null,
    purposes: { login: ['sms'] },
    verified: () => new Response(),
  }
  const create = (options: unknown) => Reflect.apply(createHandler, undefined, [otp, options])
  it.each([
    ['options', null],
    ['ip', { ...right, ip: undefined }],
    ['ip', { ...right, ip: '203.0.113.1' }],
    ['verified', { ...right, verified: undefined }],
    ['account', { ...right, account: true }],
    ['purposes', { ...right, purposes: undefined }],
    ['purposes', { ...right, purposes: {} }],
    ['purposes', { ...right, purposes: ['login'] }],
    ['purposes.login', { ...right, purposes: { login: 'sms' } }],
    ['purposes.login', { ...right, purposes: { login: [] } }],
    ['purposes.login', { ...right, purposes: { login: [1] } }],
    ['origins', { ...right, origins: 'https://app.example.com' }],
    ['origins', { ...right, origins: ['https://app.example.com/'] }],
    ['origins', { ...right, origins: ['null'] }],
    ['origins', { ...right, origins: ['*'] }],
    ['origin', { ...right, origin: ['https://app.example.com'] }],
  ])('are a TypeError that names %s', (name, options) => {
    expect(() => create(right)).not.toThrow()
    expect(() => create(options)).toThrow(TypeError)
    expect(() => create(options)).toThrow(`otpkit: createHandler: option \`${name}\``)
  })

  it.each([
    ['account', undefined],
    ['account', null],
    ['account', { id: 1 }],
    ['account', 'yes'],
    ['ip', ['203.0.113.1']],
    ['ip', Promise.resolve('203.0.113.1')],
  ])('are a TypeError that names %s where it returns %j', async (name, returned) => {
    const { otp, sms } = createFixture()
    const options = { ...right, [name]: () => returned }
    const handler = Reflect.apply(createHandler, undefined, [otp, options])
    const text = `otpkit: createHandler: option \`${name}\` must return`
    await expect(askOf(handler, 'send', { to: phone })).rejects.toThrow(text)
    expect(sms.messages).toEqual([])
  })

  it.each([
    ['nothing', undefined],
    ['a text', 'signed in'],
    ['an answer of Express', { statusCode: 204, headers: {}, end: () => {} }],
    ['a status that nobody can send', Response.error()],
    ['a Response whose body was sent before', 'the same each time'],
  ])('are a TypeError where `verified` returns %s', async (_, returned) => {
    const { otp, sms, verify } = createFixture()
    const same = new Response('signed in')
    await same.text()
    const answer = returned === 'the same each time' ? same : returned
    const options = { ...right, verified: async () => answer }
    const handler = Reflect.apply(createHandler, undefined, [otp, options])
    await askOf(handler, 'send', { to: phone })
    const code = sms.lastCode()
    const text = 'otpkit: createHandler: option `verified` must return a new Response'
    await expect(askOf(handler, 'verify', { to: phone, code })).rejects.toThrow(text)
    expect(await verify(code)).toMatchObject({ reason: 'used' })
  })

  it('may come of another realm', async () => {
    const { otp, sms } = createFixture()
    const shape = { status: 200, statusText: '', headers: new Headers(), body: null }
    const foreign = { ...shape, bodyUsed: false, arrayBuffer: async () => new ArrayBuffer(0) }
    const options = { ...right, verified: () => foreign }
    const handler = Reflect.apply(createHandler, undefined, [otp, options])
    await askOf(handler, 'send', { to: phone })
    const body = JSON.stringify({ to: phone, code: sms.lastCode() })
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body }
    expect(await handler(new Request('https://app.example.com/verify', init))).toBe(foreign)
  })

  it('are a TypeError where `challenged` returns what a captcha said', async () => {
    const fixture = createFixture()
    const asked = { ok: false, reason: 'rate_limited', challenge: true, retryAfterMs: 1000 }
    const otp = {
      recipient: (to: string) => fixture.otp.recipient(to),
      send: async () => asked,
      resend: async () => asked,
      verify: async () => asked,
    }
    const ask = (returned: unknown) => {
      const options = { ...right, challenged: async () => returned }
      const handler = Reflect.apply(createHandler, undefined, [otp, options])
      return askOf(handler, 'send', { to: phone })
    }
    for (const no of [false, undefined, null, '']) expect((await ask(no)).status).toBe(403)
    const text = 'otpkit: createHandler: option `challenged` must return true or false'
    for (const yes of [{ success: false }, 'ok', 1]) await expect(ask(yes)).rejects.toThrow(text)
  })

  it.each([undefined, null, {}, 'otp', { send: () => {} }])(
    'come behind the manager, which %j is not',
    (otp) => {
      const make = () => Reflect.apply(createHandler, undefined, [otp, right])
      expect(make).toThrow('otpkit: createHandler: option `otp` must be an OtpManager')
    },
  )

  it.each([{ admin: ['sms'] }, { login: ['fax'] }])(
    'that the manager does not know are a TypeError when they are asked for: %j',
    async (purposes) => {
      const handler = create({ ...right, purposes })
      const text = 'otpkit: createHandler: option `purposes` names a purpose or a channel'
      await expect(askOf(handler, 'send', { to: phone })).rejects.toThrow(text)
    },
  )
})

it('every problem of the document has its answer above, and none is another', async () => {
  const answer = new Response('{}', {
    status: 418,
    headers: { 'content-type': 'application/json' },
  })
  await expect(described('send', answer)).rejects.toThrow('says nothing of 418')
})
