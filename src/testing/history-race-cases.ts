import type { History } from '../history'
import { type Checks, expectSame } from './conformance'
import {
  countsAround,
  type EventSample,
  receiptOf,
  sentEvent,
  statusesAround,
  tableOf,
  verifiedOf,
} from './history-samples'
import { randomSeed, withSeed } from './random'
import type { HistoryUnderTest } from './subjects'

const statuses = ['accepted', 'sent', 'delivered', 'failed'] as const

/** What two processes write at one moment. */
export const historyRaceCases: Checks<HistoryUnderTest> = {
  'messages in one process and their receipts in the other, at the same moment': async ({
    history,
    other,
    now,
  }) => {
    const rounds = 20
    const messages = Array.from({ length: rounds }, () => sentEvent(now()))
    for (const message of messages) {
      history.record(message)
      other.record(receiptOf(message, now(), 'delivered'))
      await Promise.all([history.flush(), other.flush()])
    }
    expectSame(await statusesAround(history, now()), { 'sent delivered': rounds }, 'messages')
  },

  'counts of two processes at the same moment are all there': async ({ history, other, now }) => {
    for (let round = 0; round < 10; round += 1) {
      for (const each of [history, other]) each.record({ type: 'expired', at: now() })
      await Promise.all([history.flush(), other.flush()])
    }
    expectSame(await statusesAround(history, now()), { 'expired -': 20 }, 'counts')
  },

  'messages, receipts and verifications in any order, doubled and in either process': ({
    history,
    other,
    now,
  }) =>
    withSeed(randomSeed(), async (below) => {
      const events: EventSample[] = []
      const truth = new Map<string, number>()
      for (let index = 0; index < 60; index += 1) {
        const provider = below(2) === 0 ? 'acme' : 'bolt'
        const sent = sentEvent(now() - below(7_200_000), { provider })
        const told = statuses.slice(0, below(statuses.length + 1))
        const isVerified = below(2) === 0
        events.push(sent, ...told.map((status) => receiptOf(sent, sent.at + 1, status)))
        if (isVerified) events.push(verifiedOf(sent, sent.at + 9_000))
        const names = [
          `sent ${provider} ${told.at(-1) ?? '-'}`,
          ...(isVerified ? [`verified ${provider} -`] : []),
        ]
        for (const name of names) truth.set(name, (truth.get(name) ?? 0) + 1)
        const doubled = told[below(told.length + 1)]
        if (doubled !== undefined) events.push(receiptOf(sent, sent.at + 1, doubled))
      }
      await recordShuffled(events, [history, other], below)
      const by = ['type', 'provider', 'status'] as const
      const rows = await countsAround(history, now(), by)
      expectSame(tableOf(rows, by), Object.fromEntries(truth), 'counts')
    }),
}

async function recordShuffled(
  events: EventSample[],
  histories: readonly [History, History],
  below: (bound: number) => number,
): Promise<void> {
  while (events.length > 0) {
    const [event] = events.splice(below(events.length), 1)
    const history = histories[below(2) === 0 ? 0 : 1]
    if (event !== undefined) history.record(event)
    if (below(6) === 0) await Promise.all(histories.map((each) => each.flush()))
  }
  await Promise.all(histories.map((each) => each.flush()))
}
