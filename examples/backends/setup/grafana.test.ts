import { readFileSync } from 'node:fs'
import { type Delivery, DeliveryError, OtpManager } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { capturedDelivery, testClock } from 'otpkit/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { eventually } from '../../../test/servers/process'
import { startPrometheus } from '../../../test/servers/prometheus'
import type { TestServer } from '../../../test/servers/server'
import { onFastify } from '../http/fastify'
import { plainRefusal } from '../http/site'
import { createMetrics } from './metrics'

const token = 'a-token-for-metrics-for-tests-only-12345678'

const { panels } = z
  .object({
    panels: z.array(
      z.object({
        title: z.string(),
        targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })),
        fieldConfig: z.object({ defaults: z.object({ unit: z.string() }) }),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync('docs/grafana/otpkit.json', 'utf8')))

const answered = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
})

/** A manager to which everything happens that the dashboard has a panel for. */
function createTraffic() {
  const clock = testClock()
  const captured = capturedDelivery({ name: 'twilio', reaches: ['phone'] })
  const sms: Delivery = {
    ...captured,
    deliver: async (message, options) => {
      const accepted = await captured.deliver(message, options)
      clock.advance(400)
      return { ...accepted, segments: 2 }
    },
  }
  const otp = new OtpManager({
    secret: 'a-secret-for-tests-only-0123456789abcdef',
    database: memory({ clock: clock.now }),
    deliveries: { sms },
    countries: ['IN', 'BD'],
    purposes: ['login'],
    clock: clock.now,
  })
  otp.subscribe(({ type }) => {
    if (type === 'receipt') throw new Error('a listener that is broken')
  })
  let person = 0

  /** Of five people four get their code, and three use it. */
  async function round(): Promise<void> {
    for (let index = 0; index < 5; index += 1, person += 1) {
      const to = `+91987654${String(person).padStart(4, '0')}`
      const ask = { to, purpose: 'login', ip: null } as const
      const failure = { kind: 'insufficient_funds', sent: 'no', provider: 'twilio' } as const
      if (index === 0) captured.failNext(new DeliveryError(failure))
      await otp.send({ ...ask, channel: 'sms' }).catch(() => {})
      if (index === 0) continue
      await otp.send({ ...ask, channel: 'sms' })
      clock.advance(12_000)
      const code = captured.lastCode()
      if (index === 1) await otp.verify({ ...ask, code: code === '000000' ? '000001' : '000000' })
      else await otp.verify({ ...ask, code })
      otp.receipt({ provider: 'twilio', messageId: `SM${person}`, status: 'delivered' })
      // Nobody is to be refused for the others.
      clock.advance(60_000)
    }
  }

  return { otp, round }
}

let prometheus: TestServer
const closing: (() => Promise<void>)[] = []

async function query(text: string) {
  const address = `${prometheus.url}/api/v1/query?query=${encodeURIComponent(text)}`
  const response = await fetch(address)
  const body: unknown = await response.json()
  if (!response.ok) throw new Error(`${text}: ${JSON.stringify(body)}`)
  return answered.parse(body).data.result
}

/** Waits until Prometheus has asked for so many right codes. */
async function scraped(verified: number): Promise<void> {
  const right = 'sum(otpkit_attempts_total{otpkit_outcome="verified"})'
  await eventually(async () => {
    const [series] = await query(right)
    if (Number(series?.value[1]) !== verified) throw new Error('it has not asked for metrics')
  })
}

// Prometheus has no clock to turn: it is waited for until it has asked twice.
beforeAll(async () => {
  const { otp, round } = createTraffic()
  const metrics = createMetrics(token)
  otp.subscribe(metrics.listener)
  const site = { routes: [metrics.route], refuse: plainRefusal, log: () => {}, trustedProxies: 0 }
  const server = onFastify(site)
  const port = await server.listen(0, '127.0.0.1')
  closing.push(async () => {
    server.closeAllConnections()
    await server.close()
  })
  await round()
  prometheus = await startPrometheus({ host: `127.0.0.1:${port}`, token })
  closing.push(() => prometheus.stop())
  await scraped(3)
  await round()
  await scraped(6)
})

afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

/** As Grafana puts its variables in, for an hour in which all of it has happened. */
const filledIn = (expression: string) =>
  expression
    .replaceAll('$__range', '1h')
    .replaceAll('$__rate_interval', '1h')
    .replaceAll('$job', 'example')

describe('the dashboard for Grafana', () => {
  it.each(panels)('has an answer of Prometheus for $title', async ({ targets, fieldConfig }) => {
    expect(targets).not.toHaveLength(0)
    for (const { expr, legendFormat } of targets) {
      const result = await query(filledIn(expr))
      expect(result, expr).not.toHaveLength(0)
      for (const { metric, value } of result) {
        const number = Number(value[1])
        // A quantile of buckets in which nothing was counted is none.
        expect(number, expr).toBeGreaterThanOrEqual(0)
        if (fieldConfig.defaults.unit === 'percentunit') expect(number, expr).toBeLessThanOrEqual(1)
        for (const [, label = ''] of legendFormat.matchAll(/{{(\w+)}}/g)) {
          expect(metric, `${expr} has no ${label}`).toHaveProperty(label)
        }
      }
    }
  })

  const first = async (title: string) => {
    const panel = panels.find((one) => one.title === title)
    const [series] = await query(filledIn(panel?.targets[0]?.expr ?? ''))
    return Number(series?.value[1])
  }

  it('says what happened', async () => {
    expect(await first('Codes used')).toBeCloseTo(3 / 4)
    expect(await first('Calls of providers that failed')).toBeCloseTo(1 / 5)
    // Between the bounds of its bucket, 10 and 15.
    expect(await first('Median time to verify')).toBeGreaterThan(10)
    expect(await first('Median time to verify')).toBeLessThanOrEqual(15)
    expect(await first('Time a provider takes, p90')).toBeGreaterThan(0.25)
    expect(await first('Time a provider takes, p90')).toBeLessThanOrEqual(0.5)
  })

  it('asks for nothing that is not counted', async () => {
    const names = await query('count by (__name__) ({__name__=~"otpkit_.+"})')
    const known = new Set(names.map(({ metric }) => metric.__name__))
    const asked = panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/otpkit_\w+(?={)/g) ?? []),
    )
    expect(asked.filter((name) => !known.has(name))).toEqual([])
    const shown = [...known].filter((name) => name?.endsWith('_total'))
    expect(shown.filter((name) => !asked.includes(name ?? ''))).toEqual([])
  })
})
