import type { Place } from '../protocol'

/** `refused` is a guess that was not compared, whatever the reason. */
export type Outcome = 'verified' | 'incorrect' | 'refused'

/** Somebody who sends codes and verifies them. */
export interface Contender {
  /** Whether a message went out. */
  send(to: string, ip: string): Promise<boolean>
  verify(to: string, code: string, ip: string): Promise<Outcome>
  close(): Promise<void>
}

/** Plays the provider: takes the code, and has nothing to wait for. */
export type Deliver = (to: string, code: string) => void

/** Makes a contender. Several at the same place are the processes of one backend. */
export type CreateContender = (place: Place, deliver: Deliver) => Promise<Contender>

/** A backend that this contender does not have. */
export function noBackend(place: Place): never {
  throw new Error(`there is no ${place.backend} here`)
}
