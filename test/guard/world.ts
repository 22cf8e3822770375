import { type OtpDatabase, OtpManager, type OtpManagerSettings } from 'otpkit'
import { memory } from 'otpkit/databases/memory'
import { testClock } from 'otpkit/testing'
import { createRandom, type Random } from './random'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

/** Options of the backend. */
export type Settings = OtpManagerSettings<'sms', 'login'>
type Manager = OtpManager<'sms', 'login'>
type Answer = Awaited<ReturnType<Manager['send']>>

/** Time, a backend with the shipped library in it, and people who come to it. */
export interface World {
  readonly otp: Manager
  /** From now on the library has these options, over the same database. */
  configure(settings: Partial<Settings>): void
  readonly random: Random
  readonly startMs: number
  now(): number
  /** Does this at that instant, or now where it has passed. */
  at(instant: number, work: () => Promise<void>): void
  /** Lets time pass until then. Whatever happens at once happens in the order of its planning. */
  run(untilMs: number): Promise<void>
  /** The newest code that a phone has received. */
  codeOf(phone: string): string | undefined
  /** While it is out, the provider takes every message and no phone receives any. */
  provider: { isOut: boolean }
  /** When the provider took a message, of each. */
  readonly paidAt: readonly number[]
}

export interface WorldOptions {
  readonly seed: number
  readonly settings?: Partial<Settings>
  readonly database?: (clock: () => number) => OtpDatabase
}

// A Monday, midnight in UTC.
const firstDay = Date.UTC(2026, 0, 5)

export function createWorld({ seed, settings, database }: WorldOptions): World {
  const clock = testClock(firstDay)
  const inbox = new Map<string, string>()
  const paidAt: number[] = []
  const provider = { isOut: false }
  const agenda = createAgenda()
  const place = database?.(clock.now) ?? memory({ clock: clock.now })
  const shared: Settings = {
    secret: 'a-secret-for-simulations-only-0123456789',
    deliveries: {
      sms: {
        name: 'simulated',
        reaches: ['phone'],
        deliver: async ({ to, code }) => {
          paidAt.push(clock.now())
          if (!provider.isOut && code !== undefined) inbox.set(to, code)
          return { provider: 'simulated' }
        },
      },
    },
    countries: ['IN', 'BD', 'EE', 'GB', 'IR'],
    purposes: ['login'],
    // Attackers have addresses without end, and carriers many people behind one.
    limits: { ip: [], verifyIp: [] },
    clock: clock.now,
  }
  const manager = (more: Partial<Settings>): Manager =>
    new OtpManager({ ...shared, ...more, database: place })
  let otp = manager(settings ?? {})

  return {
    get otp() {
      return otp
    },
    configure: (more) => {
      otp = manager(more)
    },
    paidAt,
    random: createRandom(seed),
    startMs: firstDay,
    now: clock.now,
    at: agenda.add,
    run: async (untilMs) => {
      for (let next = agenda.next(untilMs); next; next = agenda.next(untilMs)) {
        clock.advance(Math.max(0, next.instant - clock.now()))
        await next.work()
      }
      clock.advance(Math.max(0, untilMs - clock.now()))
    },
    codeOf: (phone) => inbox.get(phone),
    provider,
  }
}

interface Task {
  readonly instant: number
  readonly order: number
  readonly work: () => Promise<void>
}

/** What is still to come, earliest first: a binary heap. */
function createAgenda() {
  const heap: Task[] = []
  let planned = 0
  const isBefore = (a: Task, b: Task) =>
    a.instant < b.instant || (a.instant === b.instant && a.order < b.order)

  function swap(a: number, b: number): boolean {
    const [one, other] = [heap[a], heap[b]]
    if (one === undefined || other === undefined || !isBefore(other, one)) return false
    heap[a] = other
    heap[b] = one
    return true
  }

  return {
    add: (instant: number, work: () => Promise<void>) => {
      planned += 1
      let place = heap.push({ instant, order: planned, work }) - 1
      while (place > 0) {
        const parent = (place - 1) >>> 1
        if (!swap(parent, place)) break
        place = parent
      }
    },
    /** Takes the next one out, if it is due by then. */
    next: (untilMs: number): Task | undefined => {
      const [first] = heap
      if (first === undefined || first.instant > untilMs) return undefined
      const last = heap.pop()
      if (last === undefined || heap.length === 0) return first
      heap[0] = last
      for (let place = 0; ; ) {
        const [left, right] = [2 * place + 1, 2 * place + 2]
        const [a, b] = [heap[left], heap[right]]
        const smaller = a !== undefined && b !== undefined && isBefore(b, a) ? right : left
        if (!swap(place, smaller)) return first
        place = smaller
      }
    },
  }
}

/** Whether the guard, and not one of the limits that are there without it, has refused. */
export function isGuards(answer: Answer): boolean {
  return !answer.ok && answer.reason === 'rate_limited' && answer.limit === 'guard'
}
