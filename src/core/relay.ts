import type { Invalid, Refused, Relayed } from '../results'

/** What handing over a message came to. */
export type RelayResult = Relayed | Refused | Invalid
