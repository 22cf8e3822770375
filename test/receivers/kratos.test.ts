import { kratosHook } from 'otpkit/receivers/kratos'
import { describe, expect, it, vi } from 'vitest'
import type { HookOutcome } from '../../src/receiver'
import { createFixture, phone } from '../fixture'
import { url } from './hosts'

const secret = 'a-shared-secret-0123456789abcdef'

/** A message of the courier's, with what the page tells to send of it. */
async function relayed(payload: object, purpose: string | Record<string, string> = 'login') {
  const relay = vi.fn(async (): Promise<HookOutcome> => ({ ok: true }))
  const hook = kratosHook({ relay }, { secret, channel: 'sms', purpose })
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
  const body = JSON.stringify(payload)
  const { status } = await hook(new Request(url, { method: 'POST', headers, body }))
  return { status, calls: relay.mock.calls }
}

describe('the courier of Kratos', () => {
  it.each([
    ['login_code_valid', 'login_code'],
    ['registration_code_valid', 'registration_code'],
    ['recovery_code_valid', 'recovery_code'],
    ['verification_code_valid', 'verification_code'],
    // Of older versions, whose recovery by SMS names it so.
    ['recovery_code_valid', 'verification_code'],
  ])('%s holds its code in %s', async (type, name) => {
    const payload = {
      recipient: phone,
      body: 'Your code is 042042',
      template_type: type,
      template_data: { to: phone, [name]: '042042', expires_in_minutes: 15 },
    }
    const { status, calls } = await relayed({ ...payload, locale: 'fa' }, { [type]: 'login' })
    expect(status).toBe(200)
    const message = { to: phone, channel: 'sms', purpose: 'login', ip: null, locale: 'fa' }
    expect(calls).toEqual([[{ ...message, code: '042042' }]])
  })

  it('what holds no code is relayed as the text that it is', async () => {
    const { calls } = await relayed({
      recipient: phone,
      body: 'A new key was added to your account.',
      template_type: 'authenticator_key_added',
      template_data: {},
    })
    const message = { to: phone, channel: 'sms', purpose: 'login', ip: null }
    expect(calls).toEqual([[{ ...message, text: 'A new key was added to your account.' }]])
  })

  it('a language that is none does not cost the person the code', async () => {
    for (const locale of [null, 4, '', 'x'.repeat(36), 'fa; q=1', ['fa']]) {
      const { calls } = await relayed({
        recipient: phone,
        template_type: 'login_code_valid',
        template_data: { login_code: '042042' },
        locale,
      })
      expect(calls).toEqual([
        [{ to: phone, channel: 'sms', purpose: 'login', ip: null, code: '042042' }],
      ])
    }
  })

  it('what is refused stays in its queue, and comes again without a second message', async () => {
    const { otp, clock, sms } = createFixture()
    const hook = kratosHook(otp, { secret, channel: 'sms', purpose: 'login' })
    const ask = async (code: string, token = `Bearer ${secret}`) => {
      const payload = { recipient: phone, template_type: 't', template_data: { login_code: code } }
      const init = {
        method: 'POST',
        headers: { authorization: token },
        body: JSON.stringify(payload),
      }
      return (await hook(new Request(url, init))).status
    }
    expect([await ask('111111'), await ask('111111', secret), await ask('222222')]).toEqual([
      200, 200, 429,
    ])
    clock.advance(30_000)
    expect([await ask('222222'), await ask('222222', `bearer ${secret}`)]).toEqual([200, 200])
    expect(sms.messages.map(({ code }) => code)).toEqual(['111111', '222222'])
    expect([await ask('1', `Basic ${secret}`), await ask('1', `${secret}x`)]).toEqual([401, 401])
  })
})
