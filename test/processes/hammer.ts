import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Histories } from './history'
import type { Order } from './worker'

const processes = 4

/** Four Node processes hammer one subject at once; gives what each of them saw. */
export async function hammer(order: Omit<Order, 'process'>): Promise<Histories> {
  const worker = fileURLToPath(new URL('worker.ts', import.meta.url))
  const children = Array.from({ length: processes }, () =>
    fork(worker, { execArgv: ['--import', 'tsx'] }),
  )
  try {
    await Promise.all(
      children.map((child, index) => {
        child.send({ ...order, process: index })
        return nextMessage(child)
      }),
    )
    const histories: Promise<Histories>[] = children.map((child) => {
      child.send('go')
      return nextMessage(child)
    })
    const seen = await Promise.all(histories)
    return {
      store: seen.flatMap(({ store }) => store),
      limiter: seen.flatMap(({ limiter }) => limiter),
      windows: seen.flatMap(({ windows }) => windows),
    }
  } finally {
    for (const child of children) child.kill()
  }
}

async function nextMessage(child: ChildProcess) {
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`a process ended with code ${code}`)
    }),
  ])
  return message
}
