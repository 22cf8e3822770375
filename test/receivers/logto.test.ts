import { logtoHook } from 'otpkit/receivers/logto'
import { describe, expect, it, vi } from 'vitest'
import type { HookOutcome } from '../../src/receiver'
import { phone } from '../fixture'
import { url } from './hosts'

const secret = 'a-shared-secret-0123456789abcdef'

async function relayed(payload: object, authorization = secret) {
  const relay = vi.fn(async (): Promise<HookOutcome> => ({ ok: true }))
  const purpose = { SignIn: 'login', ForgotPassword: 'signup' } as const
  const hook = logtoHook({ relay }, { secret, channel: ['sms', 'whatsapp'], purpose })
  const headers = { authorization, 'content-type': 'application/json' }
  const body = JSON.stringify(payload)
  const { status } = await hook(new Request(url, { method: 'POST', headers, body }))
  return { status, calls: relay.mock.calls }
}

describe('the HTTP connectors of Logto', () => {
  const message = { channel: ['sms', 'whatsapp'], purpose: 'login', code: '123456' }

  it.each([phone, phone.slice(1), 'person@example.com'])('send to %s', async (to) => {
    const payload = { code: '123456', locale: 'pt-BR', uiLocales: 'pt-BR en' }
    const { status, calls } = await relayed({ to, type: 'SignIn', payload, ip: '192.168.1.100' })
    expect(status).toBe(200)
    const recipient = to.includes('@') ? to : phone
    expect(calls).toEqual([[{ ...message, to: recipient, ip: '192.168.1.100', locale: 'pt-BR' }]])
  })

  it('tell no address of the person without one, and may write Bearer', async () => {
    const request = { to: phone, type: 'ForgotPassword', payload: { code: '123456' } }
    const { calls } = await relayed(request, `Bearer ${secret}`)
    expect(calls).toEqual([[{ ...message, to: phone, purpose: 'signup', ip: null }]])
  })

  it('are refused what is no code', async () => {
    const invitation = { to: phone, type: 'OrganizationInvitation', payload: { link: 'https://x' } }
    expect((await relayed(invitation)).status).toBe(400)
    const payload = { code: '123456' }
    expect((await relayed({ to: phone, type: 'BindMfa', payload })).status).toBe(422)
  })
})
