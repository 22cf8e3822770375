import { randomUUID } from 'node:crypto'
import type { History } from 'otpkit'
import { createDashboard } from 'otpkit/dashboard'
import { postgresHistory } from 'otpkit/histories/postgres'
import { redisHistory } from 'otpkit/histories/redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {
  About,
  Failures,
  Feed,
  Funnel,
  Refusals,
  Steps,
  Summary,
  Times,
} from '../../src/dashboard/data'
import type { Comparison, Money } from '../../src/dashboard/money-data'
import type { Person } from '../../src/dashboard/person-data'
import { openHistories } from '../histories/own-schema'
import { connectNodeRedis } from '../servers/redis-clients'
import { redisUrl } from '../servers/shared'
import { asking, post, read } from './ask'
import { day, hour, misbehave, type Truth } from './misbehaving'

type Open = (clock: () => number) => readonly [History, History]

const places: Readonly<Record<string, () => Promise<{ open: Open; close(): Promise<void> }>>> = {
  PostgreSQL: async () => {
    const { pool, schema, close } = await openHistories()
    const space = await schema()
    const one = (clock: () => number) => postgresHistory(pool, { schema: space, clock })
    return { open: (clock) => [one(clock), one(clock)], close }
  },
  Redis: async () => {
    const { client, close } = await connectNodeRedis(await redisUrl())
    const prefix = `dashboard-${randomUUID()}`
    const one = (clock: () => number) => redisHistory(client, { prefix, clock })
    return { open: (clock) => [one(clock), one(clock)], close: async () => void (await close()) }
  },
}

// A border of hours in which the day does not end, nor begin.
const border = Math.floor(Date.now() / day) * day - day + 12 * hour

