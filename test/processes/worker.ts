import type { Limit } from 'otpkit'
import { seededIntegers } from '../../src/testing/random'
import type {
  Histories,
  LimiterCall,
  OpenSubject,
  Report,
  SharedCode,
  StoreCall,
  Subject,
} from './history'
import { hammerManager } from './manager-calls'
import { type Below, inLanes, type Timed, timed } from './timed'

/** What a process is told to do. */
export interface Order {
  /** Path of a module, and the name under which it exports what opens the subject. */
  readonly module: string
  readonly subject: string
  readonly url: string
  readonly space: string
  readonly process: number
  readonly seed: number
  /** Calls of the store, and as many of the limiter. */
  readonly calls: number
  /** Requests of the manager, and what the codes of all processes lead to. */
  readonly requests: number
}

// All processes walk over the same challenges and keys at the same pace, so they meet.
const callsAbout = 20
const hourMs = 3_600_000

process.once('message', (order: Order) => {
  run(order).catch((error) => {
    console.error(error)
    process.exit(1)
  })
})

async function run(order: Order): Promise<void> {
  const subjects: Record<string, OpenSubject> = await import(order.module)
  const subject = await subjects[order.subject]?.(order.url, order.space)
  if (subject === undefined) throw new Error(`there is no subject ${order.subject}`)
  await tell({ kind: 'ready' })
  await new Promise((resolve) => process.once('message', resolve))
  await tell({ kind: 'done', histories: await hammer(subject, order) })
  await subject.close()
  process.disconnect()
}

function tell(report: Report): Promise<unknown> {
  return new Promise((resolve) => process.send?.(report, resolve))
}

/** Tells all processes of a code, and hears of those of all. */
const codes = {
  share: (shared: SharedCode) => tell({ kind: 'code', shared }),
  listen: (listener: (shared: SharedCode) => void) => {
    const hear = (message: Report) => {
      if (message.kind === 'code') listener(message.shared)
    }
    process.on('message', hear)
    return () => process.off('message', hear)
  },
}

async function hammer(subject: Subject, order: Order): Promise<Histories> {
  const { store, rateLimiter } = subject
  const below = seededIntegers(order.seed + order.process)
  const pending: Charges = new Map()
  const about = (kind: string, index: number) => `${kind}${Math.floor(index / callsAbout)}`
  return {
    manager: await hammerManager(subject, codes, { ...order, below }),
    store: await inLanes(order.calls, async (index) => {
      const id = about('c', index)
      return { ...(await storeCall(store, id, below)), about: id, process: order.process }
    }),
    limiter: await inLanes(order.calls, async (index) => {
      const group = about('g', index)
      const call = await limiterCall(rateLimiter, group, below, pending)
      return { ...call, about: group, process: order.process }
    }),
    windows: await inLanes(order.calls, async (index) => {
      const key = `w${index % 2}`
      const limits = [{ key, max: 5, windowMs: 250 }]
      const call = await timed(() => rateLimiter.take(limits))
      return { method: 'take', limits, ...call, about: key, process: order.process }
    }),
  }
}

function done(work: Promise<void>): Promise<'done'> {
  return work.then(() => 'done')
}

async function storeCall(
  store: Subject['store'],
  id: string,
  below: Below,
): Promise<Timed<StoreCall>> {
  const digest = `${id}-${below(3)}`
  const dice = below(20)
  if (dice < 3) {
    const challenge = { id, digest, attempts: 1 + below(4), ttlMs: hourMs, data: digest }
    return { method: 'put', challenge, ...(await timed(() => done(store.put(challenge)))) }
  }
  if (dice === 3) {
    return { method: 'delete', digest, ...(await timed(() => done(store.delete(id, digest)))) }
  }
  if (dice < 7) return { method: 'get', ...(await timed(() => store.get(id))) }
  const digests = [[], ['wrong', digest]][below(8)] ?? [digest]
  return { method: 'attempt', digests, ...(await timed(() => store.attempt(id, digests))) }
}

/** Charges of this process that nobody has taken back yet, by group. */
type Charges = Map<string, string[]>

async function limiterCall(
  rateLimiter: Subject['rateLimiter'],
  group: string,
  below: Below,
  pending: Charges,
): Promise<Timed<LimiterCall>> {
  const [one, other] = [`a${group}`, `b${group}`]
  const charges = pending.get(group) ?? []
  const charge = charges[0]
  const dice = below(20)
  if (dice === 0) {
    const keys = [one]
    return {
      method: 'clear',
      keys,
      newest: 1,
      ...(await timed(() => done(rateLimiter.clear(keys, 1)))),
    }
  }
  if (dice < 6 && charge !== undefined) {
    pending.set(group, charges.slice(1))
    const limits = limitsOf(one, other).slice(0, 1 + below(3))
    const keys = limits.map(({ key }) => key)
    const refund = () => done(rateLimiter.refund(keys, charge))
    return { method: 'refund', keys, charge, ...(await timed(refund)) }
  }
  const cost = [0, 0, 2][below(10)] ?? 1
  const limits = limitsOf(one, other)
    .slice(below(2), 2 + below(2))
    .map((limit) => ({ ...limit, cost }))
  const call = await timed(() => rateLimiter.take(limits))
  const { outcome } = call
  if (outcome?.ok === true) {
    pending.set(group, [...(pending.get(group) ?? []), outcome.charge])
  }
  return { method: 'take', limits, ...call }
}

// Two windows over one key, and another key.
function limitsOf(one: string, other: string): Limit[] {
  return [
    { key: one, max: 4, windowMs: hourMs },
    { key: one, max: 6, windowMs: 2 * hourMs },
    { key: other, max: 5, windowMs: hourMs },
  ]
}
