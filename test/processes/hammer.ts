import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Histories, Report } from './history'
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
        return report(child, 'ready')
      }),
    )
    for (const child of children) {
      child.on('message', (message: Report) => {
        // Whoever has gone does not need it.
        if (message.kind === 'code') for (const other of children) other.send(message, () => {})
      })
    }
    const seen = await Promise.all(
      children.map((child) => {
        child.send('go')
        return report(child, 'done')
      }),
    )
    const histories = seen.flatMap((message) => (message.kind === 'done' ? message.histories : []))
    return {
      store: histories.flatMap(({ store }) => store),
      limiter: histories.flatMap(({ limiter }) => limiter),
      windows: histories.flatMap(({ windows }) => windows),
      manager: histories.flatMap(({ manager }) => manager),
    }
  } finally {
    for (const child of children) child.kill()
  }
}

function report(child: ChildProcess, kind: Report['kind']): Promise<Report> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: Report) => {
      if (message.kind === kind) resolve(message)
    })
    child.once('exit', (code) => reject(new Error(`a process ended with code ${code}`)))
  })
}
