import type { Conversions } from '../conversion'
import { randomText } from '../internal/crypto'
import { type Core, keepAlive, quietly } from './context'
import { type Keyring, openData, sealData } from './keyring'
import type { Labels } from './labels'

/** Those who are told that a code was used, by provider. */
export type ConversionsByProvider = ReadonlyMap<string, Conversions>

/** What names one challenge in the store and in faults. */
type Place = Pick<Labels, 'id' | 'label'>

/**
 * Keeps which message carries the code of a challenge, as long as the challenge lives, for whichever
 * process verifies it. The newest message takes the place of those before it.
 */
export function keepMessage(
  core: Core,
  { id, label }: Place,
  provider: string,
  messageId: string | undefined,
  ttlMs: number,
): Promise<void> | undefined {
  const { keys, conversions } = core.settings
  if (messageId === undefined || !conversions.has(provider)) return undefined
  return quietly(core, label, 'conversion', async () => {
    const place = placeOf(keys, id, label)
    const text = JSON.stringify([provider, messageId])
    const data = await sealData(keys, keys.signing[0], randomText(), place, text)
    // Nobody can compute a random digest from a code, so nothing ever verifies it.
    await core.database.put({ id: place, digest: randomText(), attempts: 1, ttlMs, data })
  })
}

/** Tells the provider behind the answer that the code in its message was used. */
export function reportVerified(core: Core, { id, label }: Place): void {
  const { keys, conversions } = core.settings
  if (conversions.size === 0) return
  const work = quietly(core, label, 'conversion', async () => {
    const place = placeOf(keys, id, label)
    const stored = await core.database.get(place)
    if (stored === null) return
    // Before it is told: what cannot be taken away could be told twice.
    await core.database.delete(place, stored.digest)
    const opened = await openData(keys, place, stored.data)
    if (opened === null) return
    const [provider, messageId]: readonly string[] = JSON.parse(opened.text)
    if (provider === undefined || messageId === undefined) return
    await conversions.get(provider)?.verified(messageId)
  })
  keepAlive(core, label, work)
}

function placeOf(keys: Keyring, id: string, label: string): string {
  return [keys.index('conversion', id), label].join('')
}
