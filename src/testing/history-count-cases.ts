import { type Checks, expectSame, expectThat } from './conformance'
import { countsAround, refusedEvent, sentEvent, tableOf, tell, verifiedOf } from './history-samples'
import { opaque } from './random'
import type { HistoryUnderTest } from './subjects'

const hour = 3_600_000
/** More than a history has to keep in memory. */
const flood = 20_000

/** How events are counted. */
export const historyCountCases: Checks<HistoryUnderTest> = {
  'counts are added, over batches and over processes': async ({ history, other, now }) => {
    await tell(history, refusedEvent(now()), refusedEvent(now()))
    await tell(other, refusedEvent(now()))
    await tell(history, refusedEvent(now()), refusedEvent(now() + 1))
    for (const resolution of ['minute', 'hour', 'day'] as const) {
      const rows = await countsAround(other, now(), ['type'], { resolution })
      expectSame(tableOf(rows, ['type']), { refused: 5 }, `counts by ${resolution}`)
    }
  },

  'each dimension tells counts apart, and what is unknown is missing': async ({ history, now }) => {
    const at = now()
    const { channel: _, country: __, ...bare } = refusedEvent(at)
    await tell(
      history,
      refusedEvent(at, { limit: 'ip' }),
      refusedEvent(at, { limit: 'ip', country: 'BD' }),
      { ...bare, reason: 'locked', action: 'verify' },
      { type: 'delivery_failed', at, channel: 'sms', provider: 'acme', kind: 'unavailable' },
      {
        type: 'delivery_failed',
        at,
        channel: 'sms',
        provider: 'acme',
        kind: 'opted_out',
        providerCode: '21610',
      },
      { type: 'fault', at, during: 'refund' },
    )
    const refusals = ['channel', 'country', 'action', 'reason', 'limit'] as const
    const refused = await countsAround(history, at, refusals, { where: { type: 'refused' } })
    const wanted = {
      'sms IN send rate_limited ip': 1,
      'sms BD send rate_limited ip': 1,
      '- - verify locked recipient': 1,
    }
    expectSame(tableOf(refused, refusals), wanted, 'refusals')
    expectThat(
      refused.some((row) => !('country' in row)),
      'an unknown country is not missing in its row',
    )
    const failures = ['provider', 'kind', 'providerCode'] as const
    const failed = await countsAround(history, at, failures, {
      where: { type: 'delivery_failed', channel: ['sms', 'voice'] },
    })
    expectSame(
      tableOf(failed, failures),
      { 'acme unavailable -': 1, 'acme opted_out 21610': 1 },
      'failures',
    )
    await tell(history, sentEvent(at), sentEvent(at, { relayed: true }), {
      type: 'suspected',
      at,
      channel: 'sms',
      rule: 'conversion',
      level: 'block',
      verdict: 'refuse',
    })
    const others = ['type', 'relayed', 'rule', 'level', 'verdict'] as const
    expectSame(
      tableOf(
        await countsAround(history, at, others, { where: { type: ['sent', 'suspected'] } }),
        others,
      ),
      { 'sent - - - -': 1, 'sent true - - -': 1, 'suspected - conversion block refuse': 1 },
      'relayed and suspected messages',
    )
    const faults = await countsAround(history, at, ['during'], { where: { type: ['fault'] } })
    expectSame(tableOf(faults, ['during']), { refund: 1 }, 'faults')
  },

  'an event counts when it happened: at the border of an hour, and however late it is written':
    async ({ history, now }) => {
      const border = Math.ceil(now() / hour) * hour - 3 * hour
      await tell(history, refusedEvent(border), refusedEvent(border - 1), refusedEvent(border + 1))
      for (const [resolution, before] of [
        ['minute', 60_000],
        ['hour', hour],
      ] as const) {
        const rows = await history.counts({
          from: border - hour,
          to: border + hour,
          resolution,
          overTime: true,
        })
        const seen = rows.map(({ at, count }) => [at, count])
        expectSame(
          seen,
          [
            [border - before, 1],
            [border, 2],
          ],
          `counts by ${resolution}`,
        )
      }
      const until = await history.counts({ from: border - hour, to: border, resolution: 'hour' })
      expectSame(
        until.map(({ count }) => count),
        [1],
        'counts until the border',
      )
      const since = await history.counts({ from: border, to: border + 1, resolution: 'hour' })
      expectSame(
        since.map(({ count }) => count),
        [2],
        'counts since the border',
      )
    },

  'percentiles of the time to verify lie in the bucket of the truth, over processes': async ({
    history,
    other,
    now,
  }) => {
    for (let index = 1; index <= 100; index += 1) {
      const sent = sentEvent(now() - index * 1_000)
      await tell(index % 2 === 0 ? history : other, sent, verifiedOf(sent, now()))
    }
    const [row] = await countsAround(history, now(), ['provider'], { where: { type: 'verified' } })
    expectSame([row?.provider, row?.count], ['acme', 100], 'verifications')
    const { p50 = 0, p90 = 0, p99 = 0 } = row?.elapsedMs ?? {}
    for (const [name, percentile, from, to] of [
      ['p50', p50, 40_000, 60_000],
      ['p90', p90, 80_000, 100_000],
      ['p99', p99, 90_000, 120_000],
    ] as const) {
      expectThat(percentile >= from && percentile <= to, `${name} of 1 to 100 s is ${percentile}`)
    }
  },

  'money is summed by currency, to the millionth, and never across': async ({ history, now }) => {
    const price = (amount: number, currency: string) => ({ price: { amount, currency } })
    for (let index = 0; index < 100; index += 1) {
      history.record(sentEvent(now(), { segments: 2, ...price(0.0075, 'USD') }))
    }
    await tell(history, sentEvent(now(), price(0.1, 'EUR')), sentEvent(now()))
    const [row] = await countsAround(history, now(), [])
    expectSame(row, { count: 102, segments: 202, prices: { EUR: 0.1, USD: 0.75 } }, 'all messages')
    const rows = await countsAround(history, now(), ['currency'])
    expectSame(tableOf(rows, ['currency']), { USD: 100, EUR: 1, '-': 1 }, 'messages by currency')
  },

  'sums lose no digit, however large they are': async ({ history, other, now }) => {
    // Sixteen digits each, and two of them are what a number can just hold.
    const price = { amount: 999_999_999.123457, currency: 'USD' }
    const much = sentEvent(now(), { segments: 999_999_999_999_937, price })
    const sum = { count: 2, segments: 1_999_999_999_999_874, prices: { USD: 1_999_999_998.246914 } }
    await tell(history, much)
    await tell(other, { ...much, messageKey: opaque(), reference: opaque() })
    expectSame(await countsAround(history, now(), []), [sum], 'the sum')
    const day = await countsAround(history, now(), [], { resolution: 'day', overTime: true })
    expectSame(
      day.map(({ at: _, ...row }) => row),
      [sum],
      'the sum of the day',
    )
  },

  'what is dropped is counted': async ({ history, now }) => {
    for (let index = 0; index < flood; index += 1) history.record({ type: 'expired', at: now() })
    await history.flush()
    const rows = await countsAround(history, now(), ['type'])
    const { expired = 0, dropped = 0 } = tableOf(rows, ['type'])
    expectSame(expired + dropped, flood, 'events that were kept and dropped')
    expectThat(expired > 0, 'all of them were dropped')
  },

  'a query that makes no sense is a TypeError': async ({ history, now }) => {
    const range = { from: now(), to: now(), resolution: 'hour' } as const
    const queries: readonly (() => Promise<unknown>)[] = [
      () => history.counts({ ...range, from: Number.NaN }),
      () => history.counts({ ...range, to: Number.POSITIVE_INFINITY }),
      () => history.events({ limit: 0 }),
      () => history.events({ limit: 1.5 }),
      () => history.events({ fingerprint: '' }),
      () => history.forget(''),
      () => history.events({ before: Number.NaN }),
      () => history.events({ type: Array.from({ length: 101 }, (_, index) => `type ${index}`) }),
    ]
    for (const [index, query] of queries.entries()) {
      const error = await query().then(
        () => undefined,
        (error: unknown) => error,
      )
      expectThat(error instanceof TypeError, `query ${index} did not reject with a TypeError`)
    }
  },
}
