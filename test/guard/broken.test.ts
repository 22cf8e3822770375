import { memory } from 'otpkit/databases/memory'
import { describe, expect, it } from 'vitest'
import { burst, slowAndDistributed } from './attackers'
import { mostOf } from './bounds'
import { broken } from './broken'
import { attacked, ordinaryMonth } from './scenarios'
import { simulate } from './simulation'

const seed = Number(process.env.OTPKIT_SEED ?? 314_159)

describe(`a guard that is wrong (OTPKIT_SEED=${seed})`, () => {
  it.each(broken)('fails its simulation: $name', async ({ of, shows }) => {
    const database = (clock: () => number) => of(memory({ clock }))
    const perDay = 300
    if (shows === 'refusals') {
      const app = { seed, conversion: 0.6, perDay, days: 2 }
      const { refused } = await simulate({ ...ordinaryMonth(app), watched: 2, database })
      expect(refused.all).toBeGreaterThan(0.001)
      return
    }
    const attackers = [slowAndDistributed(5 * perDay), burst(500)]
    const app = { seed, conversion: 0.75, perDay, days: 4 }
    const settings = { guard: { mode: 'refuse', growth: false } } as const
    const scenario = { ...attacked(app, attackers), settings, watched: 1, database }
    const { loot } = await simulate(scenario)
    const isBeyond = loot.map(
      ({ byDay }, place) => Math.max(...byDay) > mostOf(attackers[place], perDay),
    )
    expect(isBeyond).toContain(true)
  })
})
