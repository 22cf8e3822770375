import type { Attacker } from './attackers'

/** What docs/guard.md promises for an app of so many people a day, of whom three quarters verify. */
export function mostOf(attacker: Attacker | undefined, people: number): number {
  // So many live in the country that is attacked, and a day may be a quarter busier than its mean.
  const verified = 1.25 * 0.65 * 0.75 * people
  const [country, growth] = [73 + 2.41 * verified, 200 + 3 * verified]
  switch (attacker?.stoppedBy) {
    case 'block': {
      // What it verifies makes room, at 3.42 messages for each, and by luck it verifies more at first.
      const { verifies = 0, resends = 0 } = attacker
      const mean = (23 * (1 + resends * verifies)) / (1 - 4.42 * verifies)
      return verifies === 0 ? 23 : 2.5 * mean
    }
    case 'country':
      return country
    default:
      return growth
  }
}
