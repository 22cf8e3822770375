import type { Setting } from './backend'
import { faultPromises, faultPromisesOfDatabases, faultPromisesOfPairs } from './faults'
import { guessPromises } from './guesses'
import type { PlaceKind } from './places'
import { relayPromises } from './relays'
import { sendPromises, sendPromisesOfDatabases } from './sends'
import { testRecipientPromises } from './test-recipients'

/** What a manager promises, by what must hold: each rejects with what was seen instead. */
export type Promises = Readonly<Record<string, (setting: Setting) => Promise<void>>>

/** What managers promise over places of this kind. */
export function promisesOver({ isDatabase }: PlaceKind): Promises {
  return {
    ...guessPromises,
    ...sendPromises,
    ...relayPromises,
    ...testRecipientPromises,
    ...faultPromises,
    ...(isDatabase
      ? { ...sendPromisesOfDatabases, ...faultPromisesOfDatabases }
      : faultPromisesOfPairs),
  }
}
