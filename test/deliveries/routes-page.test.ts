import { type Delivery, type OtpEvent, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { testClock } from 'otpkit/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { credential, deliveriesOf, readPage } from './pages/page'
import { openStage, type Stage } from './pages/stage'
import type { ProviderBehaviour } from './provider-server'

// docs/routes.md, followed literally: its first block is SMS by country, with failover in India and
// retries in Iran.
const env = {
  KAVENEGAR_API_KEY: credential,
  MSG91_AUTH_KEY: credential,
  MSG91_TEMPLATE_ID: '5f0c0d0e0f00000000000001',
  TWILIO_ACCOUNT_SID: `AC${credential}`,
  TWILIO_AUTH_TOKEN: credential,
}
const people = { IR: '+98912123456', IN: '+91987654321', US: '+1201555012' }

const taken = {
  kavenegar: { json: { return: { status: 200 }, entries: [{ messageid: 1 }] } },
  msg91: { json: { type: 'success', request_id: '37' } },
  twilio: { status: 201, json: { sid: 'SM1', error_code: null } },
} as const
type Provider = keyof typeof taken

const providerAt = (path: string): Provider => {
  if (path.startsWith('/api/v5/otp')) return 'msg91'
  return path.startsWith('/2010-04-01/') ? 'twilio' : 'kavenegar'
}

let opened: Stage | undefined
const asked: Provider[] = []
async function providersAnswer(answers: Partial<Record<Provider, () => ProviderBehaviour>>) {
  await opened?.play((path) => {
    const provider = providerAt(path)
    asked.push(provider)
    return answers[provider]?.() ?? taken[provider]
  })
}

beforeAll(async () => {
  opened = await openStage('0')
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
beforeEach(() => {
  asked.length = 0
})
afterAll(() => opened?.close())

async function createBackend() {
  const clock = testClock()
  const deliveries: Record<string, Delivery> = await deliveriesOf(
    readPage('../routes').blocks[0] ?? '',
    env,
  )
  const otp = new OtpManager({
    secret: 'a-secret-for-tests-only-0123456789abcdef',
    database: memory({ clock: clock.now }),
    deliveries,
    countries: 'any',
    purposes: ['login'],
    limits: { ip: [] },
  })
  const events: OtpEvent[] = []
  otp.subscribe((event) => {
    events.push(event)
  })
  const send = (country: keyof typeof people, lastDigit = 0) =>
    otp.send({ to: `${people[country]}${lastDigit}`, channel: 'sms', purpose: 'login', ip: null })
  const told = () => events.splice(0).map(({ type, ...facts }) => ({ type, ...routeOf(facts) }))
  return { send, told }
}

function routeOf(facts: object) {
  const { provider, kind, sent, providerCode } = Object(facts)
  return { provider, ...(kind === undefined ? {} : { kind, sent, providerCode }) }
}

const outOfCredit = { json: { type: 'error', message: 'Low balance', code: '301' } }
const blocked = { status: 400, json: { code: 30_450, message: 'No.' } }

describe('docs/routes.md', () => {
  it('sends by country, each over its provider', async () => {
    const { send } = await createBackend()
    await providersAnswer({})
    await expect(send('IR')).resolves.toMatchObject({ provider: 'kavenegar' })
    await expect(send('IN')).resolves.toMatchObject({ provider: 'msg91' })
    await expect(send('US')).resolves.toMatchObject({ provider: 'twilio' })
  })

  it('moves on from a first route that is out of credit, and the operator hears of it', async () => {
    const { send, told } = await createBackend()
    await providersAnswer({ msg91: () => outOfCredit })
    await expect(send('IN')).resolves.toMatchObject({ ok: true, provider: 'twilio' })
    const failed = { type: 'delivery_failed', provider: 'msg91', kind: 'insufficient_funds' }
    expect(told()).toEqual([
      { ...failed, sent: 'no', providerCode: '301' },
      { type: 'sent', provider: 'twilio' },
    ])
  })

  it('tells of both when the second route refuses too, each once', async () => {
    const { send, told } = await createBackend()
    await providersAnswer({ msg91: () => outOfCredit, twilio: () => blocked })
    await expect(send('IN')).resolves.toMatchObject({ ok: false, kind: 'fraud_blocked' })
    expect(told()).toMatchObject([
      { type: 'delivery_failed', provider: 'msg91' },
      { type: 'delivery_failed', provider: 'twilio' },
      { type: 'unsent', kind: 'fraud_blocked' },
    ])
  })

  it('does not move on from an answer that never came', async () => {
    const { send, told } = await createBackend()
    await providersAnswer({ msg91: () => 'hang up' })
    await expect(send('IN')).resolves.toMatchObject({ ok: true, delivery: 'unknown' })
    expect(asked).toEqual(['msg91'])
    expect(told().map(({ provider }) => provider)).toEqual(['msg91', 'msg91'])
  })

  it('skips a provider that failed five times in a row, and says so', async () => {
    const { send, told } = await createBackend()
    await providersAnswer({ msg91: () => outOfCredit })
    for (let failures = 0; failures < 5; failures += 1) await send('IN', failures)
    told()
    asked.length = 0
    await expect(send('IN', 5)).resolves.toMatchObject({ provider: 'twilio' })
    expect(asked).toEqual(['twilio'])
    expect(told()[0]).toMatchObject({ provider: 'msg91', kind: 'unavailable', sent: 'no' })
  })

  it('repeats what was busy and sent nothing', async () => {
    const { send, told } = await createBackend()
    let calls = 0
    const busy = { status: 409, json: { return: { status: 409 }, entries: null } }
    await providersAnswer({
      kavenegar: () => {
        calls += 1
        return calls < 3 ? busy : taken.kavenegar
      },
    })
    await expect(send('IR')).resolves.toMatchObject({ provider: 'kavenegar' })
    expect(calls).toBe(3)
    expect(told()).toEqual([{ type: 'sent', provider: 'kavenegar' }])
  })
})
