import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createDashboard } from 'otpkit/dashboard'
import { postgresHistory } from 'otpkit/histories/postgres'
import { expect, it } from 'vitest'
import type { About, Funnel, Times } from '../../src/dashboard/data'
import { openHistories } from '../histories/own-schema'
import type { HistoryAnswer, HistoryOrder } from '../processes/history-subject'
import { openDashboard, read } from './ask'

const worker = fileURLToPath(new URL('../processes/history-subject.ts', import.meta.url))
const each = 60

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

it('a dashboard in a third process shows what two others did', async () => {
  const { pool, connectionString: url, close, schema } = await openHistories()
  const children: ChildProcess[] = []
  try {
    const space = await schema()
    const at = Date.now() - 60_000
    const ids = await Promise.all(
      ['one', 'other'].map(async (name, index) => {
        const child = fork(worker, { execArgv: ['--import', 'tsx'] })
        children.push(child)
        await tell(child, { kind: 'open', place: 'postgres', url, space, name })
        const sent = { kind: 'send', from: index * each, count: each, at } as const
        return (await tell(child, sent)).messageIds
      }),
    )
    // Each process is told of the other's messages.
    const [ofOne = [], ofOther = []] = ids
    await Promise.all(
      [ofOther, ofOne].map(async (messageIds, index) => {
        const child = children[index]
        if (child === undefined) throw new Error('there is no process')
        const receipts = messageIds.map((messageId, place) => {
          const status = place % 3 === 0 ? 'failed' : 'delivered'
          return { provider: 'acme', messageId, status } as const
        })
        await tell(child, { kind: 'receipts', receipts, at })
        await tell(child, { kind: 'end' })
      }),
    )
    const { otp } = openDashboard()
    const history = postgresHistory(pool, { schema: space })
    const authorize = () => ({ name: 'ada' })
    const dashboard = createDashboard({ otp, history, authorize, clock: () => at + 1_000 })
    const lost = (2 * each) / 3
    expect((await read<Funnel>(dashboard, 'funnel?range=hour')).total).toEqual({
      asked: 2 * each,
      refused: 0,
      unsent: 0,
      sent: 2 * each,
      accepted: 2 * each,
      reported: 2 * each,
      delivered: 2 * each - lost,
      lost,
      tried: each,
      verified: each,
    })
    expect((await read<Times>(dashboard, 'times?range=hour')).total?.count).toBe(each)
    expect(await read<About>(dashboard, 'about')).toMatchObject({
      isThisProcessOnly: false,
      dropped: 0,
      strayReceipts: 0,
    })
  } finally {
    for (const child of children) child.kill()
    await close()
  }
})
