import type { OtpDatabase } from '../database'
import type { Recipient } from '../input/recipient'
import { isWithin } from '../internal/is-within'
import type { Limit, Taken } from '../rate-limiter'
import type { ChallengeState, Trust } from './challenge'
import { countKey } from './charges'
import { chargesInTurn } from './charges-in-turn'
import { type Core, keepAlive, quietly, type Subject, tell } from './context'
import { quarters, verifiedLimits } from './guard-logs'
import { type Charge, type ChargeFacts, type Judgement, noBound, type PlacedTest } from './logs'
import { createOutages, type Outages } from './outages'
import type { Settings } from './settings'
import { amountOf } from './spend-settings'

/** What one process remembers for the guard and for caps on money; lost with it, and no loss. */
export interface Watch {
  readonly outages: Outages
  /** When it was told last that so much of a cap was spent. */
  readonly told: Map<string, number>
  /** Charges what was verified. */
  readonly charge: (limits: readonly Limit[]) => Promise<void>
}

export function createWatch({ clock }: Settings, database: Pick<OtpDatabase, 'take'>): Watch {
  return {
    outages: createOutages(clock),
    told: new Map(),
    charge: chargesInTurn((limits) => database.take(limits)),
  }
}

/** A message that the guard and the caps are asked about. */
export interface WatchedMessage {
  readonly recipient: Recipient
  readonly ip: string
  readonly trust: Trust
}

/** What of a message decides how the guard judges it. */
export function judgedFacts(
  { settings, watch }: Core,
  { recipient, ip, trust }: WatchedMessage,
): Pick<ChargeFacts, 'judged' | 'isKnown'> {
  const { guard } = settings
  if (guard === undefined) return {}
  const isKnown = trust === 'known'
  const passes = isKnown || (trust === 'challenged' && guard.mode === 'challenge')
  if (passes || guard.mode === 'record' || guard.allows(recipient, ip)) {
    return { judged: 'none', isKnown }
  }
  const isOut = recipient.country !== undefined && watch.outages.isOut(recipient.country)
  return { judged: isOut ? 'local' : 'all', isKnown }
}

/** Whether a charge holds anything of the guard or of caps on money. */
export function isWatched({ tests, costs }: Charge): boolean {
  return tests.length > 0 || costs !== undefined
}

/** Takes in what the step of a message has said, and tells of it. */
export function watchTaken(
  core: Core,
  subject: Subject & { readonly channel: string },
  message: WatchedMessage,
  charge: Charge,
  judged: Judgement | undefined,
  taken: Taken,
): void {
  if (charge.costs !== undefined) tellSpend(core, subject, charge, taken)
  const { guard } = core.settings
  if (guard === undefined || judged === undefined || charge.tests.length === 0) return
  const { mode } = guard
  const { channel } = subject
  const country = message.recipient.country ?? ''
  const suspect = (test: PlacedTest, verdict: 'allow' | 'challenge' | 'refuse') => {
    const { rule, level, used, allowed } = readTest(test, taken)
    if (level === 'country' || level === 'burst') core.watch.outages.suspected(country)
    tell(core, subject, { type: 'suspected', rule, level, used, allowed, mode, verdict, channel })
  }
  readOutage(core, subject, charge, taken, country)
  if (!taken.ok) {
    const test = charge.tests.find(({ place }) => place === taken.index)
    if (test !== undefined) suspect(test, mode === 'challenge' ? 'challenge' : 'refuse')
    return
  }
  const isOver = (test: PlacedTest) => readTest(test, taken).isOver
  // What the country's levels say in an outage is no suspicion.
  const isCounted = (test: PlacedTest) => !waitsInOutage(test) || !isOutNow(core, country)
  const over = charge.tests.find((test) => isOver(test) && isCounted(test))
  if (over === undefined) return
  suspect(over, 'allow')
  const isRefusedElsewhere =
    mode === 'record' && message.trust !== 'known' && !guard.allows(message.recipient, message.ip)
  if (isRefusedElsewhere) forget(core, subject, charge, taken.charge)
}

/** Whether a test refuses nothing while next to none of a country's messages arrives. */
export function waitsInOutage({ rule, level }: PlacedTest): boolean {
  return rule === 'conversion' && (level === 'country' || level === 'burst')
}

function isOutNow({ watch }: Core, country: string): boolean {
  return watch.outages.isOut(country)
}

/** The charge of a message that the other modes would have refused, and so would not have counted. */
function forget(core: Core, { label }: Subject, charge: Charge, name: string): void {
  const { policy, keys, tests } = charge
  const guarded = tests.map(({ place }) => keys[policy.limits[place]?.key ?? -1] ?? '')
  const unique = [...new Set(guarded)]
  const work = quietly(core, label, 'guard', () => core.database.refund(unique, name))
  keepAlive(core, label, work)
}

