import { describe, expect, it } from 'vitest'
import { burst, oneOperator, slowAndDistributed, verifying, verifyingInOneBlock } from './attackers'
import { type Report, type Scenario, simulate } from './simulation'

// The table of docs/guard.md is GUARD_DAYS=30, which takes minutes.
const days = Number(process.env.GUARD_DAYS ?? 3)
const isFull = days >= 30
const seed = Number(process.env.OTPKIT_SEED ?? 20_261_127)
const price = 0.1
const mix = [0.7, 0.12, 0.06, 0.08, 0.04]
const settings: Scenario['settings'] = { guard: { mode: 'refuse' } }
const every = (step: number, from = 0) =>
  Array.from({ length: Math.ceil((days - from) / step) }, (_, i) => from + i * step)

const percent = (share: number) => `${(100 * share).toFixed(3)} %`

function print({ name, met, refused, loot }: Report) {
  console.log(
    `${name}: honest people asked for ${met.asked} messages, ${met.refused} refused ` +
      `(${percent(refused.all)}; worst ten minutes ${percent(refused.worst)})`,
  )
  for (const { attacker, asked, byDay } of loot) {
    const worst = Math.max(...byDay)
    console.log(
      `  ${attacker}: asked ${asked}, worst day ${worst} (${(worst * price).toFixed(2)}), days ${byDay.join(' ')}`,
    )
  }
}

describe(`the guard, simulated for ${days} days (OTPKIT_SEED=${seed})`, () => {
  it.each([0.4, 0.6, 0.75, 0.85].filter((conversion) => isFull || conversion === 0.4))(
    'lets honest people through, of whom %d verify',
    async (conversion) => {
      const report = await simulate({
        name: `conversion ${conversion}`,
        seed: seed + 1000 * conversion,
        traffic: {
          conversion,
          perDay: 1000,
          days,
          countries: mix,
          knownShare: 0.5,
          spikes: every(9, 1),
          bursts: every(11, 2).map((day) => ({ day, people: 500 })),
          outages: every(13, 1).map((day) => ({ fromHour: day * 24 + 8, hours: 3 })),
        },
        settings,
      })
      print(report)
      expect(report.met.asked).toBeGreaterThan(days * 1000)
      expect(report.refused.all).toBeLessThanOrEqual(0.001)
    },
    600_000,
  )

  it.each([
    [slowAndDistributed(5_000), 1_700],
    [burst(2_000), 25],
    [oneOperator(3_000), 800],
    [verifying(3_000, 0.1), 1_700],
    [verifying(3_000, 0.3), 1_700],
    [verifyingInOneBlock(2_000, 0.1), 60],
  ] as const)(
    '%o',
    async (attacker, most) => {
      const report = await simulate({
        name: attacker.name,
        seed,
        traffic: { conversion: 0.75, perDay: 1000, days, countries: mix, knownShare: 0.5 },
        attacks: [{ attacker, days: every(2) }],
        settings,
      })
      print(report)
      const [loot] = report.loot
      expect(Math.max(...(loot?.byDay ?? []))).toBeLessThanOrEqual(most)
    },
    600_000,
  )
})
