import { type NumberingPlan, numberOf, plans } from './numbers'
import { day, hour, isGuards, minute, type World } from './world'

/** Honest people, and what else happens to them. */
export interface TrafficOptions {
  /** Of those who ask for a code, how many type it in. */
  readonly conversion: number
  /** People a day. */
  readonly perDay: number
  readonly days: number
  /** The first of these days, which all others are counted from. */
  readonly fromDay?: number
  /** Days, counted from 0, with an hour of ten times as many people as it usually has. */
  readonly spikes?: readonly number[]
  /** Half a day's people within ten minutes of the evening: the app was shown on television. */
  readonly bursts?: readonly { readonly day: number; readonly people: number }[]
  /** Hours, from the start, in which the provider takes messages that never arrive. */
  readonly outages?: readonly { readonly fromHour: number; readonly hours: number }[]
  /** How many of them the application says of that they have verified their number before. */
  readonly knownShare?: number
  /** The share of each of the `plans`, in their order. */
  readonly countries?: readonly number[]
}

/** What honest people met. */
export interface Met {
  /** Messages that they asked for and that no other limit refused. */
  asked: number
  refused: number
  /** Those who were asked for a captcha, and then got their message. */
  challenged: number
  verified: number
  /** The same by the ten minutes in which it was. */
  readonly byTenMinutes: Map<number, { asked: number; refused: number }>
}

// People an hour as a share of the mean hour's, from midnight on.
const rhythm = [
  0.3, 0.18, 0.12, 0.1, 0.12, 0.2, 0.45, 0.8, 1.1, 1.3, 1.4, 1.45, 1.5, 1.45, 1.4, 1.4, 1.45, 1.55,
  1.7, 1.8, 1.75, 1.4, 0.9, 0.58,
]
const resending = 0.15
const hurrying = 0.05
const mistyping = 0.05
const sharedAddresses = 40

/** Plans all of it. */
export function honestTraffic(world: World, options: TrafficOptions): Met {
  const { random } = world
  const { perDay, days, fromDay = 0, spikes = [], bursts = [], outages = [] } = options
  const startMs = world.startMs + fromDay * day
  const met: Met = { asked: 0, refused: 0, challenged: 0, verified: 0, byTenMinutes: new Map() }
  const come = (instant: number) => world.at(instant, () => person(world, options, met))

  for (let hourOf = 0; hourOf < days * 24; hourOf += 1) {
    const isSpike = hourOf % 24 === 18 && spikes.includes(Math.floor(hourOf / 24))
    const people = random.poisson((perDay / 24) * (rhythm[hourOf % 24] ?? 1) * (isSpike ? 10 : 1))
    for (let i = 0; i < people; i += 1) come(startMs + (hourOf + random.unit()) * hour)
  }
  for (const burst of bursts) {
    const begins = startMs + burst.day * day + 20 * hour
    for (let i = 0; i < burst.people; i += 1) {
      come(begins + Math.min(10 * minute, -2 * minute * Math.log(1 - random.unit())))
    }
  }
  for (const { fromHour, hours } of outages) {
    const begins = startMs + fromHour * hour
    const turn = (isOut: boolean) => async () => {
      world.provider.isOut = isOut
    }
    world.at(begins, turn(true))
    world.at(begins + hours * hour, turn(false))
  }
  return met
}

/** One person, from asking for a code to typing it in or giving up. */
async function person(world: World, options: TrafficOptions, met: Met): Promise<void> {
  const { random, otp } = world
  const to = phoneOf(world, options)
  const ip = addressOf(world)
  const known = random.chance(options.knownShare ?? 0)
  const request = { to, channel: 'sms', purpose: 'login', ip, known } as const
  let sent = await otp.send(request)
  if (!sent.ok && sent.reason === 'rate_limited' && sent.challenge) {
    met.challenged += 1
    sent = await otp.send({ ...request, challenged: true })
  }
  if (!count(world, met, sent)) return
  // A finger and autofill, or a finger twice.
  if (random.chance(hurrying))
    world.at(world.now() + 300, async () => void (await otp.send(request)))

  const begun = world.now()
  const types = random.chance(options.conversion)
  let typesAfter = Math.max(3_000, random.around(13_000, 1.8))
  if (random.chance(resending)) {
    const resendsAfter = 31_000 + random.below(40_000)
    typesAfter += resendsAfter
    world.at(begun + resendsAfter, async () => {
      let again = await otp.resend({ to, purpose: 'login', ip })
      if (!again.ok && again.reason === 'rate_limited' && again.challenge) {
        met.challenged += 1
        again = await otp.send({ ...request, challenged: true })
      }
      if (again.ok || again.reason !== 'expired') count(world, met, again)
    })
  }
  if (types) world.at(begun + Math.min(typesAfter, 4.5 * minute), () => type(world, met, to, ip))
}

async function type(world: World, met: Met, to: string, ip: string): Promise<void> {
  const { otp, random } = world
  const code = world.codeOf(to)
  if (code === undefined) return
  const verify = (typed: string) => otp.verify({ to, purpose: 'login', code: typed, ip })
  if (random.chance(mistyping)) await verify(code.slice(1) + code.slice(0, 1))
  const verified = await verify(code)
  if (verified.ok) met.verified += 1
  if (random.chance(hurrying)) await verify(code)
}

/** Whether the message was sent. */
function count(world: World, met: Met, answer: Parameters<typeof isGuards>[0]): boolean {
  const refused = isGuards(answer)
  if (!answer.ok && !refused) return false
  const bucket = Math.floor(world.now() / (10 * minute))
  const within = met.byTenMinutes.get(bucket) ?? { asked: 0, refused: 0 }
  met.byTenMinutes.set(bucket, within)
  for (const tally of [met, within]) {
    tally.asked += 1
    if (refused) tally.refused += 1
  }
  return answer.ok
}

/** The share of honest messages that the guard refused, in all and in the worst ten minutes. */
export function refusedShares({ asked, refused, byTenMinutes }: Met) {
  const busy = [...byTenMinutes.values()].filter((within) => within.asked >= 10)
  const shareOf = (within: { asked: number; refused: number }) => within.refused / within.asked
  return { all: refused / Math.max(1, asked), worst: Math.max(0, ...busy.map(shareOf)) }
}

function phoneOf({ random }: World, { countries = [1] }: TrafficOptions): string {
  let left = random.unit()
  let plan: NumberingPlan = plans[0]
  for (const [place, share] of countries.entries()) {
    plan = plans[place] ?? plan
    left -= share
    if (left < 0) break
  }
  return numberOf(plan, random)
}

/** Three of ten come from behind a carrier's address, one of ten by IPv6, the rest from their own. */
function addressOf({ random }: World): string {
  const draw = random.unit()
  if (draw < 0.3) return `100.64.0.${random.popular(sharedAddresses)}`
  if (draw < 0.4) return `2401:4900:${random.below(65_536).toString(16)}::1`
  return ownAddress(random)
}

function ownAddress({ below }: World['random']): string {
  return `${11 + below(80)}.${below(256)}.${below(256)}.${below(256)}`
}