/** What a test says of a message, the message included. */
export function readTest(test: PlacedTest, { ok, used }: Pick<Taken, 'ok' | 'used'>) {
  const { rule, level, floor, times, place, verified: verifiedPlace } = test
  const sent = (used[place] ?? 0) + (ok ? 0 : 1)
  const counted = used[verifiedPlace] ?? 0
  const verified = Math.floor(counted / quarters)
  const most = floor + times * counted
  const isOver = sent > most
  if (rule === 'growth') return { rule, level, used: sent, allowed: Math.floor(most), isOver }
  // A message is older than what verified it, and leaves the window before that does.
  const unverified = Math.max(0, sent - verified)
  return { rule, level, used: unverified, allowed: Math.floor(most - verified), isOver }
}

function readOutage(
  core: Core,
  subject: Subject & { readonly channel: string },
  { tests }: Charge,
  { used }: Taken,
  country: string,
): void {
  const day = tests.find(({ level, rule }) => level === 'country' && rule === 'conversion')
  const burst = tests.find(({ level }) => level === 'burst')
  const { guard } = core.settings
  if (day === undefined || burst === undefined || guard === undefined) return
  const [sent = 0, verified = 0] = [used[burst.place], used[burst.verified]]
  const [sentInDay = 0, verifiedInDay = 0] = [used[day.place], used[day.verified]]
  const reading = {
    sent,
    verified: verified / quarters,
    sentInDay,
    verifiedInDay: verifiedInDay / quarters,
  }
  if (!core.watch.outages.read(country, reading)) return
  const read = readTest(burst, { ok: true, used })
  const { channel } = subject
  const { mode } = guard
  const { used: unverified, allowed } = read
  const outage = { rule: 'outage', level: 'country', used: unverified, allowed } as const
  tell(core, subject, { type: 'suspected', ...outage, mode, verdict: 'allow', channel })
}

/**
 * Counts the messages of a challenge as verified, under the address of its first one, in one call behind
 * the answer. A first message that nobody took was given back, and counts as one all the same if its
 * challenge is verified: nothing that is kept of a challenge tells it.
 *
 * @param charge - That of the guess: it has looked at how often the challenge was repeated.
 */
export function countVerified(
  core: Core,
  { label, recipient }: Subject,
  { names }: Charge,
  used: readonly number[],
  state: ChallengeState | undefined,
): void {
  const { guard, keys } = core.settings
  // One that was made before there was a guard was not counted either.
  if (guard === undefined || state?.asked === undefined) return
  const { asked, continues, wasLoud } = state
  let messages = 1
  for (const [place, name] of names.entries()) {
    if (name === 'challenge') messages += used[place] ?? 0
  }
  const work = quietly(core, label, 'guard', async () => {
    const counted = messages + (continues === '' || wasLoud ? 0 : await repeatsOf(core, state))
    const limits = verifiedLimits(guard, keys, { ip: asked.ip, recipient }, counted)
    if (limits.length > 0) await core.watch.charge(limits)
  })
  keepAlive(core, label, work)
}

/**
 * How often a challenge was repeated that is counted as the one whose place it took: no guess leads there,
 * so this is looked at behind the answer, and may see a message that is asked for at that very moment.
 */
async function repeatsOf(
  { database }: Core,
  { continues, lifetimeMs }: Pick<ChallengeState, 'continues' | 'lifetimeMs'>,
): Promise<number> {
  const limit = { key: countKey(continues), max: noBound, windowMs: lifetimeMs, cost: 0 }
  const { used } = await database.take([limit])
  return used[0] ?? 0
}

const toldMs = 3_600_000
const percents = [50, 80] as const

/** Tells that a part of a cap was spent by this very message, or that it had no room. */
function tellSpend(core: Core, subject: Subject, charge: Charge, taken: Taken): void {
  if (!core.events.heard) return
  const { policy, caps, costs = [] } = charge
  const { spend } = core.settings
  for (const [place, cap] of caps.entries()) {
    const limit = policy.limits[place]
    if (cap === undefined || limit === undefined || spend === undefined) continue
    const used = taken.used[place] ?? 0
    const before = used - (taken.ok ? (costs[limit.key] ?? 0) : 0)
    const isFull = taken.ok ? used >= limit.max : taken.index === place
    const crossed = percents.filter((percent) => {
      const part = (limit.max * percent) / 100
      return before < part && used >= part
    })
    for (const percent of isFull ? [...crossed, 100 as const] : crossed) {
      const country = cap === 'perDay' ? '' : (subject.recipient?.country ?? '')
      const name = `${cap} ${country} ${percent}`
      const now = core.settings.clock()
      if (isWithin(toldMs, core.watch.told.get(name), now)) continue
      core.watch.told.set(name, now)
      const { currency } = spend.prices
      const amounts = { used: amountOf(used), max: amountOf(limit.max) }
      tell(core, subject, { type: 'spend', cap, percent, ...amounts, currency })
    }
  }
}
