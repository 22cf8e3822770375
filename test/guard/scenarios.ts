import type { Attacker } from './attackers'
import { percent, price } from './figures'
import type { Report, Scenario } from './simulation'

/** Most live in one country. */
const countries = [0.65, 0.14, 0.07, 0.08, 0.06]
/** So many have an account, which the application says. */
const usuallyKnown = 0.45

const every = (step: number, from: number, days: number) =>
  Array.from({ length: Math.ceil((days - from) / step) }, (_, turn) => from + turn * step)

interface App {
  readonly seed: number
  readonly conversion: number
  readonly perDay: number
  readonly days: number
  readonly mode?: 'record' | 'challenge' | 'refuse'
  readonly knownShare?: number
  /** Who come within ten minutes when the app is shown on television; half of a day's by default. */
  readonly onTelevision?: number
}

/** Everything that happens to an honest app: spikes, television, outages. */
export function ordinaryMonth(app: App): Scenario {
  const { seed, conversion, perDay, days, mode = 'refuse', knownShare = usuallyKnown } = app
  const { onTelevision = perDay / 2 } = app
  return {
    name: `${conversion} verify, ${perDay} people a day, ${percent(knownShare)} of them known`,
    seed,
    traffic: {
      countries,
      conversion,
      perDay,
      days,
      knownShare,
      spikes: every(9, 1, days),
      bursts: every(11, 2, days).map((of) => ({ day: of, people: onTelevision })),
      outages: every(13, 1, days).map((of) => ({ fromHour: of * 24 + 8, hours: 3 })),
    },
    settings: { guard: { mode } },
  }
}

/** An app with people as ever, and these attackers in turn, a day of each with a quiet day behind it. */
export function attacked(app: App, attackers: readonly Attacker[]): Scenario {
  const { seed, conversion, perDay, days, mode = 'refuse', knownShare = usuallyKnown } = app
  const step = 2 * attackers.length
  return {
    name: `under attack, ${perDay} people a day, mode ${mode}`,
    seed,
    traffic: { countries, conversion, perDay, days, knownShare },
    attacks: attackers.map((attacker, place) => ({ attacker, days: every(step, 2 * place, days) })),
    settings: { guard: { mode } },
  }
}

/** What a run came to, in lines. */
export function linesOf({ name, met, refused, loot, byLevel, mostPaid }: Report): string[] {
  return [
    `${name}: ${met.asked} honest messages, ${met.refused} refused (${percent(refused.all)}, in the ` +
      `worst ten minutes ${percent(refused.worst)}), ${met.challenged} behind a captcha; ` +
      `at most ${mostPaid} messages paid in 24 hours; ${JSON.stringify(byLevel)}`,
    ...loot.map(({ attacker, asked, byDay }) => {
      const most = Math.max(...byDay)
      return `  ${attacker}: ${asked} asked, at most ${most} a day (${(most * price).toFixed(2)}): ${byDay.join(' ')}`
    }),
  ]
}
