import type { Attacker } from './attackers'

/** What docs/guard.md promises for an app of so many people a day, of whom three quarters verify. */
export function mostOf(attacker: Attacker | undefined, people: number): number {
  // Seven of ten live in the country that is attacked, and a day may be a quarter busier than its mean.
  const verified = 1.25 * 0.7 * 0.75 * people
  const [country, growth] = [73 + 2.41 * verified, 200 + 3 * verified]
  switch (attacker?.stoppedBy) {
    case 'block':
      // Of a hundred blocks in a hundred days one may have a little more luck.
      return (attacker.verifies ?? 0) > 0 ? 100 : 25
    case 'country':
      return country
    default:
      return growth
  }
}
