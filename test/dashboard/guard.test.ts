import { expect, it } from 'vitest'
import type { Guard } from '../../src/dashboard/guard-data'
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
