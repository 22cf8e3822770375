import { OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { createHandler } from 'otpkit/http'
import { supabaseSmsHook } from 'otpkit/receivers/supabase'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it } from 'vitest'
import vectors from '../data/supabase-hooks.json' with { type: 'json' }

// What hosts of web-standard requests run, by nothing but web standards: workers, and the functions
// of Supabase, which are Deno's.

const phone = '+919876543210'

function create() {
  const sms = capturedDelivery({ reaches: ['phone'] })
  const otp = new OtpManager({
    secret: 'a-secret-for-tests-only-0123456789abcdef',
    database: memory(),
    deliveries: { sms },
    countries: ['IN'],
    purposes: ['login'],
  })
  return { otp, sms }
}

const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
  new Request(`https://otp.example.com/${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })

describe('on any runtime', () => {
  it('the handler sends a code, and opens one session for it', async () => {
    const { otp, sms } = create()
    const handler = createHandler(otp, {
      ip: ({ headers }) => headers.get('x-real-ip'),
      purposes: { login: ['sms'] },
      verified: ({ recipient }) =>
        new Response(null, { status: 204, headers: { 'set-cookie': `session=${recipient}` } }),
    })
    const sent = await handler(post('otp/send', JSON.stringify({ to: phone })))
    expect([sent.status, await sent.json()]).toMatchObject([200, { codeLength: 6 }])
    const form = new URLSearchParams({ to: phone, code: sms.lastCode() }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const verified = await handler(post('otp/verify', form, headers))
    expect([verified.status, verified.headers.get('set-cookie')]).toEqual([204, `session=${phone}`])
    expect((await handler(post('otp/verify', form, headers))).status).toBe(409)
    expect(
      (await handler(post('otp/verify', form, { ...headers, origin: 'https://evil.example' })))
        .status,
    ).toBe(403)
    expect((await handler(post('otp/send', 'x'.repeat(9_000)))).status).toBe(413)
  })

  it('a relayed message is sent once', async () => {
    const { otp, sms } = create()
    const ask = { to: phone, code: '4711', channel: 'sms', purpose: 'login', ip: null } as const
    const answers = await Promise.all([1, 2, 3].map(() => otp.relay(ask)))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(3)
    expect(sms.messages).toMatchObject([{ code: '4711' }])
  })

  it("Supabase's hook relays what Supabase signed, and nothing else", async () => {
    const { otp, sms } = create()
    const { body, id, signature, otherSignature } = vectors.hooks.signIn
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': vectors.timestamp,
      'webhook-signature': signature,
    }
    const hook = supabaseSmsHook(otp, {
      secret: `v1,${vectors.secret}`,
      channel: 'sms',
      purpose: 'login',
      clock: () => Number(vectors.timestamp) * 1000,
    })
    const forged = { ...headers, 'webhook-signature': otherSignature }
    expect((await hook(post('hook', body, forged))).status).toBe(401)
    expect((await hook(post('hook', `${body} `, headers))).status).toBe(401)
    for (let time = 0; time < 2; time += 1) {
      const answer = await hook(post('hook', body, headers))
      expect([answer.status, await answer.json()]).toEqual([200, {}])
    }
    expect(sms.messages).toMatchObject([{ to: phone, code: '561166' }])
  })
})
