import type { HistoryEvent } from '../history'
import type { Explained } from '../results'
import type { Answer } from './data'

export interface FindRequest {
  /** A number or an address, as somebody types it. */
  readonly to: string
  readonly channel: string
  readonly purpose: string
}

export interface Person extends Answer {
  /** Masked: the full one is in no answer. */
  readonly recipient: string
  readonly events: readonly HistoryEvent[]
  /** What stands in the way of the next message and the next guess. */
  readonly explained: Explained
}

export interface UnlockRequest {
  readonly to: string
}

export interface Unlocked extends Answer {
  readonly recipient: string
}