describe.each(Object.keys(places))('the numbers of a misbehaving run, from %s', (name) => {
  let place: Awaited<ReturnType<(typeof places)[string]>>
  let run: Awaited<ReturnType<typeof misbehave>>
  let dashboard: (request: Request) => Promise<Response>

  beforeAll(async () => {
    const opened = await places[name]?.()
    if (opened === undefined) throw new Error('no place')
    place = opened
    run = await misbehave(place.open, border)
    const [otp] = run.managers
    const [, history] = run.histories
    if (otp === undefined) throw new Error('no manager')
    dashboard = createDashboard({
      otp,
      history,
      clock: run.clock.now,
      authorize: () => ({ name: 'ada', can: ['find', 'unlock'] }),
      prices: { currency: 'USD', perMessage: { sms: { BD: 0.07 }, slow: { DE: 0.1 } } },
    })
  })
  afterAll(() => place.close())

  const truthOf = (country: string): Truth => {
    const truth = run.truths.get(country)
    if (truth === undefined) throw new Error(`nothing is known of ${country}`)
    return truth
  }

  /** What the funnel must show of what happened. */
  const stepsOf = (truth: Truth, reported: number): Steps => ({
    asked: truth.refused + truth.unsent + truth.sent,
    refused: truth.refused,
    unsent: truth.unsent,
    sent: truth.sent,
    accepted: truth.accepted,
    reported,
    delivered: reported > 0 ? truth.delivered : null,
    lost: reported > 0 ? truth.lost : null,
    tried: truth.incorrect + truth.verified,
    verified: truth.verified,
  })

  it('the run is one of some four hundred challenges, with everything in it', () => {
    const { sent, unsent, withheld, refused, lost, incorrect, relayed } = run.total
    expect(sent + unsent + withheld + refused).toBeGreaterThan(320)
    for (const count of [unsent, withheld, refused, lost, incorrect, relayed]) {
      expect(count).toBeGreaterThan(10)
    }
  })

  it('the funnel, in all, by country, by provider, and over time', async () => {
    const funnel = await read<Funnel>(dashboard, 'funnel?range=day')
    const { total, truths } = run
    // The silent provider's messages are none that anybody reports of.
    expect(funnel.total).toEqual(stepsOf(total, total.sent - truthOf('DE').sent))
    const { withheld, relayed, test } = total
    expect(funnel.apart).toEqual({ withheld, relayed, test })
    expect(test).toBe(1)
    const countries = Object.fromEntries(
      funnel.by.country.map(({ name: country, ...steps }) => [country, steps]),
    )
    const wanted = [...truths].map(([country, truth]) => [
      country,
      stepsOf(truth, ['IN', 'BD'].includes(country) ? truth.sent : 0),
    ])
    expect(countries).toEqual(Object.fromEntries(wanted))
    const unknown = { asked: null, refused: null, unsent: null, tried: null }
    const providers = new Map(funnel.by.provider.map((group) => [group.name, group]))
    expect(providers.get('slow')).toEqual({
      name: 'slow',
      ...stepsOf(truthOf('DE'), 0),
      ...unknown,
    })
    expect(providers.get('acme')).toMatchObject({
      ...unknown,
      sent: total.sent - truthOf('DE').sent,
      verified: total.verified - truthOf('DE').verified,
    })
    const pieces = funnel.points.filter(({ sent }) => sent > 0)
    expect(pieces.map(({ at }) => at)).toEqual([border - hour, border])
    expect(pieces.reduce((sum, { sent }) => sum + sent, 0)).toBe(total.sent)
    expect(pieces.reduce((sum, { verified }) => sum + verified, 0)).toBe(total.verified)
  })

  it('the same for one country, and for one provider', async () => {
    const ofIran = await read<Funnel>(dashboard, 'funnel?country=IR')
    expect(ofIran.total).toEqual(stepsOf(truthOf('IR'), 0))
    const ofSlow = await read<Funnel>(dashboard, 'funnel?provider=slow')
    const steps = stepsOf(truthOf('DE'), 0)
    expect(ofSlow.total).toEqual({
      ...steps,
      asked: null,
      refused: null,
      unsent: null,
      tried: null,
    })
  })

  it('the last hour against the same hour of the day before, and the sentence', async () => {
    const { now, dayBefore, weekBefore, alarm } = await read<Summary>(dashboard, 'summary')
    const { total } = run
    const reported = total.sent - truthOf('DE').sent
    expect(now).toEqual({
      messages: total.sent,
      delivered: total.delivered / reported,
      verified: total.verified / total.sent,
      medianMs: expect.any(Number),
    })
    expect(dayBefore).toMatchObject({ messages: 60, delivered: 1, verified: 1 })
    expect(weekBefore).toBeNull()
    expect(alarm).toMatchObject({ what: 'messages', isTooLow: false, value: total.sent, usual: 60 })
  })

  it('times to verify', async () => {
    const times = await read<Times>(dashboard, 'times')
    expect(times.total?.count).toBe(run.total.verified)
    for (const percentile of [times.total?.p50, times.total?.p90]) {
      expect(percentile).toBeGreaterThanOrEqual(18_000)
      expect(percentile).toBeLessThanOrEqual(22_000)
    }
    expect(times.by.provider.map((timing) => [timing.name, timing.count])).toEqual([
      ['acme', run.total.verified - truthOf('DE').verified],
      ['slow', truthOf('DE').verified],
    ])
    const counted = times.points.flatMap(({ timing }) => timing?.count ?? [])
    expect(counted).toEqual([run.total.verified])
  })

  it('failures, with the code and the page that mends them', async () => {
    const failures = await read<Failures>(dashboard, 'failures')
    const facts = failures.rows.map(({ provider, kind, providerCode, told, count }) =>
      [provider, kind, providerCode, told, count].join(' '),
    )
    expect(facts.toSorted()).toEqual(
      [
        `acme misconfigured 21408 at once ${truthOf('IR').unsent}`,
        `acme unknown 30003 by receipt ${truthOf('BD').lost}`,
        `slow unavailable  at once ${truthOf('DE').sent}`,
      ].toSorted(),
    )
    const country = failures.rows.find(({ providerCode }) => providerCode === '21408')
    expect(country).toMatchObject({
      firstAt: border - hour,
      lastAt: border,
      consolePage: 'https://console.acme.example/countries',
      docs: null,
    })
    expect(failures.count).toBe(run.total.unsent + run.total.lost + truthOf('DE').sent)
  })

  it('refusals, by limit', async () => {
    const refusals = await read<Refusals>(dashboard, 'refusals')
    expect(refusals.rows).toEqual([
      { action: 'send', reason: 'rate_limited', limit: 'cooldown', count: run.total.refused },
    ])
    expect(refusals.points.reduce((sum, { send }) => sum + send, 0)).toBe(run.total.refused)
  })

  it('money: what providers say, else the table, each currency by itself', async () => {
    const money = await read<Money>(dashboard, 'money')
    const ofIndia = truthOf('IN').sent + truthOf('IN').relayed
    const paid = money.total.map(({ currency, amount, messages, estimated, perVerified }) => ({
      currency,
      amount,
      messages,
      estimated,
      perVerified,
    }))
    const inr = ofIndia * 0.25
    // Two segments each.
    const usd = Math.round((truthOf('BD').sent * 2 * 0.07 + truthOf('DE').sent * 0.1) * 1e6) / 1e6
    const { verified } = run.total
    expect(paid.toSorted((one, other) => one.currency.localeCompare(other.currency))).toEqual([
      {
        currency: 'INR',
        amount: inr,
        messages: ofIndia,
        estimated: 0,
        perVerified: inr / verified,
      },
      {
        currency: 'USD',
        amount: usd,
        messages: truthOf('BD').sent + truthOf('DE').sent,
        estimated: 1,
        perVerified: usd / verified,
      },
    ])
    const ofBangladesh = money.byCountry.find(({ country }) => country === 'BD')
    expect(ofBangladesh).toMatchObject({ currency: 'USD', perVerified: null, verified: 0 })
    expect(money.byDay.map(({ currency, amount }) => [currency, amount]).toSorted()).toEqual([
      ['INR', inr],
      ['USD', usd],
    ])
    expect(money.unpriced).toBe(0)
  })

  it('countries and providers side by side, and as tables to save', async () => {
    const { rows } = await read<Comparison>(dashboard, 'countries')
    for (const row of rows) {
      const { sent, delivered, lost, unsent, verified } = truthOf(row.name ?? '')
      const isReported = ['IN', 'BD'].includes(row.name ?? '')
      expect(row).toMatchObject({
        sent,
        share: sent / run.total.sent,
        delivered: isReported ? delivered / sent : null,
        verified: sent === 0 ? null : verified / sent,
        failures: lost + unsent + (row.name === 'DE' ? sent : 0),
      })
    }
    expect(rows).toHaveLength(4)
    const providers = await read<Comparison>(dashboard, 'providers')
    expect(providers.rows.map((row) => [row.name, row.sent])).toEqual([
      ['acme', run.total.sent - truthOf('DE').sent],
      ['slow', truthOf('DE').sent],
    ])
    const saved = await asking(dashboard)('data/countries.csv')
    expect(saved.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const lines = (await saved.text()).trimEnd().split('\r\n')
    expect(lines).toHaveLength(5)
    expect(lines.find((line) => line.startsWith('"DE"'))).toMatch(
      new RegExp(`^"DE",${truthOf('DE').sent},[\\d.]+,,`),
    )
  })

  it('what there is to choose from, and one person', async () => {
    const about = await read<About>(dashboard, 'about')
    expect(about.isThisProcessOnly).toBe(false)
    expect(about.seen.countries.toSorted()).toEqual(['BD', 'DE', 'IN', 'IR'])
    expect(about.seen.providers.toSorted()).toEqual(['acme', 'slow'])
    expect(about.manager).toEqual({ channels: ['sms'], purposes: ['login', 'signup'] })
    expect([about.dropped, about.strayReceipts, about.faults]).toEqual([0, 0, []])

    const body = { to: run.flooded, channel: 'sms', purpose: 'login' }
    const person: Person = await (await post(dashboard, 'find', body)).json()
    const types = person.events.map(({ type }) => type)
    expect(types.filter((type) => type === 'refused')).toHaveLength(run.total.refused)
    expect(types.filter((type) => type === 'sent')).toHaveLength(1)
    const feed = await read<Feed>(dashboard, 'feed?limit=1')
    expect(feed.events).toMatchObject([{ type: 'looked_up', by: 'ada' }])
  })
})
