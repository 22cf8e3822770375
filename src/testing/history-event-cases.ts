import { type Checks, expectSame, expectThat } from './conformance'
import {
  receiptOf,
  refusedEvent,
  sentEvent,
  statusesAround,
  tell,
  verifiedOf,
} from './history-samples'
import { opaque } from './random'
import type { HistoryUnderTest } from './subjects'

/** What is kept of single events. */
export const historyEventCases: Checks<HistoryUnderTest> = {
  'events come back as they were recorded, the newest first': async ({ history, other, now }) => {
    const events = [
      refusedEvent(now() - 3_000),
      sentEvent(now() - 2_000, { price: { amount: 0.0075, currency: 'USD' } }),
      { type: 'unlocked', at: now() - 1_000, fingerprint: opaque(), by: 'Asha' },
    ]
    await tell(other, ...events)
    const newest = [...events].reverse()
    expectSame(await history.events(), newest, 'all events')
    expectSame(await history.events({ limit: 2 }), newest.slice(0, 2), 'the newest two')
    expectSame(await history.events({ before: now() - 1_000 }), newest.slice(1), 'those before')
    expectSame(await history.events({ before: now() - 2_500 }), newest.slice(2), 'the oldest')
  },

  'events of a type are found however many others came since': async ({ history, other, now }) => {
    const fingerprint = opaque()
    const spend = (ago: number, percent: number) => {
      const amounts = { percent, used: percent, max: 100, currency: 'USD' }
      return { type: 'spend', at: now() - ago, fingerprint, cap: 'perDay', ...amounts }
    }
    const [early, late] = [spend(9_000, 50), spend(8_000, 80)]
    const refused = refusedEvent(now() - 8_500, { fingerprint })
    const looked = { type: 'looked_up', at: now() - 8_400, fingerprint, by: 'Asha' }
    const others = Array.from({ length: 30 }, (_, index) => sentEvent(now() - index))
    await tell(other, early, refused, looked, late)
    await tell(history, ...others)
    const limit = 4
    const about = { fingerprint, limit }
    expectSame(await history.events({ type: 'spend', limit }), [late, early], 'one type')
    expectSame(await history.events({ type: 'spend', limit: 1 }), [late], 'the newest of a type')
    expectSame(await history.events({ type: 'spend', before: late.at }), [early], 'those before')
    const both = [late, refused, early]
    expectSame(await history.events({ type: ['spend', 'refused'], limit }), both, 'two types')
    expectSame(await history.events({ ...about, type: ['refused'] }), [refused], 'of a recipient')
    expectSame(await history.events({ type: 'looked_up' }), [looked], "a type of somebody else's")
    expectSame(await history.events({ ...about, type: 'sent' }), [], "none of a recipient's")
    expectSame(await history.events({ type: 'unheard_of' }), [], 'a type that never came')
    expectSame(await history.events({ type: [] }), [], 'no type')
    expectSame(await history.events({ ...about, type: [] }), [], 'no type of a recipient')
  },

  'events of one instant are the newest first too': async ({ history, now }) => {
    const events = ['delivery_failed', 'unsent', 'news', 'delivery_failed', 'refused'].map(
      (type, index) => ({ type, at: now(), fingerprint: 'one', reference: String(index) }),
    )
    await tell(history, ...events.slice(0, 3))
    await tell(history, ...events.slice(3))
    const newest = [...events].reverse()
    expectSame(await history.events(), newest, 'all events')
    expectSame(await history.events({ fingerprint: 'one' }), newest, 'those of one recipient')
  },

  'what a process has recorded is in what it reads': async ({ history, now }) => {
    history.record(refusedEvent(now()))
    expectSame((await history.events()).length, 1, 'events')
    history.record(refusedEvent(now()))
    const [row] = await history.counts({ from: now(), to: now() + 1, resolution: 'minute' })
    expectSame(row?.count, 2, 'counts')
  },

  'events of one recipient have the receipts of their messages, whichever came first': async ({
    history,
    other,
    now,
  }) => {
    const fingerprint = opaque()
    const [early, late, foreign] = [
      sentEvent(now(), { fingerprint }),
      sentEvent(now() + 10, { fingerprint }),
      sentEvent(now()),
    ]
    await tell(other, receiptOf(late, now() + 40, 'delivered'), receiptOf(foreign, now(), 'failed'))
    await tell(history, early, late, foreign)
    await tell(other, receiptOf(early, now() + 30, 'failed', { kind: 'unavailable' }))
    await tell(history, verifiedOf(late, now() + 50))
    const timeline = await history.events({ fingerprint })
    expectSame(
      timeline.map(({ type, status }) => [type, status].join(' ')),
      ['verified ', 'receipt delivered', 'receipt failed', 'sent ', 'sent '],
      'the timeline',
    )
    expectThat(
      timeline.every((event) => event.fingerprint === fingerprint),
      'an event of the timeline has another fingerprint',
    )
    expectSame((await history.events()).length, 7, 'all events')
  },

  'nothing is kept but what is known of events: no error, no code, no foreign member': async ({
    history,
    now,
  }) => {
    const canary = 'canary-3141592653'
    const error = Object.assign(new Error(canary), { to: canary })
    await tell(history, { ...refusedEvent(now()), code: canary, to: canary, handle: canary })
    await tell(history, { type: 'fault', at: now(), during: 'refund', error })
    await tell(history, {
      ...sentEvent(now()),
      messageId: canary,
      resend: canary,
      segments: canary,
    })
    const events = await history.events()
    expectSame(events.length, 3, 'events')
    expectThat(!JSON.stringify(events).includes(canary), 'an event holds what it must not')
  },

  'events of a type that is not known yet are kept and counted': async ({ history, now }) => {
    await tell(history, { type: 'news', at: now(), channel: 'sms' })
    expectSame(await history.events(), [{ type: 'news', at: now(), channel: 'sms' }], 'events')
    expectSame(await statusesAround(history, now()), { 'news -': 1 }, 'counts')
  },

  'what no database can write does not keep others from being written': async ({
    history,
    now,
  }) => {
    const strange = '\0\t\ud800 " \\ \' {x} $1 %s'
    await tell(history, refusedEvent(now(), { limit: strange, purpose: strange.repeat(100) }))
    await tell(
      history,
      sentEvent(now(), { segments: 1.5, price: { amount: 1e300, currency: 'USD' } }),
    )
    await tell(history, refusedEvent(1e300), refusedEvent(-1e300))
    await tell(history, refusedEvent(now()))
    const counted = { 'refused -': 4, 'sent -': 1 }
    expectSame(await statusesAround(history, now()), counted, 'counts')
  },

  'forgetting removes the events of one recipient, and their tie to later receipts': async ({
    history,
    other,
    now,
  }) => {
    const fingerprint = opaque()
    const [theirs, foreign] = [sentEvent(now(), { fingerprint }), sentEvent(now())]
    await tell(history, theirs, foreign, refusedEvent(now(), { fingerprint }))
    await tell(history, verifiedOf(theirs, now()))
    await other.forget(fingerprint)
    expectSame(await history.events({ fingerprint }), [], 'their events')
    expectSame((await history.events()).length, 1, 'all events')
    const kept = { 'sent -': 2, 'refused -': 1, 'verified -': 1 }
    expectSame(await statusesAround(history, now()), kept, 'counts')
    await tell(history, receiptOf(theirs, now(), 'delivered'))
    expectSame(await other.events({ fingerprint }), [], 'their events after a receipt')
    const { 'sent delivered': delivered } = await statusesAround(history, now())
    expectSame(delivered, 1, 'their message, which the receipt still moves')
  },
}
