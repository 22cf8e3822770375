import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { History, Receipt, ReceiptStatus } from 'otpkit'
import { postgresHistory } from 'otpkit/histories/postgres'
import { redisHistory } from 'otpkit/histories/redis'
import { expect, it } from 'vitest'
import type { HistoryAnswer, HistoryOrder } from '../processes/history-subject'
import { connectNodeRedis } from '../servers/redis-clients'
import { ownName, redisUrl } from '../servers/shared'
import { openHistories } from './own-schema'

const hour = 3_600_000
const perProcess = 120
const worker = fileURLToPath(new URL('../processes/history-subject.ts', import.meta.url))

interface Shared {
  readonly url: string
  readonly space: string
  readonly history: History
  close(): Promise<void>
}

const places: Readonly<Record<'postgres' | 'redis', () => Promise<Shared>>> = {
  postgres: async () => {
    const { pool, connectionString: url, close, schema } = await openHistories()
    const space = await schema()
    return { url, space, history: postgresHistory(pool, { schema: space }), close }
  },
  redis: async () => {
    const url = await redisUrl()
    const { client, close } = await connectNodeRedis(url)
    const space = ownName('processes')
    return { url, space, history: redisHistory(client, { prefix: space }), close }
  },
}

/** Tells a process something, and hears what came of it. */
function tell(child: ChildProcess, order: HistoryOrder): Promise<HistoryAnswer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a process ended with code ${code}`))
    child.once('exit', ended)
    child.once('message', (answer: HistoryAnswer) => {
      child.off('exit', ended)
      resolve(answer)
    })
    child.send(order)
  })
}

/** The statuses of a message's receipts; their order is no order of rank. */
function statusesOf(index: number): readonly ReceiptStatus[] {
  const kinds: readonly (readonly ReceiptStatus[])[] = [
    ['sent', 'delivered'],
    ['delivered', 'sent', 'delivered'],
    ['failed', 'sent', 'failed'],
    ['sent', 'sent'],
    [],
  ]
  return kinds[index % kinds.length] ?? []
}
const furthest = ['delivered', 'delivered', 'failed', 'sent', undefined] as const

const count = <Value>(values: readonly Value[], value: Value) =>
  values.filter((other) => other === value).length

it.each(['postgres', 'redis'] as const)(
  'two processes and a restart of both leave counts in %s that are those of the truth',
  async (place) => {
    const { url, space, history, close } = await places[place]()
    const children: ChildProcess[] = []
    const start = (name: string) => {
      const child = fork(worker, { execArgv: ['--import', 'tsx'] })
      children.push(child)
      return tell(child, { kind: 'open', place, url, space, name }).then(() => child)
    }
    try {
      // The last millisecond of an hour, and the first of the next.
      const border = Math.floor(Date.now() / hour) * hour
      const [before, after] = [border - 1, border]
      const [one, other] = await Promise.all([start('one'), start('other')])
      const send = async (child: ChildProcess, from: number) => {
        const half = { kind: 'send', count: perProcess / 2 } as const
        const early = await tell(child, { ...half, from, at: before })
        const late = await tell(child, { ...half, from: from + perProcess / 2, at: after })
        return [...early.messageIds, ...late.messageIds]
      }
      const [ofOne, ofOther] = await Promise.all([send(one, 0), send(other, perProcess)])
      const receiptsOf = (ids: readonly string[], isWanted: (index: number) => boolean) =>
        ids.flatMap((messageId, index): Receipt[] =>
          isWanted(index)
            ? statusesOf(index).map((status) => ({ provider: 'acme', messageId, status }))
            : [],
        )
      // Half of the receipts at once, of both processes' messages, in both processes.
      const isFirst = (index: number) => index % 2 === 0
      const first = [...receiptsOf(ofOne, isFirst), ...receiptsOf(ofOther, isFirst)]
      const report = (receipts: readonly Receipt[], at: number) =>
        ({ kind: 'receipts', receipts, at }) as const
      await Promise.all([tell(one, report(first, after)), tell(other, report(first, after))])
      await Promise.all([one, other].map((child) => tell(child, { kind: 'end' })))

      // All of them an hour later, from processes that know nothing, in the other order.
      const [third, fourth] = await Promise.all([start('third'), start('fourth')])
      const all = [...receiptsOf(ofOther, () => true), ...receiptsOf(ofOne, () => true)]
      await Promise.all([
        tell(third, report(all, after + hour)),
        tell(fourth, report([...all].reverse(), after + hour)),
      ])
      await Promise.all([third, fourth].map((child) => tell(child, { kind: 'end' })))

      const statuses = [ofOne, ofOther].map((ids) => ids.map((_, index) => furthest[index % 5]))
      for (const [at, from] of [
        [border - hour, 0],
        [border, perProcess / 2],
      ] as const) {
        const truth = statuses.flatMap((list) => list.slice(from, from + perProcess / 2))
        const rows = await history.counts({
          from: at,
          to: at + hour,
          resolution: 'hour',
          by: ['type', 'provider', 'status'],
        })
        const told = rows.map(({ type, provider, status = 'none', count: sum }) => [
          `${type} ${provider} ${status}`,
          sum,
        ])
        expect(Object.fromEntries(told)).toEqual({
          'sent acme delivered': count(truth, 'delivered'),
          'sent acme failed': count(truth, 'failed'),
          'sent acme sent': count(truth, 'sent'),
          'sent acme none': count(truth, undefined),
          'verified acme none': perProcess / 2,
        })
      }
    } finally {
      for (const child of children) child.kill()
      await close()
    }
  },
)
