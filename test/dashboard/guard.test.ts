import { OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery } from 'otpkit/testing'
import { expect, it } from 'vitest'
import type { Failures, Refusals } from '../../src/dashboard/data'
import type { Guard } from '../../src/dashboard/guard-data'
import { secret } from '../fixture'
import { openDashboard, read } from './ask'

const hour = 3_600_000

it('the guard shows what it suspected, and the last that was told of each cap', async () => {
  const { dashboard, history, clock } = openDashboard()
  const at = clock.now()
  const suspected = { type: 'suspected', at, channel: 'sms', country: 'IR', mode: 'refuse' }
  const spend = { type: 'spend', at, max: 100, currency: 'EUR', country: 'IN' }
  const events = [
    { ...suspected, rule: 'conversion', level: 'block', verdict: 'refuse' },
    { ...suspected, rule: 'conversion', level: 'block', verdict: 'refuse' },
    { ...suspected, country: 'IN', rule: 'outage', level: 'country', verdict: 'allow' },
    { ...suspected, at: at - 25 * hour, rule: 'growth', level: 'country', verdict: 'refuse' },
    { ...spend, at: at - 2 * hour, cap: 'perDay', percent: 50, used: 51 },
    { ...spend, at: at - hour, cap: 'perDay', percent: 80, used: 80.5 },
    { ...spend, cap: 'perCountryPerDay', percent: 50, used: 5, max: 10 },
    {
      ...spend,
      at: at - 25 * hour,
      cap: 'perCountryPerDay',
      percent: 100,
      used: 10,
      country: 'IR',
    },
  ]
  for (const event of events) history.record(event)
  const guard = await read<Guard>(dashboard, 'guard')
  expect(guard.suspected).toEqual([
    {
      country: 'IR',
      channel: 'sms',
      rule: 'conversion',
      level: 'block',
      verdict: 'refuse',
      count: 2,
    },
    { country: 'IN', channel: 'sms', rule: 'outage', level: 'country', verdict: 'allow', count: 1 },
  ])
  const euro = { currency: 'EUR' }
  expect(guard.spent).toEqual([
    { ...euro, at, cap: 'perCountryPerDay', country: 'IN', percent: 50, used: 5, max: 10 },
    { ...euro, at: at - hour, cap: 'perDay', country: null, percent: 80, used: 80.5, max: 100 },
  ])
})

it('a manager with a cap on money tells the dashboard how much of it is spent', async () => {
  const { dashboard, history, clock } = openDashboard()
  const capped = new OtpManager({
    secret,
    clock: clock.now,
    database: memory({ clock: clock.now }),
    deliveries: { sms: capturedDelivery({ reaches: ['phone'] }) },
    countries: ['IN'],
    purposes: ['login'],
    spend: { perDay: 1, prices: { currency: 'EUR', perMessage: { sms: 0.25 } } },
  })
  capped.subscribe(history.record)
  for (let index = 0; index < 5; index += 1) {
    const to = `+91987654321${index}`
    await capped.send({ to, channel: 'sms', purpose: 'login', ip: null })
  }
  const { spent } = await read<Guard>(dashboard, 'guard')
  expect(spent).toMatchObject([{ cap: 'perDay', percent: 100, max: 1, currency: 'EUR' }])
  const refusals = await read<Refusals>(dashboard, 'refusals')
  expect(refusals.rows).toMatchObject([{ action: 'send', limit: 'budget', count: 1 }])
})

it('what was told once is shown on a busy day too: of a cap, and of the page that mends a failure', async () => {
  const { dashboard, history, clock } = openDashboard()
  const at = clock.now() - hour
  const consolePage = 'https://console.acme.example/countries'
  const failed = { channel: 'sms', provider: 'acme', kind: 'misconfigured', consolePage }
  const spend = { cap: 'perDay', percent: 80, used: 80, max: 100, currency: 'EUR' }
  for (const facts of [
    { type: 'spend', ...spend },
    { type: 'delivery_failed', ...failed },
  ]) {
    history.record({ at, ...facts })
  }
  for (let index = 0; index < 1_500; index += 1) {
    const facts = { channel: 'sms', provider: 'acme', reference: `message ${index}` }
    history.record({ type: 'sent', at: at + index, ...facts })
  }
  const { spent } = await read<Guard>(dashboard, 'guard')
  expect(spent).toMatchObject([{ cap: 'perDay', percent: 80 }])
  const { rows } = await read<Failures>(dashboard, 'failures')
  expect(rows).toMatchObject([{ kind: 'misconfigured', count: 1, consolePage }])
})
