import { type History, OtpManager, type Receipt } from 'otpkit'
import pg from 'pg'
import { memory } from '../../src/databases/memory'
import { postgresHistory } from '../../src/histories/postgres'
import { redisHistory } from '../../src/histories/redis'
import { connectNodeRedis } from '../servers/redis-clients'

/** What a process that writes a history is told, one after the other. */
export type HistoryOrder =
  | {
      readonly kind: 'open'
      readonly place: 'postgres' | 'redis'
      readonly url: string
      /** A schema, or a prefix. */
      readonly space: string
      /** Begins the names of this process' messages. */
      readonly name: string
    }
  | {
      /** Sends to so many, verifies every other code, and says so. */
      readonly kind: 'send'
      readonly from: number
      readonly count: number
      readonly at: number
    }
  | { readonly kind: 'receipts'; readonly receipts: readonly Receipt[]; readonly at: number }
  /** Writes what is left, as at the end of a process. */
  | { readonly kind: 'end' }

export interface HistoryAnswer {
  readonly kind: HistoryOrder['kind']
  readonly messageIds: readonly string[]
}

interface Opened {
  readonly history: History
  close(): Promise<unknown>
}

let now = 0
let name = ''
let opened: Opened | undefined
const codes = new Map<string, string>()
const otp = new OtpManager({
  secret: 'one-secret-of-both-of-the-processes',
  clock: () => now,
  database: memory({ clock: () => now }),
  deliveries: {
    sms: {
      name: 'acme',
      reaches: ['phone'],
      deliver: async ({ to, code = '' }) => {
        codes.set(to, code)
        return { provider: 'acme', messageId: `${name}-${to}` }
      },
    },
  },
  countries: ['IN'],
  purposes: ['login'],
  limits: { ip: [], verifyIp: [] },
})

let orders: Promise<unknown> = Promise.resolve()
process.on('message', (order: HistoryOrder) => {
  orders = orders.then(async () => {
    const messageIds = await carryOut(order)
    const answer: HistoryAnswer = { kind: order.kind, messageIds }
    process.send?.(answer, () => {
      if (order.kind === 'end') process.disconnect()
    })
  })
})

async function carryOut(order: HistoryOrder): Promise<readonly string[]> {
  switch (order.kind) {
    case 'open':
      name = order.name
      opened = await open(order)
      otp.subscribe(opened.history.record)
      return []
    case 'send':
      now = order.at
      return Promise.all(
        Array.from({ length: order.count }, (_, index) => sendTo(order.from + index)),
      )
    case 'receipts':
      now = order.at
      for (const receipt of order.receipts) otp.receipt(receipt)
      return []
    case 'end':
      await opened?.history.flush()
      await opened?.close()
      return []
  }
}

async function sendTo(index: number): Promise<string> {
  const to = `+9198765${String(index).padStart(5, '0')}`
  const sent = await otp.send({ to, channel: 'sms', purpose: 'login', ip: null })
  if (!sent.ok) throw new Error(sent.reason)
  if (index % 2 === 0) {
    const verified = await otp.verify({
      to,
      purpose: 'login',
      code: codes.get(to) ?? '',
      ip: null,
    })
    if (!verified.ok) throw new Error(verified.reason)
  }
  return `${name}-${to}`
}

async function open(order: HistoryOrder & { readonly kind: 'open' }): Promise<Opened> {
  const { place, url, space } = order
  const clock = () => now
  if (place === 'postgres') {
    const pool = new pg.Pool({ connectionString: url, max: 2 })
    const history = postgresHistory(pool, { schema: space, clock })
    return { history, close: () => pool.end() }
  }
  const { client, close } = await connectNodeRedis(url)
  return { history: redisHistory(client, { prefix: space, clock }), close }
}
