import { type GuardOptions, OtpManager, type OtpManagerSettings } from 'otpkit'
import { capturedDelivery } from 'otpkit/testing'
import { noLimits, secret } from '../fixture'
import type { OpenPlace, PlaceKind } from '../promises/places'
import { ownName } from '../servers/shared'

const [minute, hour] = [60_000, 3_600_000]
const day = 24 * hour

/** Narrow enough that a few messages reach every level. */
const narrow: GuardOptions = {
  mode: 'refuse',
  levels: {
    ip: { honest: 0.5, attack: 0.2, error: 0.05 },
    block: { honest: 0.5, attack: 0.2, error: 0.2 },
    wideBlock: { honest: 0.5, attack: 0.2, error: 0.1 },
    country: { honest: 0.5, attack: 0.2, error: 0.02 },
    burst: { honest: 0.5, attack: 0.2, error: 0.05 },
  },
  growth: { floor: 9, times: 14 },
}
/** The same by hand: ln(1/error) / ln(1.6) rounded up, and 1 + ln(2.5) / ln(1.6) in 64ths. */
const times = 1 + 125 / 64
const tests = [
  { name: 'ip', floor: 7, windowMs: day },
  { name: 'block', floor: 4, windowMs: day },
  { name: 'wideBlock', floor: 5, windowMs: day },
  { name: 'country', floor: 9, windowMs: day },
  { name: 'country', floor: 7, windowMs: 10 * minute },
] as const
const growthFloor = 9

const countries = {
  IN: ['987654', '987655', '987755'],
  US: ['212456', '212457', '313456'],
} as const
const calling = { IN: '+91', US: '+1' } as const

interface Entry {
  readonly at: number
  readonly keys: ReadonlyMap<string, string>
  readonly units: number
}

export interface GuardedPlace {
  readonly open: OpenPlace
  readonly otp: OtpManager<'sms', 'login'>
  readonly codes: ReadonlyMap<string, string>
  /** Waits for all that goes on behind the answers. */
  settle(): Promise<void>
}

export async function openGuarded(
  kind: PlaceKind,
  options: Partial<OtpManagerSettings<'sms', 'login'>> = { guard: narrow },
): Promise<GuardedPlace> {
  const open = await kind.open()
  const sms = capturedDelivery({ name: 'sms', reaches: ['phone'] })
  const works: Promise<void>[] = []
  const otp = new OtpManager({
    secret,
    deliveries: { sms },
    countries: ['IN', 'US'],
    purposes: ['login'],
    namespace: ownName('guard'),
    limits: noLimits,
    lifetime: '10m',
    background: (work) => void works.push(work),
    ...options,
    ...open.places,
  })
  const codes = new Map<string, string>()
  return {
    open,
    otp,
    codes,
    settle: async () => {
      await Promise.all(works.splice(0))
      for (const { to, code = '' } of sms.messages) codes.set(to, code)
    },
  }
}

/**
 * Asks and verifies at random, so many times and until there are some of every kind, and compares each
 * answer with what the rules come to by plain sums.
 */
export async function compareWithRules(
  kind: PlaceKind,
  below: (bound: number) => number,
  steps: number,
  fewest: number,
): Promise<Record<'sent' | 'refused' | 'verified', number>> {
  const place = await openGuarded(kind)
  const { otp, codes, settle, open } = place
  let now = 0
  const [sent, verified, unknown]: [Entry[], Entry[], Entry[]] = [[], [], []]
  const living: {
    to: string
    at: number
    keys: Entry['keys']
    messages: number
    silent: boolean
  }[] = []
  const units = (log: readonly Entry[], keys: Entry['keys'], name: string, windowMs: number) =>
    log
      .filter((entry) => now - entry.at < windowMs && entry.keys.get(name) === keys.get(name))
      .reduce((sum, entry) => sum + (keys.has(name) ? entry.units : 0), 0)
  const isSuspected = (keys: Entry['keys'], isKnown: boolean) => {
    if (isKnown) return false
    const over = tests.some(({ name, floor, windowMs }) => {
      if (!keys.has(name)) return false
      const most = floor + times * units(verified, keys, name, windowMs)
      return units(sent, keys, name, windowMs) + 1 > most
    })
    const grown = growthFloor + units(verified, keys, 'country', 14 * day)
    return over || units(unknown, keys, 'country', day) + 1 > grown
  }
  const counts = { sent: 0, refused: 0, verified: 0 }
  let person = 0

  // Some courses bring few of a kind: they go on, and none is told by chance to be worth nothing.
  const isWorthwhile = () => Math.min(...Object.values(counts)) >= fewest
  for (let step = 0; step < steps || (step < 20 * steps && !isWorthwhile()); step += 1) {
    const action = below(10)
    if (action === 0) {
      const passed = [minute, 9 * minute, 3 * hour, 11 * hour][below(4)] ?? 0
      now += passed
      open.advance(passed)
    } else if (action < 4) {
      const one = living.splice(below(Math.max(1, living.length)), 1)[0]
      if (one === undefined || one.silent || now - one.at >= 10 * minute) continue
      const result = await otp.verify({
        to: one.to,
        purpose: 'login',
        ip: null,
        code: codes.get(one.to) ?? '000000',
      })
      await settle()
      if (!result.ok) throw new Error(`step ${step}: not verified: ${result.reason}`)
      counts.verified += 1
      // A quarter for each message behind the first.
      verified.push({ at: now, keys: one.keys, units: (3 + one.messages) / 4 })
    } else {
      const old = below(4) === 0 ? living[below(Math.max(1, living.length))] : undefined
      // In its last fifth a challenge is not repeated but replaced.
      const again =
        old !== undefined && now - old.at < 8 * minute && old.messages < 4 ? old : undefined
      const country = below(3) === 0 ? 'US' : 'IN'
      const block = countries[country][below(3)] ?? ''
      person += 1
      const to = again?.to ?? `${calling[country]}${block}${String(person).padStart(4, '0')}`
      const address = [null, '203.0.113.1', '203.0.113.2', '2001:db8::1'][below(4)] ?? null
      const isUs = to.startsWith('+1')
      const keys = new Map([
        ['block', to.slice(0, -4)],
        ['wideBlock', to.slice(0, -6)],
        ['country', isUs ? 'US' : 'IN'],
        ...(address === null ? [] : [['ip', address] as const]),
      ])
      const silent = again?.silent ?? below(5) === 0
      const known = below(6) === 0
      const expected = isSuspected(keys, known)
      const answer = await otp.send({
        to,
        channel: 'sms',
        purpose: 'login',
        ip: address,
        deliver: !silent,
        known,
      })
      await settle()
      const isRefused = !answer.ok && answer.reason === 'rate_limited' && answer.limit === 'guard'
      if (isRefused !== expected || (!isRefused && !answer.ok)) {
        throw new Error(`step ${step}: ${JSON.stringify(answer)}, expected ${expected}`)
      }
      counts[isRefused ? 'refused' : 'sent'] += 1
      if (isRefused) continue
      sent.push({ at: now, keys, units: 1 })
      if (!known) unknown.push({ at: now, keys, units: 1 })
      if (again === undefined) living.push({ to, at: now, keys, messages: 1, silent })
      else again.messages += 1
    }
  }
  return counts
}
