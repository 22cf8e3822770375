import { type Checks, expectSame } from './conformance'
import {
  countsAround,
  receiptOf,
  sentEvent,
  statusesAround,
  tableOf,
  tell,
  verifiedOf,
} from './history-samples'
import { opaque } from './random'
import type { HistoryUnderTest } from './subjects'

const minute = 60_000

/** How receipts and verifications find their message. */
export const historyJoinCases: Checks<HistoryUnderTest> = {
  'a receipt after its message moves it, in another process too': async ({
    history,
    other,
    now,
  }) => {
    const sent = sentEvent(now())
    await tell(history, sent)
    expectSame(await statusesAround(other, now()), { 'sent -': 1 }, 'before the receipt')
    await tell(other, receiptOf(sent, now() + minute, 'delivered'))
    expectSame(await statusesAround(history, now()), { 'sent delivered': 1 }, 'after it')
  },

  'a receipt before its message waits for it, in another process too': async ({
    history,
    other,
    now,
  }) => {
    const sent = sentEvent(now())
    await tell(other, receiptOf(sent, now() + 5, 'delivered'))
    expectSame(
      await statusesAround(history, now()),
      { 'receipt delivered': 1 },
      'before the message',
    )
    await tell(history, sent)
    expectSame(await statusesAround(other, now()), { 'sent delivered': 1 }, 'after it')
  },

  'a receipt and its message in one batch, in either order': async ({ history, now }) => {
    const [first, second] = [sentEvent(now()), sentEvent(now())]
    const receipt = receiptOf(second, now(), 'failed', { kind: 'opted_out', providerCode: '21610' })
    await tell(history, first, receiptOf(first, now(), 'delivered'), receipt, second)
    const by = ['type', 'status', 'kind', 'providerCode'] as const
    expectSame(
      tableOf(await countsAround(history, now(), by), by),
      { 'sent delivered - -': 1, 'sent failed opted_out 21610': 1 },
      'messages',
    )
  },

  'a receipt finds its message by the reference, whichever comes first': async ({
    history,
    other,
    now,
  }) => {
    const [early, late] = [sentEvent(now()), sentEvent(now())]
    const byReference = ({ reference }: typeof early) => {
      const { messageKey: _, ...receipt } = receiptOf(early, now(), 'delivered', { reference })
      return receipt
    }
    await tell(history, late, byReference(early))
    await tell(other, early, byReference(late))
    expectSame(await statusesAround(history, now()), { 'sent delivered': 2 }, 'both messages')
  },

  'every segment is the message: receipts with other keys and its reference': async ({
    history,
    other,
    now,
  }) => {
    const sent = sentEvent(now(), { segments: 2 })
    const { reference } = sent
    const second = { messageKey: opaque() }
    await tell(history, receiptOf(second, now(), 'sent', { reference }))
    await tell(other, sent)
    await tell(history, receiptOf(sent, now(), 'delivered'))
    await tell(other, receiptOf(second, now(), 'failed', { kind: 'unavailable' }))
    expectSame(await statusesAround(history, now()), { 'sent failed': 1 }, 'one message')
  },

  'every segment is the message: receipts with a key of another segment alone': async ({
    history,
    other,
    now,
  }) => {
    const keys = [opaque(), opaque(), opaque()] as const
    const sent = sentEvent(now(), { messageKey: keys[0], messageKeys: keys, segments: 3 })
    await tell(history, receiptOf({ messageKey: keys[1] }, now(), 'delivered'))
    await tell(other, sent)
    expectSame(await statusesAround(history, now()), { 'sent delivered': 1 }, 'before the others')
    await tell(history, receiptOf({ messageKey: keys[2] }, now(), 'failed'))
    await tell(other, receiptOf({ messageKey: keys[0] }, now(), 'delivered'))
    expectSame(await statusesAround(history, now()), { 'sent failed': 1 }, 'one message')
    const { fingerprint } = sent
    expectSame((await history.events({ fingerprint })).length, 4, 'events of the recipient')
  },

  'a receipt that comes twice is counted once': async ({ history, other, now }) => {
    const sent = sentEvent(now())
    const receipt = receiptOf(sent, now(), 'delivered')
    await tell(history, receipt, receipt)
    await tell(other, receipt)
    await tell(history, sent)
    await tell(other, receipt, receipt)
    await tell(history, receipt)
    expectSame(await statusesAround(history, now()), { 'sent delivered': 1 }, 'messages')
    expectSame((await history.events()).length, 2, 'events')
  },

  'a message that is told of twice is counted once': async ({ history, other, now }) => {
    const sent = sentEvent(now(), { segments: 2, price: { amount: 1, currency: 'USD' } })
    await tell(history, sent, sent)
    await tell(other, sent)
    const [row] = await countsAround(history, now(), [])
    expectSame(row, { count: 1, segments: 2, prices: { USD: 1 } }, 'messages')
  },

  'the furthest status counts, in whichever order receipts come': async ({
    history,
    other,
    now,
  }) => {
    const messages = [sentEvent(now()), sentEvent(now()), sentEvent(now())]
    const orders = [
      ['accepted', 'sent', 'delivered'],
      ['delivered', 'sent', 'accepted'],
      ['sent', 'failed', 'delivered'],
    ]
    await tell(history, ...messages)
    for (const step of [0, 1, 2]) {
      for (const [index, message] of messages.entries()) {
        const status = orders[index]?.[step] ?? ''
        await tell(index === 0 ? history : other, receiptOf(message, now() + step, status))
      }
    }
    expectSame(
      await statusesAround(history, now()),
      { 'sent delivered': 2, 'sent failed': 1 },
      'messages',
    )
  },

  'a message counts in the hour of its sending, whenever its receipt comes': async ({
    history,
    now,
  }) => {
    const hour = 60 * minute
    const border = Math.floor(now() / hour) * hour
    const sent = sentEvent(border - 1)
    await tell(history, sent)
    await tell(history, receiptOf(sent, border + 5 * minute, 'delivered'))
    const query = { from: border - hour, to: border + hour, resolution: 'hour' } as const
    const rows = await history.counts({ ...query, by: ['status'], overTime: true })
    expectSame(
      rows.map(({ at, status, count }) => [at, status, count]),
      [[border - hour, 'delivered', 1]],
      'messages by hour',
    )
  },

  'what receipts say of the price replaces what the answer said, segment by segment': async ({
    history,
    other,
    now,
  }) => {
    const price = (amount: number) => ({ price: { amount, currency: 'USD' } })
    const sent = sentEvent(now(), price(0.01))
    const { reference } = sent
    const second = receiptOf({ messageKey: opaque() }, now(), 'delivered', {
      reference,
      ...price(0.02),
    })
    await tell(history, sent)
    await tell(other, receiptOf(sent, now(), 'delivered', price(0.03)), second)
    await tell(history, second, receiptOf(sent, now(), 'delivered', price(0.03)))
    const [row] = await countsAround(history, now(), [])
    expectSame(row?.prices, { USD: 0.05 }, 'the price of both segments')
  },

  'a verification has the provider of its message, whichever comes first': async ({
    history,
    other,
    now,
  }) => {
    const [early, late] = [sentEvent(now()), sentEvent(now(), { provider: 'bolt' })]
    await tell(history, verifiedOf(early, now() + 4_500))
    const by = ['type', 'provider'] as const
    const table = async () => tableOf(await countsAround(history, now(), by), by)
    expectSame(await table(), { 'verified -': 1 }, 'before the message')
    await tell(other, early, late)
    await tell(history, verifiedOf(late, now() + 9_000))
    expectSame(
      await table(),
      { 'sent acme': 1, 'sent bolt': 1, 'verified acme': 1, 'verified bolt': 1 },
      'after it',
    )
  },

  'where a recipient asks again, each verification has the provider of its own message': async ({
    history,
    other,
    now,
  }) => {
    const challengeKey = opaque()
    const first = sentEvent(now(), { challengeKey })
    const second = sentEvent(now() + 5 * minute, { challengeKey, provider: 'bolt' })
    const third = sentEvent(now() + 6 * minute, { challengeKey, provider: 'carl' })
    await tell(history, first)
    await tell(other, verifiedOf({ ...first, challengeKey }, now() + minute))
    await tell(other, second, third)
    await tell(history, verifiedOf({ ...second, challengeKey }, now() + 7 * minute))
    const rows = await countsAround(history, now(), ['provider'], { where: { type: 'verified' } })
    expectSame(tableOf(rows, ['provider']), { acme: 1, carl: 1 }, 'verifications')
  },
}
