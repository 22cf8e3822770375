import { createHmac } from 'node:crypto'
import { kratosHook } from 'otpkit/receivers/kratos'
import { logtoHook } from 'otpkit/receivers/logto'
import { supabaseSmsHook } from 'otpkit/receivers/supabase'
import type { Relay } from '../../src/receiver'
import vectors from '../data/supabase-hooks.json' with { type: 'json' }

type Otp = Relay<'sms' | 'whatsapp' | 'email', 'login' | 'signup'>
type Handler = (request: Request) => Promise<Response>

/** A host as its own sources write its requests, and the receiver of its hook. */
export interface Host {
  /** Under the secret that the host has, or under another one. */
  create(otp: Otp, secret?: 'right' | 'wrong'): Handler
  /** A request of the host's with this payload, or with this text for a body. */
  request(payload: unknown, headers?: Readonly<Record<string, string>>): Request
  /** What the host sends when `to` signs in with `code`. */
  signIn(to: string, code: string): object
  /** What the client, or the host's log, is told: the status and the message. */
  told(answer: Response): Promise<readonly [status: number, message: string]>
}

export const url = 'https://otp.example.com/hooks/host'
export const signedAtMs = Number(vectors.timestamp) * 1000
const clock = () => signedAtMs
const shared = {
  right: 'a-shared-secret-0123456789abcdef',
  wrong: 'another-secret-0123456789abcdefg',
}
export const supabaseSecret = `v1,${vectors.secret}`

function post(payload: unknown, headers: Readonly<Record<string, string>>): Request {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const type = { 'content-type': 'application/json' }
  return new Request(url, { method: 'POST', body, headers: { ...type, ...headers } })
}

/** The headers of Standard Webhooks, written apart from the library. */
export function standardHeaders(body: string, id = 'a3a9d0a4-0000-4000-8000-000000000000') {
  const { secret, timestamp } = vectors
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${digest}`,
  }
}

async function messageOf(answer: Response): Promise<string> {
  const { message = '' } = await answer.json()
  return message
}

export const hosts: Readonly<Record<'Supabase' | 'Kratos' | 'Logto', Host>> = {
  Supabase: {
    create: (otp, secret = 'right') =>
      supabaseSmsHook(otp, {
        secret: secret === 'right' ? supabaseSecret : `v1,${vectors.otherSecret}`,
        channel: 'sms',
        purpose: { sign_in: 'login' },
        clock,
      }),
    request: (payload, headers = {}) => {
      const body = typeof payload === 'string' ? payload : JSON.stringify(payload)
      return post(body, { ...standardHeaders(body), ...headers })
    },
    signIn: (to, otp) => ({
      metadata: { ip_address: '203.0.113.7' },
      user: { phone: to.slice(1) },
      sms: { otp, phone: to.slice(1) },
    }),
    told: async (answer) => {
      const { error } = await answer.json()
      return [error?.http_code ?? answer.status, error?.message ?? '']
    },
  },
  Kratos: {
    create: (otp, secret = 'right') =>
      kratosHook(otp, {
        secret: shared[secret],
        channel: 'sms',
        purpose: { login_code_valid: 'login' },
      }),
    request: (payload, headers) =>
      post(payload, { authorization: `Bearer ${shared.right}`, ...headers }),
    signIn: (recipient, code) => ({
      recipient,
      body: `Your code is ${code}`,
      template_type: 'login_code_valid',
      template_data: { login_code: code },
    }),
    told: async (answer) => [answer.status, await messageOf(answer)],
  },
  Logto: {
    create: (otp, secret = 'right') =>
      logtoHook(otp, { secret: shared[secret], channel: 'sms', purpose: { SignIn: 'login' } }),
    request: (payload, headers) => post(payload, { authorization: shared.right, ...headers }),
    signIn: (to, code) => ({ to, type: 'SignIn', payload: { code }, ip: '203.0.113.7' }),
    told: async (answer) => [answer.status, await messageOf(answer)],
  },
}
