import { hrtime } from 'node:process'
import type { Limit } from 'otpkit'
import { seededIntegers } from '../../src/testing/random'
import type { Histories, LimiterCall, Moment, OpenSubject, StoreCall, Subject } from './history'

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
}

type Below = (bound: number) => number

// All processes walk over the same challenges and keys at the same pace, so they meet.
const lanes = 4
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
  process.send?.('ready')
  await new Promise((resolve) => process.once('message', resolve))
  const histories = await hammer(subject, order)
  await new Promise((resolve) => process.send?.(histories, resolve))
  await subject.close()
  process.disconnect()
}

async function hammer({ store, rateLimiter }: Subject, order: Order): Promise<Histories> {
  const below = seededIntegers(order.seed + order.process)
  const pending: Charges = new Map()
  const about = (kind: string, index: number) => `${kind}${Math.floor(index / callsAbout)}`
  return {
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

async function inLanes<Call>(count: number, work: (index: number) => Promise<Call>) {
  const calls: Call[] = []
  let next = 0
  const lane = async () => {
    while (next < count) {
      next += 1
      calls.push(await work(next - 1))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return calls
}

type Timed<Call> = Call & Pick<Moment, 'start' | 'end'>

async function timed<Outcome>(work: () => Promise<Outcome>) {
  const start = now()
  try {
    const outcome = await work()
    return { start, end: now(), outcome }
  } catch {
    return { start, end: now() }
  }
}

// The same clock in all processes of a machine.
function now(): number {
  return Number(hrtime.bigint()) / 1e6
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
    const refund = () => done(rateLimiter.refund(limits, charge))
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
