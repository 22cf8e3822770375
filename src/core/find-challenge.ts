import { parseRecipient, type Recipient } from '../input/recipient'
import type { StoredChallenge } from '../store'
import { type OpenedChallenge, openState } from './challenge'
import type { Core } from './context'
import type { PurposeSettings } from './purposes'

/** A living challenge that this configuration can still read. */
export interface FoundChallenge {
  readonly challenge: StoredChallenge
  readonly opened: OpenedChallenge
  readonly purpose: PurposeSettings
  readonly recipient: Recipient
}

/** What stands under an id; `null` when it is gone or used, or its key or its purpose is gone. */
export async function findChallenge(core: Core, id: string): Promise<FoundChallenge | null> {
  const { keys, purposes } = core.settings
  const challenge = await core.database.get(id)
  if (challenge === null || challenge.used) return null
  const opened = await openState(keys, id, challenge.data)
  const purpose = opened && purposes.get(opened.state.purpose)
  // The recipient was served when the challenge was made, whatever `countries` says now.
  const known = opened && parseRecipient(opened.state.recipient, { countries: 'any' })
  if (!opened || !purpose || !known?.ok) return null
  return { challenge, opened, purpose, recipient: known.recipient }
}
