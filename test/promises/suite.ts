import { describe, it } from 'vitest'
import type { PlaceKind } from './places'
import { promisesOver } from './promises'

/** Runs what managers promise over each of these kinds of places. */
export function testPromises(kinds: readonly PlaceKind[]): void {
  const seed = Number(process.env.OTPKIT_SEED ?? Date.now() % 2 ** 32)
  for (const kind of kinds) {
    describe(`four managers far away from ${kind.name} (OTPKIT_SEED=${seed})`, () => {
      for (const [name, check] of Object.entries(promisesOver(kind))) {
        it(name, () => check({ kind, seed }))
      }
    })
  }
}
