import { seededIntegers } from '../../src/testing/random'

/** Random draws that are the same for the same seed. */
export interface Random {
  /** From 0 up to, not including, 1. */
  unit(): number
  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number
  chance(probability: number): boolean
  /** How many of something come that so many are expected of. */
  poisson(mean: number): number
  /** A place in a list, the earlier ones far more often: place i with weight 1 / (i + 1). */
  popular(length: number): number
  /** Around a median, with a long tail: half of them within a factor of `spread` to the third. */
  around(median: number, spread: number): number
}

export function createRandom(seed: number): Random {
  const below = seededIntegers(seed)
  const steps = 2 ** 30
  const unit = () => below(steps) / steps
  const normal = () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit())

  return {
    unit,
    below,
    chance: (probability) => unit() < probability,
    poisson: (mean) => {
      // Beyond this the product of the other way would be too small a number.
      if (mean > 500) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
      let count = -1
      for (let left = Math.exp(mean); left >= 1; left *= unit()) count += 1
      return count
    },
    popular: (length) => {
      const weight = (place: number) => Math.log(place + 1)
      return Math.min(length - 1, Math.floor(Math.exp(unit() * weight(length)) - 1))
    },
    around: (median, spread) => median * spread ** normal(),
  }
}
