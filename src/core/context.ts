import type { OtpDatabase } from '../database'
import { isOtpError, OtpError, type OtpErrorCode } from '../errors'
import type { EventSubject, Events, OtpEventFacts } from '../events'
import { maskRecipient, type Recipient } from '../input/recipient'
import { defined } from '../internal/defined'
import type { Writable } from '../internal/writable'
import type { OtpPlaces } from '../options'
import type { RateLimiter, Taken } from '../rate-limiter'
import type { Locked, RateLimited } from '../results'
import type { OtpStore } from '../store'
import { joined } from './joined'
import type { Charge } from './logs'
import type { Requests } from './read-requests'
import type { ParsedIp } from './request-fields'
import type { Settings } from './settings'
import type { Watch } from './watch'

/** What every operation of one manager works with. */
export interface Core {
  readonly settings: Settings
  readonly requests: Requests
  readonly events: Events
  /** Every fault of it is an `OtpError`. */
  readonly database: OtpDatabase
  readonly watch: Watch
  /** Whether it is time to say once more that an address cannot be read. */
  readonly isTimeToTellOfIp: () => boolean
}

/** Whom and what an event is about. */
export interface Subject {
  /** The recipient's. */
  readonly label: string
  /** The challenge's id in the store. */
  readonly id?: string
  readonly recipient?: Recipient | undefined
  readonly purpose?: string
}

/** The database of a manager: the one that was handed in, or a store and a limiter joined. */
export function databaseOf(
  core: Pick<Core, 'settings' | 'events'>,
  places: OtpPlaces,
): OtpDatabase {
  if (places.database !== undefined) {
    const { database } = places
    const guard = guardWith('database_unavailable', 'the database failed')
    return {
      ...guardStore(database, guard),
      ...guardRateLimiter(database, guard),
      begin: guard((beginning) => database.begin(beginning)),
      settle: guard((submission) => database.settle(submission)),
    }
  }
  const guardOfStore = guardWith('store_unavailable', 'the store failed')
  const guardOfLimiter = guardWith('rate_limiter_unavailable', 'the rate limiter failed')
  return joined({
    store: guardStore(places.store, guardOfStore),
    rateLimiter: guardRateLimiter(places.rateLimiter, guardOfLimiter),
    // A recipient's keys are a character and the label.
    onFault: (error, ledger) => tellFault(core, ledger.slice(1), 'refund', error),
  })
}

type Guard = ReturnType<typeof guardWith>

function guardStore(store: OtpStore, guard: Guard): OtpStore {
  return {
    put: guard((challenge) => store.put(challenge)),
    get: guard((id) => store.get(id)),
    attempt: guard((id, digests) => store.attempt(id, digests)),
    delete: guard((id, digest) => store.delete(id, digest)),
  }
}

function guardRateLimiter(rateLimiter: RateLimiter, guard: Guard): RateLimiter {
  return {
    take: guard((limits) => rateLimiter.take(limits)),
    refund: guard((keys, charge) => rateLimiter.refund(keys, charge)),
    clear: guard((keys, newest) => rateLimiter.clear(keys, newest)),
  }
}

function guardWith(code: OtpErrorCode, message: string) {
  const fail = (cause: unknown): never => {
    throw isOtpError(cause) ? cause : new OtpError(code, message, { cause })
  }
  return <Arguments extends unknown[], Result>(call: (...args: Arguments) => Promise<Result>) =>
    (...args: Arguments): Promise<Result> => {
      try {
        return Promise.resolve(call(...args)).catch(fail)
      } catch (cause) {
        return Promise.reject(cause).catch(fail)
      }
    }
}

/** Tells an event, if anybody listens. Its keyed names are made only then. */
export function tell(
  { settings, events }: Pick<Core, 'settings' | 'events'>,
  { label, id, recipient, purpose }: Subject,
  facts: OtpEventFacts,
): void {
  if (!events.heard) return
  // By hand: this is done for every event, and a copy without what is missing takes twice as long.
  const subject: Writable<EventSubject> & { at: number } = {
    at: settings.clock(),
    fingerprint: fingerprintOf(settings, label),
  }
  if (recipient !== undefined) {
    subject.recipient = maskRecipient(recipient)
    if (recipient.country !== undefined) subject.country = recipient.country
  }
  if (id !== undefined) subject.challengeKey = challengeKeyOf(settings, id)
  if (purpose !== undefined) subject.purpose = purpose
  if (settings.testRecipients.codes.has(label)) subject.test = true
  events.emit(Object.assign(subject, facts))
}

/** The name of a recipient in events. */
export function fingerprintOf({ keys }: Settings, label: string): string {
  return keys.index('fingerprint', label)
}

/** The name of a challenge in events. */
export function challengeKeyOf({ keys }: Settings, id: string): string {
  return keys.index('challenge key', id)
}

/** The name of a message in events: the same from its sending and from its receipts. */
export function messageKeyOf({ keys }: Settings, provider: string, messageId: string): string {
  return keys.index('message', provider, messageId)
}

/** Tells of what failed and could not be allowed to change the answer. */
export function tellFault(
  core: Pick<Core, 'settings' | 'events'>,
  label: string,
  during: 'refund' | 'proof' | 'background' | 'conversion' | 'guard',
  error: unknown,
): void {
  tell(core, { label }, { type: 'fault', during, error })
}

/** Does what must not change the answer: a failure is told, and no more. */
export async function quietly(
  core: Core,
  label: string,
  during: 'refund' | 'proof' | 'conversion' | 'guard',
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    tellFault(core, label, during, error)
  }
}

/** Has the host wait for work behind the answer, which nothing that the host throws may change. */
export function keepAlive(core: Core, label: string, work: Promise<void>): void {
  try {
    core.settings.background?.(work)
  } catch (error) {
    tellFault(core, label, 'background', error)
  }
}

const untoldMs = 60_000

/** Lets one of those through that come within a minute. */
export function oncePerMinute(): () => boolean {
  let nextAtMs = Number.NEGATIVE_INFINITY
  return () => {
    const nowMs = performance.now()
    if (nowMs < nextAtMs) return false
    nextAtMs = nowMs + untoldMs
    return true
  }
}

/** Tells of an address that nobody can read, if it is time to. */
export function tellOfIp(
  core: Core,
  { isUnreadableIp }: ParsedIp,
  subject: Subject,
  action: 'send' | 'verify',
): void {
  if (!isUnreadableIp || !core.events.heard || !core.isTimeToTellOfIp()) return
  tell(core, subject, { type: 'unreadable_ip', action })
}

/** Tells that a limit refused, and makes the answer of it. */
export function refuse(
  core: Core,
  subject: Subject & { readonly channel?: string | undefined },
  action: 'send' | 'verify',
  { names, caps }: Charge,
  { index, retryAfterMs }: Pick<Extract<Taken, { ok: false }>, 'index' | 'retryAfterMs'>,
): RateLimited | Locked {
  const name = names[index] ?? 'ledger'
  const asked = defined({ type: 'refused', action, channel: subject.channel } as const)
  if (name === 'ledger') {
    tell(core, subject, { ...asked, reason: 'locked', retryAfterMs })
    return { ok: false, reason: 'locked', retryAfterMs }
  }
  const limit = defined({ limit: name, cap: caps[index] })
  const refused = { reason: 'rate_limited', ...limit, retryAfterMs } as const
  tell(core, subject, { ...asked, ...refused })
  const isChallenge = name === 'guard' && core.settings.guard?.mode === 'challenge'
  return { ok: false, ...refused, ...(isChallenge && { challenge: true }) }
}
