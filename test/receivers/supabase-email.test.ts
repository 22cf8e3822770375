import { OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { supabaseEmailHook } from 'otpkit/receivers/supabase'
import { capturedDelivery } from 'otpkit/testing'
import { describe, expect, it, vi } from 'vitest'
import type { HookOutcome } from '../../src/receiver'
import vectors from '../data/supabase-hooks.json' with { type: 'json' }
import { createFixture, secret } from '../fixture'
import { signedAtMs, standardHeaders, supabaseSecret, url } from './hosts'
import { supabaseRequest } from './supabase-auth'

const options = {
  secret: supabaseSecret,
  channel: 'email',
  purpose: { magiclink: 'login', email_change: 'login', recovery: 'signup' },
  clock: () => signedAtMs,
} as const
const message = { to: 'person@example.com', code: '305805', channel: 'email', ip: '203.0.113.7' }

function ask(hook: (request: Request) => Promise<Response>, name: keyof typeof vectors.mails) {
  const { body, ...signed } = vectors.mails[name]
  return hook(supabaseRequest(body, signed))
}

/** A hook that keeps what it relays, of which these recipients are refused. */
function keeping(refused: readonly string[] = []) {
  const relay = vi.fn(async ({ to }: { to: string }): Promise<HookOutcome> => {
    return refused.includes(to)
      ? { ok: false, reason: 'rate_limited', retryAfterMs: 30_000 }
      : { ok: true }
  })
  return { relay, hook: supabaseEmailHook({ relay }, options) }
}

describe('what Supabase mails', () => {
  it.each([
    ['magiclink', [{ ...message, purpose: 'login' }]],
    ['recovery', [{ ...message, purpose: 'signup' }]],
    ['change', [{ ...message, to: 'new@example.com', purpose: 'login' }]],
    [
      'changeOfBoth',
      [
        { ...message, purpose: 'login' },
        { ...message, to: 'new@example.com', code: '871402', purpose: 'login' },
      ],
    ],
  ] as const)('%s goes to its own address, for its purpose', async (name, relayed) => {
    const { relay, hook } = keeping()
    const answer = await ask(hook, name)
    expect([answer.status, await answer.json()]).toEqual([200, {}])
    expect(relay.mock.calls.map(([one]) => one)).toEqual(relayed)
  })

  it('is nothing where there is no code, or a kind that is left out', async () => {
    const { relay, hook } = keeping()
    const notice = await ask(hook, 'notice')
    expect(notice.status).toBe(400)
    const other = supabaseEmailHook({ relay }, { ...options, purpose: { signup: 'login' } })
    expect(await (await ask(other, 'magiclink')).json()).toMatchObject({
      error: { http_code: 422 },
    })
    expect(relay).not.toHaveBeenCalled()
  })

  it('is refused where one of two messages is, and the other one is not sent twice', async () => {
    const { hook } = keeping(['new@example.com'])
    const answer = await ask(hook, 'changeOfBoth')
    expect(await answer.json()).toMatchObject({ error: { http_code: 429 } })

    const email = capturedDelivery({ reaches: ['email'] })
    const otp = new OtpManager({
      secret,
      database: memory(),
      deliveries: { email },
      purposes: ['login'],
    })
    const real = supabaseEmailHook(otp, { ...options, purpose: 'login' })
    for (let time = 0; time < 3; time += 1)
      expect((await ask(real, 'changeOfBoth')).status).toBe(200)
    expect(email.messages.map(({ to, code }) => [to, code]).sort()).toEqual([
      ['new@example.com', '871402'],
      ['person@example.com', '305805'],
    ])
  })

  it('S77 is refused under another secret, or altered', async () => {
    const { relay, hook } = keeping()
    const { body, id, otherSignature, signature } = vectors.mails.magiclink
    expect((await hook(supabaseRequest(body, { id, signature: otherSignature }))).status).toBe(401)
    expect((await hook(supabaseRequest(`${body} `, { id, signature }))).status).toBe(401)
    expect(relay).not.toHaveBeenCalled()
  })

  it.each([
    {},
    { email_data: null },
    { user: [], email_data: { token: '1234', email_action_type: 'magiclink' } },
    { user: { email: 5 }, email_data: { token: '1234', email_action_type: 'magiclink' } },
    {
      user: { email: 'a@example.com' },
      email_data: { token: 1234, email_action_type: 'magiclink' },
    },
    { user: { email: 'a@example.com' }, email_data: { token: '1234' } },
    {
      user: { email: 'a@example.com' },
      email_data: { token: '1234', email_action_type: '__proto__' },
    },
    {
      user: { email: 'a@example.com' },
      email_data: { token: '1234', email_action_type: 'email_change' },
    },
    {
      user: { email: 'a\nb@example.com' },
      email_data: { token: '1234', email_action_type: 'magiclink' },
    },
    {
      user: { email: '+919876543210' },
      email_data: { token: '1234', email_action_type: 'magiclink' },
    },
    {
      user: { email: 'a@example.com' },
      email_data: { token: '12<3', email_action_type: 'magiclink' },
    },
  ])('holds nothing to send: %j', async (payload) => {
    const { otp, mail } = createFixture()
    const hook = supabaseEmailHook(otp, { ...options, channel: 'email' })
    const body = JSON.stringify(payload)
    const headers = { 'content-type': 'application/json', ...standardHeaders(body) }
    const answer = await hook(new Request(url, { method: 'POST', body, headers }))
    const { error } = await answer.json()
    expect([400, 422]).toContain(error.http_code)
    expect(mail.messages).toEqual([])
  })
})
